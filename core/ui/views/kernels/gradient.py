"""Edge strength and direction: gradient magnitude as brightness, gradient angle as hue."""

import numpy as np
import streamlit as st

from core.images.edges import GRADIENTS, gradient
from core.images.rendering import angle_as_hue, full_size, to_bytes
from core.ui.components import image_row
from core.ui.display import image_colors, numbers
from core.ui.state.settings import Settings
from core.ui.widgets.picture_picker import PickedPicture

DEFAULTS = {"k_gradient": "sobel"}
_WHEEL_SIDE = 97  # px


def show(settings: Settings, chosen: PickedPicture) -> None:
    """Draw gradient magnitude and direction, with a color wheel as legend."""
    kind = settings.segments(
        "k_gradient",
        "Derivative",
        GRADIENTS,
        format=str.capitalize,
        help="The pair of kernels, horizontal and vertical, that estimates the gradient",
    )
    result = gradient(chosen.picture, kind)
    limit = full_size(result.magnitude, 99.5)
    image_row.side_by_side(
        [
            image_row.Figure(
                to_bytes(result.magnitude / limit),
                f"{chosen.alt}: how strong each edge is",
                f"Strength √(x² + y²): values above {numbers.rounded(limit)} are white",
            ),
            image_row.Figure(
                to_bytes(angle_as_hue(result.magnitude, result.angle, limit)),
                f"{chosen.alt}: the direction of each edge as a color",
                "Direction as hue, strength as brightness",
            ),
        ],
        key="k_strength",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=_WHEEL_SIDE + 2):
            alt = "Color wheel of directions: red is right, yellow-green up, cyan left, violet down"
            image_row.side_by_side([image_row.Figure(_wheel(), alt, key="wheel")], key="k_wheel", width=_WHEEL_SIDE)
        st.markdown(
            "The hue shows **in which direction the picture gets brighter**: red to the right, yellow-green upward, "
            "cyan to the left, violet downward. One horizontal and one vertical kernel are enough for both.",
            width=520,
        )


def _wheel() -> image_colors.Bytes:
    """Return a ring whose hue is the direction from its center: RGBA, (_WHEEL_SIDE, _WHEEL_SIDE, 4)."""
    offset = np.arange(_WHEEL_SIDE) - _WHEEL_SIDE // 2
    y, x = offset[:, None], offset[None, :]
    radius = np.hypot(y, x)
    ring = np.clip(_WHEEL_SIDE / 2 - radius, 0, 1) * np.clip(radius - _WHEEL_SIDE / 5, 0, 1)
    hues = angle_as_hue(np.ones_like(ring), np.arctan2(-y, np.broadcast_to(x, ring.shape)))
    return np.dstack([to_bytes(hues), to_bytes(ring)])
