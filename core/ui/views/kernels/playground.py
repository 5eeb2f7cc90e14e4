"""The main part of the page: the pickers and the inspector."""

from dataclasses import dataclass

import streamlit as st

from core.images.filter_chain import Filter
from core.ui.components import delayed_rerun
from core.ui.layout import page_frame
from core.ui.state import query
from core.ui.state.settings import Settings
from core.ui.views.kernels import kernel_picker, pixel_inspector
from core.ui.widgets import picture_picker
from core.ui.widgets.picture_picker import PickedPicture

STATE_KEY = "k_look"


@dataclass(frozen=True, slots=True, eq=False)
class PlaygroundState:
    """The picture and the filter that the page shows."""

    chosen: PickedPicture
    filtered: PickedPicture  # the filter's input: the same picture, or its luminance
    kernel: Filter


def latest() -> PlaygroundState:
    """Return the state that `show` drew last in this session."""
    state: PlaygroundState = st.session_state[STATE_KEY]
    return state


@st.fragment
def show(settings: Settings) -> None:
    """Draw the control row and the inspector."""
    with page_frame.controls():
        chosen = picture_picker.pick(settings, "k_")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content"):
            entry, weights = kernel_picker.kernel(settings)
            with st.popover("Settings", help="How the kernel treats the color channels"):
                colors = kernel_picker.colors(settings, chosen)
                preset = kernel_picker.preset(settings, entry, weights, is_deep=colors == "depth")
    source = chosen.gray() if colors == "luminance" else chosen
    with page_frame.stage(694):
        current = pixel_inspector.show(source, entry, preset)
    pixel_inspector.undo()
    query.note_fact("kernel_sum", round(kernel_picker.total(current), 6))
    st.session_state[STATE_KEY] = PlaygroundState(chosen, source, current)
    delayed_rerun.moved(STATE_KEY, (source.key, current))
