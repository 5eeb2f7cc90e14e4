"""The picture picker that pages share: the app's pictures, a digit, a CIFAR picture, the person's own or a camera's."""

import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core import data
from core.images.pictures import Picture, PictureError, to_grey
from core.images.samples import SAMPLES, sample
from core.images.uploads import read_upload
from core.ui import messages
from core.ui.display import numbers
from core.ui.state.settings import Settings
from core.ui.widgets import upload

_DATASETS = {"mnist": "MNIST digit", "cifar10": "CIFAR-10 picture"}
_OWN = {"upload": "Your picture …", "webcam": "Your camera …"}  # no key of SAMPLES
_TITLES = {key: one.title for key, one in SAMPLES.items()} | _DATASETS | _OWN


@dataclass(frozen=True, slots=True, eq=False)
class PickedPicture:
    """A picture to work on. Its array is shared between sessions and read-only."""

    key: str  # equal keys are equal pictures
    title: str
    alt: str  # in words, what it shows
    picture: Picture  # (H, W) or (H, W, 3), float32 in [0, 1], at most 512 px a side
    credit: str = ""

    @property
    def is_color(self) -> bool:
        """Whether it has three channels."""
        return self.picture.ndim == 3

    @property
    def size(self) -> str:
        """For a caption: "512 × 512, 3 channels"."""
        height, width = self.picture.shape[:2]
        return f"{height} × {width} px, {'3 channels' if self.is_color else '1 channel'}"

    def gray(self) -> "PickedPicture":
        """Its luminance, as a picture of its own."""
        return PickedPicture(f"{self.key} gray", self.title, f"{self.alt}, in gray", to_grey(self.picture), self.credit)


def defaults(prefix: str, picture: str = "astronaut") -> dict[str, Any]:
    """What the page's `Settings` needs for the picker: which picture a fresh visit shows."""
    return {f"{prefix}picture": picture, f"{prefix}image": 0}


def pick(settings: Settings, prefix: str) -> PickedPicture:
    """Draw the picker and answer the picture. Of what cannot be read a sentence says why; the default stands in."""
    default = settings.defaults[f"{prefix}picture"]
    default = default if default in SAMPLES else next(iter(SAMPLES))  # data cannot stand in for data
    key = settings.choice(
        f"{prefix}picture", "Picture", list(_TITLES), format=_TITLES.__getitem__, help="What the filter looks at"
    )
    try:
        if key in _DATASETS:
            return _from_dataset(settings, f"{prefix}image", key)
        if key in _OWN:
            return uploaded(f"{prefix}{key}", key) or from_samples(default)
        return from_samples(key)
    except (PictureError, data.DataError) as refusal:
        messages.error(refusal)
        return from_samples(default)


@st.cache_resource(max_entries=len(SAMPLES) + 8, show_spinner=False)
def from_samples(key: str) -> PickedPicture:
    """A picture of the app's own."""
    one = SAMPLES[key]
    return PickedPicture(key, one.title, one.alt, _read_only(sample(key)), one.credit)


def _from_dataset(settings: Settings, key: str, name: str) -> PickedPicture:
    dataset = _dataset(name)
    last = len(dataset.train_images) - 1
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        index = settings.number(key, "Number", 0, last, help=f"{dataset.info.title}, 0 to {numbers.count(last)}")
        st.button(
            "Another",
            icon=":material/casino:",
            key=f"{key}_another",
            on_click=_another,
            args=(key, last),
            help="A picture at random",
        )
    return from_dataset(name, index)


def from_dataset(name: str, index: int) -> PickedPicture:
    """A training picture of MNIST or CIFAR-10, counted on from the first after the last. Raises core.data.DataError."""
    dataset = _dataset(name)
    index %= len(dataset.train_images)
    label = dataset.info.classes[int(dataset.train_labels[index])]
    image = np.moveaxis(dataset.train_images[index], 0, 2).astype(np.float32) / np.float32(255)
    picture = image[:, :, 0] if image.shape[2] == 1 else image
    what = f"A handwritten {label}" if name == "mnist" else f"A small picture, labeled {label}"
    return PickedPicture(
        f"{dataset.info.name} {index}", f"{_DATASETS[name]} {index}", what, picture, dataset.info.title
    )


def _another(key: str, last: int) -> None:
    st.session_state[key] = secrets.randbelow(last + 1)


@st.cache_resource(ttl=60, max_entries=4, show_spinner="Opening the pictures")
def _dataset(name: str) -> data.Dataset:
    return data.load(name)


def uploaded(key: str, kind: str) -> PickedPicture | None:
    """A picture of the person's own, "upload" or "webcam"; None until they give one. Raises PictureError."""
    file = upload.picture(key, "upload" if kind == "upload" else "webcam")
    if file is None:
        return None
    picture = _decode(file.content)
    return PickedPicture(f"own {file.id}", "Your picture", "The picture you gave", picture)


@st.cache_data(max_entries=8, show_spinner="Reading the picture")
def _decode(content: bytes) -> Picture:
    return read_upload(content)


def _read_only(picture: Picture) -> Picture:
    picture.flags.writeable = False
    return picture
