"""Color and gray pictures as arrays: the three color planes, and how they are combined into one gray plane."""

import streamlit as st

from core.images import rendering
from core.ui.components.color_channels import channels
from core.ui.widgets.picture_picker import PickedPicture, from_samples

MAX_SIDE = 80  # px


def show(chosen: PickedPicture) -> None:
    """Draw the color planes. For a gray picture, use a color picture of the app instead."""
    if not chosen.is_color:
        st.caption(f"{chosen.title} is gray: one plane, {chosen.size}. The astronaut below is in color.")
        chosen = from_samples("astronaut")
    channels(rendering.downscale(chosen.picture, MAX_SIDE), alt=chosen.alt, key="k_channels")
