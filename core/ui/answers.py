"""After training: ask the networks, see what they mistake, shuffle their pixels, take them with you."""

from collections.abc import Sequence

import streamlit as st

from core.ui import asking, downloads, mistakes, shuffling
from core.ui.contenders import Contender
from core.ui.trained import Trained

SECTIONS = {
    "Ask them a digit": asking.show,
    "Where they err": mistakes.show,
    "Take it with you": downloads.show,
}
SHUFFLED = "What shuffled pixels do"


def show(trained: Sequence[Trained], contenders: Sequence[Contender]) -> None:
    """Draw the tabs; only the open one does any work."""
    tabs = st.tabs([*SECTIONS, SHUFFLED], key="m_tab", on_change="rerun")
    for tab, section in zip(tabs, SECTIONS.values(), strict=False):
        if tab.open:
            with tab:
                if trained:
                    section(trained)
                else:
                    st.markdown("There is something to see here once a network is trained: press Train above.")
    if tabs[-1].open:
        with tabs[-1]:
            shuffling.show(contenders)
