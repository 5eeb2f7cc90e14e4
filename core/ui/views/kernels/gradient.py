"""Edge strength and direction: the gradient of a picture, its size as brightness and its angle as hue."""

import numpy as np
import streamlit as st

from core.images.display import angle_as_hue, to_bytes
from core.images.edges import GRADIENTS, gradient
from core.ui.components import image_row
from core.ui.display import image_colors, numbers
from core.ui.state.settings import Settings
from core.ui.widgets.picture_picker import PickedPicture

DEFAULTS = {"k_gradient": "sobel"}
_WHEEL = 97  # px


def show(settings: Settings, chosen: PickedPicture) -> None:
    """Draw strength and direction, with the wheel that says which hue is which direction."""
    kind = settings.segments(
        "k_gradient",
        "Derivative",
        GRADIENTS,
        format=str.capitalize,
        help="The pair of kernels, one across and one down, that measures the slope",
    )
    found = gradient(chosen.picture, kind)
    limit = float(np.percentile(found.magnitude, 99.5)) or 1.0
    most = numbers.rounded(limit)
    image_row.side_by_side(
        [
            image_row.Figure(
                to_bytes(found.magnitude / limit),
                f"{chosen.alt}: how strong each edge is",
                f"Strength √(x² + y²): white from {most} a pixel on",
            ),
            image_row.Figure(
                to_bytes(angle_as_hue(found.magnitude, found.angle, limit)),
                f"{chosen.alt}: the direction of each edge as a color",
                "Direction as hue, strength as brightness",
            ),
        ],
        key="k_strength",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=_WHEEL + 2):
            alt = "The wheel of directions: red is right, yellow-green up, cyan left, violet down"
            image_row.side_by_side([image_row.Figure(_wheel(), alt, key="wheel")], key="k_wheel", width=_WHEEL)
        st.markdown(
            "The hue says **which way the picture gets brighter**: red to the right, yellow-green upward, cyan to the "
            "left, violet downward. One kernel across and one down are enough to know strength and direction.",
            width=520,
        )


def _wheel() -> image_colors.Bytes:
    """A ring in which each place has the hue of its direction from the middle: (_WHEEL, _WHEEL, 4)."""
    place = np.arange(_WHEEL) - _WHEEL // 2
    y, x = place[:, None], place[None, :]
    radius = np.hypot(y, x)
    ring = np.clip(_WHEEL / 2 - radius, 0, 1) * np.clip(radius - _WHEEL / 5, 0, 1)
    hues = angle_as_hue(np.ones_like(ring), np.arctan2(-y, np.broadcast_to(x, ring.shape)))
    return np.dstack([to_bytes(hues), to_bytes(ring)])
