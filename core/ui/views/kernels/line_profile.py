"""Line profile: brightness along a line before and after the kernel; edges are where it is steep."""

import numpy as np
import streamlit as st

from core.images import rendering
from core.images.filter_chain import Filter
from core.images.kernels import KernelError
from core.images.pictures import to_gray
from core.ui import messages
from core.ui.components.line_profile import profile
from core.ui.views.kernels import kernel_picker
from core.ui.widgets.picture_picker import PickedPicture

MAX_SIDE = 128  # px


def show(chosen: PickedPicture, current: Filter) -> None:
    """Draw both pictures, the line and its two profiles, at stride 1 so that positions correspond."""
    picture = rendering.downscale(chosen.picture, MAX_SIDE)
    before = to_gray(picture)
    step = Filter(current.grids, padding="edge", dilation=current.dilation)
    try:
        after = step.apply(picture if len(step.grids) == 3 else before)
    except KernelError as refusal:
        messages.error(refusal)
        return
    st.markdown("Drag the line or one of its ends. Derivative kernels respond where the upper curve is steep.")
    signed = bool(np.min(step.grids) < 0)
    profile(before, after, gain=kernel_picker.total(step), signed=signed, key="k_profile")
