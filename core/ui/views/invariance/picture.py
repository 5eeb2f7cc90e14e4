"""Pick the picture to transform: an MNIST test digit, a CIFAR-10 test picture, or an upload."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from markupsafe import Markup, escape
from numpy.typing import NDArray

from core.data import cifar10
from core.images.display import to_bytes
from core.images.pictures import PictureError, fit_to_network
from core.ui import messages
from core.ui.backend import client, measurements
from core.ui.display import image_html, numbers
from core.ui.display.words import with_article
from core.ui.state.settings import Settings
from core.ui.widgets import picture_picker

DIGIT, PICTURE, OWN = "digit", "picture", "own"
TITLES = {DIGIT: "MNIST digit", PICTURE: "CIFAR-10 picture", OWN: "Your picture"}
NUMBER_KEYS = {DIGIT: "i_digit", PICTURE: "i_picture"}
DEFAULTS: dict[str, Any] = {"i_take": DIGIT, "i_digit": 12, "i_picture": 1}
SCREEN_WIDTH = 224  # px of a picture on the screen


@dataclass(frozen=True, slots=True, eq=False)
class InputPicture:
    """A picture to transform, and the classes of the networks that take it."""

    kind: str  # a key of TITLES
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

    @property
    def size(self) -> str:
        """Return the size for a caption."""
        depth, height, width = self.shape
        return f"{height} × {width} pixels, {depth} channel{'s' * (depth > 1)}"

    @property
    def codes(self) -> tuple[str, ...]:
        """Return each class in at most two letters, for small cells."""
        return tuple(name[:2] for name in self.classes)

    def figure(self, picture: NDArray[np.uint8], alt: str, caption: str) -> Markup:
        """Return a picture (C, H, W) of this kind as HTML, enlarged by a whole factor."""
        return image_html.figure(on_screen(picture), SCREEN_WIDTH // picture.shape[2], alt, escape(caption))


def on_screen(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Move channels last for display: (C, H, W) -> (H, W) or (H, W, 3)."""
    return picture[0] if len(picture) == 1 else np.ascontiguousarray(np.moveaxis(picture, 0, 2))


def pick(settings: Settings) -> InputPicture:
    """Draw the picker and return the picture. Raises DataError."""
    kind = settings.segments(
        "i_take",
        "Picture",
        list(TITLES),
        format=TITLES.__getitem__,
        help="Digits go to the networks trained on MNIST, pictures to those trained on CIFAR-10. Yours is cropped "
        "to a square and resized to 32 × 32 pixels.",
    )
    if kind == DIGIT:
        return _of_test_set(settings, DIGIT, "mnist")
    info = client.cifar10()
    if kind == PICTURE:
        return _of_test_set(settings, PICTURE, "cifar10")
    tested = "" if info.standin else info.name
    pixels, title = _own_picture()
    return InputPicture(OWN, "cifar10", tested, cifar10.INFO.classes, pixels, None, title)


def _of_test_set(settings: Settings, kind: str, name: str) -> InputPicture:
    test_set, key = measurements.test_set(name), NUMBER_KEYS[kind]
    last = len(test_set.test_labels) - 1
    noun = "digit" if kind == DIGIT else "picture"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        index = settings.number(
            key, f"Test {noun}", 0, last, help=f"Number in the test set, 0 to {numbers.count(last)}"
        )
        st.button(
            "Next",
            icon=":material/skip_next:",
            key="i_next",
            on_click=_next,
            args=(key, last),
            help=f"Next test {noun}",
        )
    info, truth = test_set.info, int(test_set.test_labels[index])
    title = with_article(info.classes[truth])
    return InputPicture(
        kind, info.name, info.name, info.classes, test_set.test_images[index], truth, title[0].upper() + title[1:]
    )


def _next(key: str, last: int) -> None:
    st.session_state[key] = (st.session_state[key] + 1) % (last + 1)


def _own_picture() -> tuple[NDArray[np.uint8], str]:
    """Return the uploaded picture at CIFAR-10's size, and its title; one of the app's until there is a valid upload."""
    upload = None
    try:
        upload = picture_picker.uploaded("i_upload", "upload")
    except PictureError as error:
        messages.error(error)
    chosen = upload or picture_picker.from_samples("cat")
    planes = np.atleast_3d(fit_to_network(chosen.picture, cifar10.INFO.shape))
    title = chosen.title if upload else "The app's cat, until you upload a picture"
    return np.ascontiguousarray(np.moveaxis(to_bytes(planes), 2, 0)), title
