"""After training: ask the networks, see what they mistake, shuffle their pixels, take them with you."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.ui.run_panels import export
from core.ui.run_panels.trained_run import Trained
from core.ui.views.mnist import mistakes, shuffled_pixels, try_digit
from core.ui.views.mnist.networks import Contender
from core.ui.widgets import tabs

SECTIONS = {
    "Ask them a digit": try_digit.show,
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
    contents[SHUFFLED] = partial(shuffled_pixels.show, contenders)
    tabs.show("m_tab", contents, names=("digit", "mistakes", "export", "shuffled"))
