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
        steps = st.container(
            key="waves_steps"
        )  # above the waves, where there is room beside the examples: see frequency.css
        waves = spectrum.waves()
        with steps:
            undo_redo("waves", waves, spectrum.restore, what="the waves")


def drawn_filter(picked: InputPicture) -> None:
    """Draw the filter editor on the picture's spectrum, with undo and redo above it. Its view is not an undo step."""
    steps = st.container(key="filter_steps")
    drawn = spectrum.filtering(picked.image, picked.alt)
    with steps:
        undo_redo(
            "spectrum_filter",
            replace(drawn, f_view=FilterState().f_view),
            lambda before: spectrum.restore(replace(before, f_view=drawn.f_view)),
            what="the filter",
        )
