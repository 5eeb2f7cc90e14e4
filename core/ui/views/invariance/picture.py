"""Pick the picture to transform: an MNIST test digit, a CIFAR-10 test picture, or an upload."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data import cifar10
from core.images.pictures import Picture, PictureError, fit_to_network
from core.images.rendering import to_bytes
from core.ui import messages
from core.ui.backend import client, measurements
from core.ui.components import drawing_pad
from core.ui.components.picture_strip import OwnPicture
from core.ui.display.english import with_article
from core.ui.state.settings import Settings
from core.ui.widgets import picture_picker, picture_strip
from core.ui.widgets.picture_strip import DatasetSource, Pictures

DIGIT, PICTURE, OWN = "digit", "picture", "own"
DRAWN = picture_strip.DRAW.value
PAD_SIDE = 196  # px: seven times MNIST's 28
KIND = "i_take"
OWN_NUMBER = "i_own"
DEFAULTS: dict[str, Any] = {KIND: DIGIT, "i_digit": 12, "i_picture": 1, OWN_NUMBER: 0}


@dataclass(frozen=True, slots=True, eq=False)
class InputPicture:
    """A picture to transform, and the classes of the networks that take it."""

    kind: str  # DIGIT, PICTURE or OWN
    learned: str  # identity of its networks' training data: "mnist", "mnist-5k", "cifar10", ...
    tested: str  # identity of its test set; "" if there is none here
    classes: tuple[str, ...]
    pixels: NDArray[np.uint8]  # (C, H, W)
    truth: int | None  # index of its class; None if unknown
    title: str  # what it shows: "A 7"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return (C, H, W)."""
        depth, height, width = self.pixels.shape
        return depth, height, width

    @property
    def noun(self) -> str:
        """Return the word for this kind of picture."""
        return "digit" if self.kind == DIGIT else "picture"


def on_screen(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Move channels last for display: (C, H, W) -> (H, W) or (H, W, 3)."""
    return picture[0] if len(picture) == 1 else np.ascontiguousarray(np.moveaxis(picture, 0, 2))


def pick(settings: Settings) -> InputPicture:
    """Draw the picker and return the picture. Raises DataError."""
    own_sets = picture_picker.own_sets(OWN_NUMBER)
    kind = picture_strip.pick(
        settings,
        KIND,
        datasets=[
            DatasetSource(DIGIT, "Test digits", "i_digit", partial(_pictures, "mnist"), "digit"),
            DatasetSource(PICTURE, "CIFAR-10", "i_picture", partial(_pictures, "cifar10"), "picture", waits=True),
            *own_sets,
        ],
        own=[picture_strip.DRAW, OwnPicture(OWN, "Upload your picture", "upload")],
        help="Digits go to the networks trained on MNIST, pictures to those trained on CIFAR-10. Yours is cropped "
        "to a square and resized to 32 × 32 pixels.",
    )
    if kind == DRAWN:
        return _drawn()
    is_of_set = kind in {own.name for own in own_sets}
    if kind != OWN and not is_of_set:
        return _of_test_set(kind, st.session_state["i_digit" if kind == DIGIT else "i_picture"])
    info = client.cifar10()
    tested = "" if info.standin else info.name
    pixels, title = _of_own_set(kind) if is_of_set else _own_picture()
    return InputPicture(OWN, "cifar10", tested, cifar10.INFO.classes, pixels, None, title)


def _pictures(name: str) -> Pictures:
    return Pictures.test(measurements.test_set(name))


def _drawn() -> InputPicture:
    """Return the digit that the visitor draws; a test digit until there is one."""
    with picture_strip.own_field(KIND, "Your digit"):
        digit = drawing_pad.drawn_digit("i_pad", PAD_SIDE)
    until = _of_test_set(DIGIT, DEFAULTS["i_digit"])
    if digit is None:
        return replace(until, title=f"{until.title}, until you draw a digit")
    return replace(until, pixels=digit[None], truth=None, title="Your digit")


def _of_test_set(kind: str, index: int) -> InputPicture:
    """Return a picture of a test set."""
    test_set = measurements.test_set("mnist" if kind == DIGIT else "cifar10")
    info, truth = test_set.info, int(test_set.test_labels[index])
    title = with_article(info.classes[truth])
    return InputPicture(
        kind, info.name, info.name, info.classes, test_set.test_images[index], truth, title[0].upper() + title[1:]
    )


def _of_own_set(name: str) -> tuple[NDArray[np.uint8], str]:
    """Return a picture of a set that somebody brought at CIFAR-10's size, and its title."""
    picked = picture_picker.from_dataset(name, st.session_state[OWN_NUMBER])
    return _fitted(picked.picture), picked.title


def _fitted(picture: Picture) -> NDArray[np.uint8]:
    planes = np.atleast_3d(fit_to_network(picture, cifar10.INFO.shape))
    return np.ascontiguousarray(np.moveaxis(to_bytes(planes), 2, 0))


def _own_picture() -> tuple[NDArray[np.uint8], str]:
    """Return the uploaded picture at CIFAR-10's size, and its title; one of the app's until there is a valid upload."""
    upload = None
    with picture_strip.own_field(KIND, "Your picture"):
        try:
            upload = picture_picker.uploaded("i_upload", "upload", done=partial(picture_strip.close, KIND))
        except PictureError as error:
            messages.error(error)
    chosen = upload or picture_picker.from_samples("cat")
    title = chosen.title if upload else "The app's cat, until you upload a picture"
    return _fitted(chosen.picture), title
