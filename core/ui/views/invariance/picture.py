"""What is moved: one of MNIST's test digits, one of CIFAR-10's test pictures, or a picture of the person's own."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data import cifar10
from core.images.display import to_bytes
from core.images.pictures import PictureError, fit_to_network
from core.ui import messages
from core.ui.backend import client
from core.ui.display import image_html, numbers
from core.ui.display.words import with_article
from core.ui.state.settings import Settings
from core.ui.views.invariance import queries
from core.ui.widgets import picture_picker

DIGIT, PICTURE, OWN = "digit", "picture", "own"
TITLES = {DIGIT: "MNIST digit", PICTURE: "CIFAR-10 picture", OWN: "Your picture"}
PLACES = {DIGIT: "i_digit", PICTURE: "i_picture"}
DEFAULTS: dict[str, Any] = {"i_take": DIGIT, "i_digit": 12, "i_picture": 1}
SCREEN = 224  # px that a picture is as wide as on the screen


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A picture that is moved, and what networks that take it can answer."""

    kind: str  # a key of TITLES
    learned: str  # the identity of the data that its networks have learned: "mnist", "mnist-5k", "cifar10", ...
    tested: str  # the identity of the test set that stands behind it; "" where there is none here
    classes: tuple[str, ...]
    pixels: NDArray[np.uint8]  # (C, H, W)
    truth: int | None  # which of `classes` it is; None where nobody knows
    title: str  # in words, what it shows: "A 7"

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        depth, height, width = self.pixels.shape
        return depth, height, width

    @property
    def noun(self) -> str:
        """What a picture of its kind is called."""
        return "digit" if self.kind == DIGIT else "picture"

    @property
    def size(self) -> str:
        """For a caption."""
        depth, height, width = self.shape
        return f"{height} × {width} pixels, {depth} channel{'s' * (depth > 1)}"

    @property
    def codes(self) -> tuple[str, ...]:
        """A class in at most two letters, for small cells."""
        return tuple(name[:2] for name in self.classes)

    def figure(self, picture: NDArray[np.uint8], alt: str, caption: str) -> str:
        """A picture (C, H, W) of its kind as HTML, at a whole multiple of its size."""
        return image_html.figure(on_screen(picture), SCREEN // picture.shape[2], alt, caption)


def on_screen(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(C, H, W) -> (H, W) or (H, W, 3), as screens take it."""
    return picture[0] if len(picture) == 1 else np.ascontiguousarray(np.moveaxis(picture, 0, 2))


def pick(settings: Settings) -> Subject:
    """Draw the picker and answer what was chosen. Raises DataError."""
    kind = settings.segments(
        "i_take",
        "Move",
        list(TITLES),
        format=TITLES.__getitem__,
        help="Digits go to the networks that learned digits, pictures to those that learned CIFAR-10; yours is cut to "
        "a square and reduced to 32 × 32 pixels.",
    )
    if kind == DIGIT:
        return _of_test_set(settings, DIGIT, "mnist")
    info = client.cifar10()
    if kind == PICTURE:
        return _of_test_set(settings, PICTURE, "cifar10")
    tested = "" if info.standin else info.name
    pixels, title = _uploaded()
    return Subject(OWN, "cifar10", tested, cifar10.INFO.classes, pixels, None, title)


def _of_test_set(settings: Settings, kind: str, name: str) -> Subject:
    whole, key = queries.test_set(name), PLACES[kind]
    last = len(whole.test_labels) - 1
    noun = "digit" if kind == DIGIT else "picture"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        place = settings.number(key, f"Test {noun}", 0, last, help=f"Its number, from 0 to {numbers.count(last)}")
        st.button(
            "Next",
            icon=":material/skip_next:",
            key="i_next",
            on_click=_next,
            args=(key, last),
            help=f"The {noun} after it",
        )
    info, truth = whole.info, int(whole.test_labels[place])
    title = with_article(info.classes[truth])
    return Subject(
        kind, info.name, info.name, info.classes, whole.test_images[place], truth, title[0].upper() + title[1:]
    )


def _next(key: str, last: int) -> None:
    st.session_state[key] = (st.session_state[key] + 1) % (last + 1)


def _uploaded() -> tuple[NDArray[np.uint8], str]:
    """The person's picture at CIFAR-10's size, and what it is; one of the app's until there is one that can be read."""
    mine = None
    try:
        mine = picture_picker.uploaded("i_upload", "upload")
    except PictureError as refusal:
        messages.error(refusal)
    chosen = mine or picture_picker.from_samples("cat")
    planes = np.atleast_3d(fit_to_network(chosen.picture, cifar10.INFO.shape))
    title = chosen.title if mine else "The app's cat, until you give a picture"
    return np.ascontiguousarray(np.moveaxis(to_bytes(planes), 2, 0)), title
