"""The main part of the page: the pickers, the inspector and the picture before and after filtering."""

from dataclasses import dataclass

import streamlit as st

from core.images.chain import Filter
from core.images.pictures import Picture
from core.ui.components import on_rest
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.kernels import before_after, kernel_picker, pixel_inspector
from core.ui.widgets import picture_picker
from core.ui.widgets.picture_picker import PickedPicture

STATE_KEY = "k_look"


@dataclass(frozen=True, slots=True, eq=False)
class PlaygroundState:
    """The picture, the filter and the response that the page shows."""

    chosen: PickedPicture
    filtered: PickedPicture  # the filter's input: the same picture, or its luminance
    kernel: Filter
    response: Picture | None  # None if the kernel does not fit on the picture


def latest() -> PlaygroundState:
    """Return the state that `show` drew last in this session."""
    state: PlaygroundState = st.session_state[STATE_KEY]
    return state


@st.fragment
def show(settings: Settings) -> None:
    """Draw the pickers, the inspector, the picture before and after, and what to notice."""
    left, middle, right = st.columns([3, 5, 4], gap="medium")
    with left:
        chosen = picture_picker.pick(settings, "k_")
    with middle:
        entry, weights = kernel_picker.kernel(settings)
    with right:
        colors = kernel_picker.colors(settings, chosen)
        preset = kernel_picker.preset(settings, entry, weights, is_deep=colors == "depth")
    heading = st.container()  # drawn once the inspector has said whether the weights are still the catalogue's
    source = chosen.gray() if colors == "luminance" else chosen
    current = pixel_inspector.show(source, preset)
    heading.caption(kernel_picker.heading(entry, current))
    response = before_after.show(source, current)
    page_frame.notice(
        kernel_picker.describe_sum(current),
        before_after.strongest(response),
        "Change a weight in the kernel, or point at one: every pixel it touches lights up.",
    )
    st.session_state[STATE_KEY] = PlaygroundState(chosen, source, current, response)
    on_rest.moved(STATE_KEY, (source.key, current))
