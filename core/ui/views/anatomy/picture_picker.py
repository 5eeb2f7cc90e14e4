"""Which picture goes through the network: one of its test set, one drawn, one of the app's, or the person's own."""

import secrets
from typing import Any

import numpy as np
import streamlit as st

from core.data import DataError
from core.images.display import to_bytes
from core.images.pictures import Picture, PictureError, fitted
from core.images.samples import SAMPLES
from core.images.uploads import read_upload
from core.ui import messages
from core.ui.components import drawing_pad
from core.ui.display import numbers
from core.ui.state.settings import Settings
from core.ui.views.anatomy.network_picker import Subject
from core.ui.views.anatomy.picture import Shown, test_picture, test_set
from core.ui.widgets import picture_picker, upload

SOURCE, NUMBER = "n_picture", "n_image"
DEFAULTS: dict[str, Any] = {SOURCE: "test", NUMBER: 0}
TITLES = {"test": "A test picture", "draw": "Draw a digit", "upload": "Your picture …"}
SHEET = 196  # px: seven times MNIST's 28


def pick(settings: Settings, subject: Subject) -> Shown:
    """Draw the picker and answer the picture. Of what cannot be read a sentence says why; a test picture stands in."""
    draws = ["draw"] if subject.shape == (1, 28, 28) else []
    titles = TITLES | {key: one.title for key, one in SAMPLES.items()}
    source = settings.choice(
        SOURCE,
        "Picture",
        ["test", *draws, *SAMPLES, "upload"],
        format=titles.__getitem__,
        help="What goes through the network. A picture that is not of its kind is cut to a square and reduced to the "
        "size that it takes.",
    )
    try:
        if source == "draw":
            return _drawn() or _blank(subject)
        if source == "upload":
            return _uploaded(subject) or _blank(subject)
        if source in SAMPLES:
            return _fitted(picture_picker.from_samples(source).picture, SAMPLES[source].alt, subject)
    except (PictureError, DataError) as refusal:
        messages.error(refusal)
        return _blank(subject)
    return _test_picture(settings, subject)


def _test_picture(settings: Settings, subject: Subject) -> Shown:
    dataset = test_set(subject)
    last = len(dataset.test_images) - 1
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        place = settings.number(NUMBER, "Number", 0, last, help=f"In the test set, 0 to {numbers.count(last)}")
        st.button(
            "Another",
            icon=":material/casino:",
            key="n_another",
            on_click=_another,
            args=(last,),
            help="A test picture at random",
        )
    return test_picture(dataset, place)


def _another(last: int) -> None:
    st.session_state[NUMBER] = secrets.randbelow(last + 1)


def _drawn() -> Shown | None:
    digit = drawing_pad.drawn_digit("n_pad", SHEET)
    return None if digit is None else Shown(digit[None], "The digit you drew")


def _uploaded(subject: Subject) -> Shown | None:
    file = upload.picture("n_upload")
    return None if file is None else _fitted(_decoded(file.content), "The picture you gave", subject)


@st.cache_data(max_entries=8, show_spinner="Reading the picture")
def _decoded(content: bytes) -> Picture:
    return read_upload(content)


def _fitted(picture: Picture, alt: str, subject: Subject) -> Shown:
    planes = np.atleast_3d(fitted(picture, subject.shape))
    return Shown(np.ascontiguousarray(np.moveaxis(to_bytes(planes), 2, 0)), alt)


def _blank(subject: Subject) -> Shown:
    return Shown(np.zeros(subject.shape, np.uint8), "Nothing yet: an empty picture")
