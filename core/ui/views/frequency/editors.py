"""The page's two editors with undo and redo: waves, and a filter drawn on a picture's spectrum."""

from dataclasses import replace

import streamlit as st

from core.ui.components import spectrum
from core.ui.components.spectrum.state import FilterState
from core.ui.components.undo_redo import undo_redo
from core.ui.views.frequency.picture import InputPicture


@st.fragment
def waves() -> None:
    """Draw the wave editor."""
    with st.container(key="editor_waves"):
        undo_redo("waves", spectrum.waves(), spectrum.restore, what="the waves")


def drawn_filter(picked: InputPicture) -> FilterState:
    """Draw the picture's spectrum with the filter editor and return the filter. Its view is not an undo step."""
    with st.container(key="editor_filter"):
        drawn = spectrum.filtering(picked.image, picked.alt)
        undo_redo(
            "spectrum_filter",
            replace(drawn, f_view=FilterState().f_view),
            lambda before: spectrum.restore(replace(before, f_view=drawn.f_view)),
            what="the filter",
        )
    return drawn
