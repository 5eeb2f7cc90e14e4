"""The picture to augment, small enough to see its pixels, and the one that Mixup and CutMix mix it with."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.data import DataError
from core.images.pictures import Picture, center_square, to_gray
from core.ui.run_panels import machine_status
from core.ui.state.settings import Settings
from core.ui.widgets import picture_picker
from core.ui.widgets.picture_picker import PickedPicture

MAX_SIDE = 60  # px: larger pictures are reduced to it; twice as large they fill a tile
MIN_SIDE = 28  # px: smaller pictures are enlarged to it, as steps mirror the picture at its edges
DEFAULTS = picture_picker.defaults("a_", "mnist")


@dataclass(frozen=True, slots=True, eq=False)
class InputPicture:
    """A picture (H, W) or (H, W, 3) float32 in [0, 1], one to mix it with, their labels, and the picture's index."""

    key: str
    title: str
    alt: str
    picture: Picture
    other: Picture
    index: int
    is_digit: bool
    label: str
    other_label: str

    @property
    def is_gray(self) -> bool:
        """Return whether it has one channel."""
        return self.picture.ndim == 2

    @property
    def size(self) -> str:
        """Return the size for a caption."""
        height, width = self.picture.shape[:2]
        return f"{height} × {width} px, {1 if self.picture.ndim == 2 else 3} channel{'s' * (self.picture.ndim == 3)}"


def pick(settings: Settings) -> InputPicture:
    """Draw the picker and return the picture at its working size."""
    chosen = picture_picker.pick(settings, "a_")
    name = st.session_state["a_picture"]
    index, other = 0, picture_picker.from_samples("coffee" if name != "coffee" else "cat")
    if name in machine_status.SETS:
        with suppress(DataError):  # the picker has shown the error, and uses one of the app's pictures
            index = int(st.session_state.get("a_image", 0))
            other = picture_picker.from_dataset(name, index + 1)
    picture = _small(chosen)
    return InputPicture(
        key=chosen.key,
        title=chosen.title,
        alt=chosen.alt,
        picture=picture,
        other=_like(other.picture, picture),
        index=index,
        is_digit=name == "mnist",
        label=_label(chosen),
        other_label=_label(other),
    )


def data_line() -> None:
    """Say what stands in for a dataset that is not on this machine."""
    machine_status.data_line(st.session_state["a_picture"])


def _label(picked: PickedPicture) -> str:
    """Return the class of a picture; of one without a class, its name."""
    return picked.label or picked.title.lower()


def _small(chosen: PickedPicture) -> Picture:
    height, width = chosen.picture.shape[:2]
    if MIN_SIDE <= height <= MAX_SIDE and MIN_SIDE <= width <= MAX_SIDE:
        return chosen.picture.astype(np.float32)
    return center_square(chosen.picture, min(max(min(height, width), MIN_SIDE), MAX_SIDE)).astype(np.float32)


def _like(other: Picture, picture: Picture) -> Picture:
    """Return the other picture with the size and the channels of the first."""
    matched = to_gray(other) if picture.ndim == 2 else other
    if matched.ndim < picture.ndim:
        matched = np.repeat(matched[:, :, None], 3, axis=2)
    if matched.shape[:2] != picture.shape[:2]:
        height, width = picture.shape[:2]
        matched = center_square(matched, max(height, width))[:height, :width]
    return matched.astype(np.float32)
