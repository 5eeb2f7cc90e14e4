"""The page's picture: the center of the picked one, cropped to a square that the browser can transform."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.images.pictures import Picture, center_square, to_gray
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.widgets import picture_picker
from core.ui.widgets.picture_picker import PickedPicture

SIZE = 256  # px: a power of two, for the transform in the browser, and small enough to keep up with dragging


@dataclass(frozen=True, slots=True, eq=False)
class InputPicture:
    """A picture of SIZE x SIZE pixels, with its title and alternative text."""

    key: str  # equal keys are equal pictures
    title: str
    alt: str
    image: Picture  # (SIZE, SIZE) or (SIZE, SIZE, 3), float32 in [0, 1]

    @property
    def gray(self) -> Picture:
        """Return its brightness, (SIZE, SIZE)."""
        return to_gray(self.image)


def pick(settings: Settings) -> InputPicture:
    """Draw the picture picker beside its caption, and return the picture."""
    left, right = column_grid.side_and_main(align="bottom")
    with left:
        chosen = picture_picker.pick(settings, "f_")
    with right:
        st.caption(f"{chosen.alt}. Its central square, {SIZE} × {SIZE} px. {chosen.credit}")
    return from_chosen(chosen)


def from_chosen(chosen: PickedPicture) -> InputPicture:
    """Return the central square of the picked picture."""
    return InputPicture(chosen.key, chosen.title, chosen.alt, _squared(chosen.key, chosen.picture))


@st.cache_data(max_entries=64, show_spinner=False)
def _squared(key: str, _picture: Picture) -> Picture:
    return np.ascontiguousarray(center_square(_picture, SIZE))
