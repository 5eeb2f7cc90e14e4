"""Pick a picture: one of the app's, of MNIST, CIFAR-10 or a set that somebody brought, an upload, or the camera's."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core import data
from core.images import sample_pictures
from core.images.pictures import Picture, PictureError, to_gray
from core.images.sample_pictures import SAMPLES
from core.images.uploads import read_upload
from core.ui import messages
from core.ui.backend import client
from core.ui.state.settings import Settings
from core.ui.widgets import picture_strip, upload
from core.ui.widgets.picture_strip import DatasetSource, Pictures

_DATASETS = {"mnist": "MNIST digit", "cifar10": "CIFAR-10 picture"}
RESERVED = ("test", "draw", "digit", "picture", "own")  # what pages call other sources; no set of that name is offered
_OWN = {"upload": picture_strip.UPLOAD, "webcam": picture_strip.CAMERA}  # no key of SAMPLES
MAX_SETS = 3  # that somebody brought: more names would not fit above the strip
MAX_RATIO = 4  # of the sides: a strip of a few pixels would be enlarged to a page of its own


@dataclass(frozen=True, slots=True, eq=False)
class PickedPicture:
    """A picture to work on. Its array is shared between sessions and read-only."""

    key: str  # equal keys mean equal pictures
    title: str
    alt: str  # what it shows, for screen readers
    picture: Picture  # (H, W) or (H, W, 3), float32 in [0, 1], at most 512 px a side
    credit: str = ""
    label: str = ""  # its class in its dataset

    @property
    def is_color(self) -> bool:
        """Return whether it has three channels."""
        return self.picture.ndim == 3

    @property
    def size(self) -> str:
        """Return its size for a caption: "512 × 512 px, 3 channels"."""
        height, width = self.picture.shape[:2]
        return f"{height} × {width} px, {'3 channels' if self.is_color else '1 channel'}"

    def gray(self) -> "PickedPicture":
        """Return its luminance as a picture."""
        return PickedPicture(f"{self.key} gray", self.title, f"{self.alt}, in gray", to_gray(self.picture), self.credit)


def defaults(prefix: str, picture: str = "astronaut") -> dict[str, Any]:
    """Return the picker's defaults for a page's `Settings`; `picture` is the one on a first visit."""
    return {f"{prefix}picture": picture, f"{prefix}image": 0}


def pick(settings: Settings, prefix: str) -> PickedPicture:
    """Draw the picker and return the picture; where it cannot be read, show why and return the default."""
    default = settings.defaults[f"{prefix}picture"]
    default = default if default in SAMPLES else next(iter(SAMPLES))  # a dataset that cannot be read is no fallback
    source, index = f"{prefix}picture", f"{prefix}image"
    datasets = [
        _source("mnist", "Digits", index, "digit"),
        _source("cifar10", "CIFAR-10", index, "picture"),
        *own_sets(index),
    ]
    try:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            key = picture_strip.pick(
                settings,
                source,
                stills=picture_strip.of_samples(),
                datasets=datasets,
                own=list(_OWN.values()),
                help="The picture to work on",
            )
            if key in _OWN:
                return _own(source, f"{prefix}{key}", key) or from_samples(default)
        is_dataset = key in {dataset.name for dataset in datasets}
        return from_dataset(key, st.session_state[index]) if is_dataset else from_samples(key)
    except (PictureError, data.DataError) as error:
        messages.error(error)
        return from_samples(default)


def own_sets(index: str) -> list[DatasetSource]:
    """Return the sets that somebody brought to this machine as sources; `index` is the key of the picture's number."""
    names = [info.title for info in client.own_datasets()]
    free = [name for name in names if name not in {*SAMPLES, *_DATASETS, *_OWN, *RESERVED}]
    return [_source(name, name, index, "picture") for name in free[:MAX_SETS]]


def _source(name: str, title: str, index: str, noun: str) -> DatasetSource:
    """Return a dataset as a source of training pictures."""
    load = partial(_pictures, name)
    return DatasetSource(name, title, index, load, noun, waits=True)


def _pictures(name: str) -> Pictures:
    return Pictures.train(_dataset(name))


def _own(source: str, key: str, kind: str) -> PickedPicture | None:
    """Draw the field for an own picture, and return the picture."""
    with picture_strip.own_field(source, "Your picture"):
        return uploaded(key, kind, done=partial(picture_strip.close, source))


@st.cache_resource(max_entries=len(SAMPLES) + 8, show_spinner=False)
def from_samples(key: str) -> PickedPicture:
    """Return one of the app's pictures."""
    sample = SAMPLES[key]
    return PickedPicture(key, sample.title, sample.alt, _read_only(sample_pictures.sample(key)), sample.credit)


def from_dataset(name: str, index: int) -> PickedPicture:
    """Return a training picture of a dataset; `index` wraps around. Raises core.data.DataError."""
    dataset = _dataset(name)
    index %= len(dataset.train_images)
    label = dataset.info.classes[int(dataset.train_labels[index])]
    image = np.moveaxis(dataset.train_images[index], 0, 2).astype(np.float32) / np.float32(255)
    picture = image[:, :, 0] if image.shape[2] == 1 else image
    alt = f"A handwritten {label}" if name == "mnist" else f"A small picture, labeled {label}"
    key, title = f"{dataset.info.name} {index}", f"{_DATASETS.get(name, f'{name} picture')} {index}"
    return PickedPicture(key, title, alt, picture, dataset.info.title, label)


@st.cache_resource(ttl=60, max_entries=8, show_spinner="Opening the pictures")
def _dataset(name: str) -> data.Dataset:
    return data.load(name)


def uploaded(key: str, kind: str, *, done: Callable[[], None] | None = None) -> PickedPicture | None:
    """Return the visitor's picture, from "upload" or "webcam"; None without one. `done` is called once it is there.

    Raises:
        PictureError: It is no picture, or too long.
    """
    file = upload.picture(key, "upload" if kind == "upload" else "webcam", done=done)
    if file is None:
        return None
    picture = _decode(file.content)
    height, width = picture.shape[:2]
    if max(height, width) > MAX_RATIO * min(height, width):
        long = "high as it is wide" if height > width else "wide as it is high"
        raise PictureError(
            f"This picture is more than {MAX_RATIO} times as {long}: crop it first. "
            "The page shows one of its own instead."
        )
    return PickedPicture(f"own {file.id}", "Your picture", "Your picture", picture)


@st.cache_data(max_entries=8, show_spinner="Reading the picture")
def _decode(content: bytes) -> Picture:
    return read_upload(content)


def _read_only(picture: Picture) -> Picture:
    picture.flags.writeable = False
    return picture
