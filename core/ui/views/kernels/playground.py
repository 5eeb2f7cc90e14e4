"""The picture, the kernel and both pictures: all that a move of a slider draws at once."""

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

NAME = "k_look"


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is being looked at, and through which kernel."""

    chosen: PickedPicture
    seen: PickedPicture  # the same picture, or its luminance
    kernel: Filter
    answer: Picture | None  # None where the kernel does not fit on the picture


def latest() -> Look:
    """What `show` has drawn last in this session."""
    look: Look = st.session_state[NAME]
    return look


@st.fragment
def show(settings: Settings) -> None:
    """Draw the pickers, the inspector, both whole pictures and what to notice in them."""
    left, middle, right = st.columns([3, 5, 4], gap="medium")
    with left:
        chosen = picture_picker.pick(settings, "k_")
    with middle:
        entry, weights = kernel_picker.kernel(settings)
    with right:
        colors = kernel_picker.colors(settings, chosen)
        preset = kernel_picker.preset(settings, entry, weights, is_deep=colors == "depth")
    st.caption(f"**{entry.title}** ({entry.family}). {entry.why}")
    seen = chosen.gray() if colors == "luminance" else chosen
    current = pixel_inspector.show(seen, preset)
    answer = before_after.show(seen, current)
    page_frame.notice(
        kernel_picker.summed_up(current),
        before_after.strongest(answer)
        if answer is not None
        else "There is no answer: the kernel does not fit on the picture.",
        "Change a weight in the kernel, or point at one: every pixel it touches lights up.",
    )
    st.session_state[NAME] = Look(chosen, seen, current, answer)
    on_rest.moved(NAME, (seen.key, current))
