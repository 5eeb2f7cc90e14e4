"""After training: ask the networks, see what they mistake, shuffle their pixels, take them with you."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.ui import asking, mistakes, shuffling
from core.ui.contenders import Contender
from core.ui.run_panels import export
from core.ui.run_panels.trained_run import Trained
from core.ui.widgets import tabs

SECTIONS = {
    "Ask them a digit": asking.show,
    "Where they err": mistakes.show,
    "Take it with you": export.show,
}
SHUFFLED = "What shuffled pixels do"


def show(trained: Sequence[Trained], contenders: Sequence[Contender]) -> None:
    """Draw the tabs; only the open one does any work."""

    def draw(section: Callable[[Sequence[Trained]], None]) -> None:
        if trained:
            section(trained)
        else:
            st.markdown("There is something to see here once a network is trained: press Train above.")

    contents = {name: partial(draw, section) for name, section in SECTIONS.items()}
    tabs.show("m_tab", contents | {SHUFFLED: partial(shuffling.show, contenders)}, linked=False)
