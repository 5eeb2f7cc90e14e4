"""The picture that is augmented, small enough to see its pixels, and the one that Mixup and CutMix mix it with."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.data import DataError
from core.images.pictures import Picture, center_square, to_grey
from core.ui.run_panels import machine_status
from core.ui.state.settings import Settings
from core.ui.widgets import picture_picker
from core.ui.widgets.picture_picker import PickedPicture

SIDE = 72  # px that larger pictures are brought to
LEAST = 28  # px that smaller ones are brought to: steps mirror the picture at its edges, and need some of it
DEFAULTS = picture_picker.defaults("a_", "mnist")


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A picture (H, W) or (H, W, 3) float32 in [0, 1], one to mix it with, and where it lies in its dataset."""

    key: str
    title: str
    alt: str
    picture: Picture
    other: Picture
    index: int
    is_digit: bool

    @property
    def size(self) -> str:
        """For a caption."""
        height, width = self.picture.shape[:2]
        return f"{height} × {width} px, {1 if self.picture.ndim == 2 else 3} channel{'s' * (self.picture.ndim == 3)}"


def pick(settings: Settings) -> Subject:
    """Draw the picker and prepare what was chosen."""
    chosen = picture_picker.pick(settings, "a_")
    name = st.session_state["a_picture"]
    index, other = 0, picture_picker.from_samples("coffee" if name != "coffee" else "cat")
    machine_status.data_line(name)
    if name in machine_status.SETS:
        with suppress(DataError):  # the picker has said so, and shows a picture of the app's instead
            index = int(st.session_state["a_image"])
            other = picture_picker.from_dataset(name, index + 1)
    picture = _small(chosen)
    return Subject(
        key=chosen.key,
        title=chosen.title,
        alt=chosen.alt,
        picture=picture,
        other=_like(other.picture, picture),
        index=index,
        is_digit=name == "mnist",
    )


def _small(chosen: PickedPicture) -> Picture:
    height, width = chosen.picture.shape[:2]
    if LEAST <= height <= SIDE and LEAST <= width <= SIDE:
        return chosen.picture.astype(np.float32)
    return center_square(chosen.picture, min(max(min(height, width), LEAST), SIDE)).astype(np.float32)


def _like(other: Picture, picture: Picture) -> Picture:
    """The other picture with the size and the channels of the first."""
    made = to_grey(other) if picture.ndim == 2 else other
    if made.ndim < picture.ndim:
        made = np.repeat(made[:, :, None], 3, axis=2)
    if made.shape[:2] != picture.shape[:2]:
        height, width = picture.shape[:2]
        made = center_square(made, max(height, width))[:height, :width]
    return made.astype(np.float32)
