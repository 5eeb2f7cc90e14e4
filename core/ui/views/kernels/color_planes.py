"""Color against gray as shapes: the H x W x 3 cube pulled apart, and how three numbers become one."""

import streamlit as st

from core.images import display
from core.ui.components.color_channels import channels
from core.ui.widgets.picture_picker import PickedPicture, from_samples

SIDE = 80


def show(chosen: PickedPicture) -> None:
    """Draw the planes. A gray picture has one, so a colored one of the app's own stands in."""
    if not chosen.is_color:
        st.caption(f"{chosen.title} is gray: one plane, {chosen.size}. The astronaut shows what a color picture has.")
        chosen = from_samples("astronaut")
    channels(display.downscale(chosen.picture, SIDE), alt=chosen.alt, key="k_channels")
