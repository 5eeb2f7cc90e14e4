"""Frequency: sine waves, a picture as their sum, and filters in the frequency domain."""

from collections.abc import Callable

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

page_frame.page("frequency", STYLE)
with page_frame.stage(698):
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


def tool(show: Callable[[Settings, picture.InputPicture], None]) -> None:
    """Draw a tool on the picture; the filter, which it does not use, stays in the URL."""
    spectrum.current_filter()
    show(settings, picture.pick(settings))


tabs.show(
    "f_tab",
    {
        "A picture is a sum of waves": filtered,
        "Low + high = picture": lambda: reconstruction.show(picture.pick(settings), spectrum.current_filter()),
        "Hybrid pictures": lambda: tool(hybrid.show),
        "Strongest waves": lambda: tool(strongest_waves.show),
        "Aliasing": lambda: tool(aliasing.show),
        "Convolution theorem": lambda: tool(convolution_theorem.show),
    },
    names=("filter", "sum", "hybrid", "strongest", "aliasing", "kernel"),
)

page_frame.onward("frequency")
