"""What a person drives on the page, with its steps to undo: waves, and a filter drawn on a picture's spectrum."""

from dataclasses import replace

import streamlit as st

from core.ui.components import spectrum
from core.ui.components.spectrum.state import FilterState
from core.ui.components.undo_redo import undo_redo
from core.ui.views.frequency.picture import Subject


@st.fragment
def waves() -> None:
    """Draw the waves to drive."""
    with st.container(key="editor_waves"):
        undo_redo("waves", spectrum.waves(), spectrum.restore, what="the waves")


def drawn_filter(picked: Subject) -> FilterState:
    """Draw the picture's spectrum with the filter on it, and return the filter. What of it is shown is no step."""
    with st.container(key="editor_filter"):
        drawn = spectrum.filtering(picked.image, picked.alt)
        undo_redo(
            "spectrum_filter",
            replace(drawn, f_view=FilterState().f_view),
            lambda before: spectrum.restore(replace(before, f_view=drawn.f_view)),
            what="the filter",
        )
    return drawn
