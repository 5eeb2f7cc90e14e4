"""A line over the picture: an edge is a steep place in it, and a derivative kernel finds steep places."""

import streamlit as st

from core.images import display
from core.images.chain import Filter
from core.images.kernels import KernelError
from core.images.pictures import to_grey
from core.ui import messages
from core.ui.components.line_profile import profile
from core.ui.views.kernels import kernel_picker
from core.ui.widgets.picture_picker import PickedPicture

SIDE = 128


def show(chosen: PickedPicture, current: Filter) -> None:
    """Draw the two pictures, the line and its two curves. The filter is applied at stride 1, so that places agree."""
    picture = display.downscale(chosen.picture, SIDE)
    before = to_grey(picture)
    step = Filter(current.grids, padding="edge", dilation=current.dilation)
    try:
        after = step.apply(picture if len(step.grids) == 3 else before)
    except KernelError as refusal:
        messages.error(refusal)
        return
    st.markdown("Drag the line, or one of its ends. Where the upper curve is steep, the derivative kernels answer.")
    profile(before, after, gain=kernel_picker.total(step), key="k_profile")
