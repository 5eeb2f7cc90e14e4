"""What the pooling page pools: a picture, made small enough to see its pixels, or one feature plane of it."""

import numpy as np
import streamlit as st

from core.images.catalogue import CATALOGUE
from core.images.kernels import convolve
from core.images.pictures import center_square, to_grey
from core.ui.state.settings import Settings
from core.ui.views.pooling.figures import Plane
from core.ui.widgets import picture_picker

PICTURE = "picture"  # no kernel
SIDES = [32, 64, 128]  # px
DEFAULTS = {**picture_picker.defaults("p_", "mnist"), "p_plane": PICTURE, "p_relu": True, "p_side": 64}


def pick(settings: Settings) -> Plane:
    """Draw the picker in two columns, and beside it what of the picture is pooled."""
    left, right = st.columns([4, 3], gap="medium")
    with left:
        chosen = picture_picker.pick(settings, "p_")
    image = chosen.picture
    with right:
        kernel = settings.choice(
            "p_plane",
            "What is pooled",
            [PICTURE, *CATALOGUE],
            format=lambda key: "The picture itself" if key == PICTURE else f"Its plane of {CATALOGUE[key].title}",
            help="In a network, pooling follows a convolution: it reads feature planes rather than pictures.",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if max(image.shape[:2]) > SIDES[0]:
                side = settings.segments(
                    "p_side",
                    "Made small, to (px)",
                    SIDES,
                    help="The picture's middle, as wide as high, at so many pixels a side. Fewer are easier to follow.",
                )
                image = center_square(image, min(side, *image.shape[:2]))
            if kernel == PICTURE:
                return Plane(image, chosen.title, chosen.alt)
            relu = settings.switch("p_relu", "ReLU first", help="What is below zero becomes zero before it is pooled.")
    plane, name = convolve(to_grey(image), CATALOGUE[kernel].kernel()), CATALOGUE[kernel].title
    return Plane(np.maximum(plane, 0) if relu else plane, f"{name} of {chosen.title}", f"{name} of: {chosen.alt}")
