"""Frequency: sine waves, a picture as their sum, and filters in the frequency domain."""

import streamlit as st

from core.ui.components import spectrum
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.frequency import (
    STYLE,
    aliasing,
    convolution_theorem,
    editors,
    hybrid,
    picture,
    reconstruction,
    strongest_waves,
)
from core.ui.widgets import picture_picker, tabs

page_frame.page("frequency")
st.html(STYLE)
with page_frame.stage():
    editors.waves()

settings = Settings(
    {
        **picture_picker.defaults("f_", "cat"),
        **hybrid.DEFAULTS,
        **strongest_waves.DEFAULTS,
        **aliasing.DEFAULTS,
        **convolution_theorem.DEFAULTS,
    }
)


def filtered() -> None:
    """Draw a filter on the picture's spectrum."""
    with st.container(key="editor_filter"):
        picked = picture.pick(settings)
        editors.drawn_filter(picked)


tabs.show(
    "f_tab",
    {
        "A picture is a sum of waves": filtered,
        "Low + high = picture": lambda: reconstruction.show(picture.pick(settings), spectrum.current_filter()),
        "Hybrid pictures": lambda: hybrid.show(settings, picture.pick(settings)),
        "Strongest waves": lambda: strongest_waves.show(settings, picture.pick(settings)),
        "Aliasing": lambda: aliasing.show(settings, picture.pick(settings)),
        "Convolution theorem": lambda: convolution_theorem.show(settings, picture.pick(settings)),
    },
    names=("filter", "sum", "hybrid", "strongest", "aliasing", "kernel"),
)

page_frame.onward("frequency")
