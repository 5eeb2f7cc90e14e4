"""The picture the page works on: the middle of the one that was picked, as a square the browser can transform."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.images.pictures import Picture, center_square, to_grey
from core.ui.widgets.picture_picker import PickedPicture

SIZE = 256  # px: a power of two, for the transform in the browser, and small enough for it to follow a drag


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A picture of SIZE x SIZE pixels, with its words."""

    key: str  # equal keys are equal pictures
    title: str
    alt: str
    image: Picture  # (SIZE, SIZE) or (SIZE, SIZE, 3), float32 in [0, 1]

    @property
    def gray(self) -> Picture:
        """Its brightness, (SIZE, SIZE)."""
        return to_grey(self.image)


def of(chosen: PickedPicture) -> Subject:
    """The middle of what was picked, as wide as high."""
    return Subject(chosen.key, chosen.title, chosen.alt, _squared(chosen.key, chosen.picture))


@st.cache_data(max_entries=64, show_spinner=False)
def _squared(key: str, _picture: Picture) -> Picture:
    return np.ascontiguousarray(center_square(_picture, SIZE))
