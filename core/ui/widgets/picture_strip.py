"""Pick a picture by looking at it: of the app's pictures, of a dataset's, or one of the visitor's own.

Two settings hold the choice: which source (a picture of the app, a dataset, an own picture) and, of a dataset, the
picture's index. A dataset is shown ten pictures at a time, one of each class where there are ten.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image
from streamlit.elements.lib.mutable_popover_container import PopoverContainer

from core.data import DataError, Dataset
from core.images import sample_pictures
from core.images.pictures import PictureError, center_square
from core.images.rendering import to_bytes
from core.images.sample_pictures import SAMPLES
from core.ui import messages
from core.ui.components.picture_strip import SIDE, OwnPicture, PictureSet, Thumbnail, picture_strip, sprite
from core.ui.display import numbers
from core.ui.display.image_colors import Bytes
from core.ui.state import page_state, query, settings
from core.ui.state.settings import Settings
from core.ui.state.url_values import Choice, Number

TEN = 10
DRAW = OwnPicture("draw", "Draw a digit", "draw")
UPLOAD = OwnPicture("upload", "Upload your picture", "upload")
CAMERA = OwnPicture("webcam", "Take a picture with your camera", "camera")


@dataclass(frozen=True, slots=True)
class Pictures:
    """A dataset's training or test pictures."""

    identity: str  # of the dataset, with the split
    images: NDArray[np.uint8]  # (N, C, H, W)
    labels: NDArray[np.integer]  # (N,)
    classes: Sequence[str]

    @classmethod
    def train(cls, dataset: Dataset) -> "Pictures":
        """Return the training pictures."""
        info = dataset.info
        return cls(f"{info.name} train", dataset.train_images, dataset.train_labels, info.classes)

    @classmethod
    def test(cls, dataset: Dataset) -> "Pictures":
        """Return the test pictures."""
        info = dataset.info
        return cls(f"{info.name} test", dataset.test_images, dataset.test_labels, info.classes)


@dataclass(frozen=True, slots=True)
class DatasetSource:
    """A dataset to pick from.

    Attributes:
        name: The source's value in the link.
        title: The set's name on the screen.
        index: Key of the setting that holds the picture's index.
        load: Returns the pictures. Raises DataError.
        noun: What one of them is: "digit".
        waits: Whether it is loaded only once a visitor opens or picks it.
    """

    name: str
    title: str
    index: str
    load: Callable[[], Pictures]
    noun: str = "picture"
    waits: bool = False


class Tens:
    """The pictures of a dataset, ten at a time: the same number of each class, as far as it has them."""

    def __init__(self, labels: NDArray[np.integer]) -> None:
        """Sort the pictures with these labels, (N,), by class."""
        self.labels = labels
        self.places = {int(label): np.flatnonzero(labels == label) for label in np.unique(labels)}

    def around(self, index: int) -> list[int]:
        """Return the indices of the ten that the picture is one of."""
        classes, each, rank = self._find(index)
        first = rank // each * each
        indices = [self._at(label, first + step) for label in classes for step in range(each)]
        return list(dict.fromkeys(indices))

    def after(self, index: int) -> int:
        """Return the index of the picture at the same place of the next ten."""
        _, each, rank = self._find(index)
        names = list(self.places)
        label = int(self.labels[index])
        if len(names) > TEN:
            following = names.index(label) + TEN
            if following < len(names):
                return self._at(names[following], rank)
            label = names[names.index(label) % TEN]
        return self._at(label, rank + each)

    def _find(self, index: int) -> tuple[list[int], int, int]:
        """Return the classes beside a picture's own, how many pictures each has in ten, and the picture's rank."""
        label, names = int(self.labels[index]), list(self.places)
        start = names.index(label) // TEN * TEN
        classes = names[start : start + TEN]
        return classes, TEN // len(classes), int(np.searchsorted(self.places[label], index))

    def _at(self, label: int, rank: int) -> int:
        return int(self.places[label][rank % len(self.places[label])])


def pick(
    page: Settings,
    key: str,
    *,
    stills: Sequence[PictureSet] = (),
    datasets: Sequence[DatasetSource] = (),
    own: Sequence[OwnPicture] = (),
    label: str = "Picture",
    help: str,
) -> str:
    """Draw the strip and return the chosen source; of a dataset, `index` returns which picture.

    Args:
        page: The page's settings, with a default for `key` and for each dataset's index.
        key: Key of the setting that holds the source.
        stills: Sets of the app's pictures; a thumbnail's value is a source.
        datasets: The datasets to pick from.
        own: The ways to bring a picture; each value is a source.
        label: What is picked.
        help: What the picture is for.

    Raises:
        DataError: The chosen dataset cannot be read.
    """
    pictures = {thumbnail.value: thumbnail.title for still in stills for thumbnail in still.thumbnails}
    titles = pictures | {source.name: source.title for source in datasets} | {way.value: way.title for way in own}
    setting = Choice(label, list(titles), titles.__getitem__)
    settings.begin(key, setting, page.defaults[key])
    if st.session_state[key] not in titles:  # what another network or an earlier visit offered
        st.session_state[key] = page.defaults[key]
    chosen = str(st.session_state[key])
    settings.end(key, setting, page.defaults[key], chosen)
    sets, value, failure = list(stills), chosen, None
    for source in datasets:
        try:
            shown = _shown(page, key, source, is_chosen=chosen == source.name)
        except DataError as error:
            shown = PictureSet(source.name, source.title)
            failure = error if chosen == source.name else failure
            if chosen != source.name:
                messages.error(error)
        sets.append(shown)
        if chosen == source.name and failure is None:
            value = _value(source, st.session_state[source.index])
    if query.is_fixed(key):
        if failure is not None:
            raise failure
        return chosen
    by_name = {source.name: source for source in datasets}
    picture_strip(
        page_state.key(f"{key}_strip"),
        label,
        sets,
        value,
        own=own,
        help=help,
        on_pick=partial(_pick, key, by_name),
        on_more=partial(_more, key, by_name),
        on_open=lambda name: st.session_state.__setitem__(_anchor(key, name), 0),
    )
    if failure is not None:
        raise failure
    return chosen


def own_field(key: str, title: str) -> PopoverContainer:
    """Return the popover with the field for an own picture, open until `close` was called. `key` as of `pick`."""
    st.session_state.setdefault(_open_key(key), True)
    return st.popover(title, icon=":material/image:", key=_open_key(key), on_change="rerun", help="Your own picture")


def close(key: str) -> None:
    """Close the popover of `own_field`. For callbacks."""
    st.session_state[_open_key(key)] = False


def of_samples(photos: str = "Photos", patterns: str = "Patterns") -> list[PictureSet]:
    """Return the app's pictures as two sets: photographs, and those drawn by formula."""
    names = {
        photos: tuple(key for key, sample in SAMPLES.items() if isinstance(sample.source, str)),
        patterns: tuple(key for key, sample in SAMPLES.items() if not isinstance(sample.source, str)),
    }
    return [
        PictureSet(
            title.lower(), title, [Thumbnail(key, SAMPLES[key].title, SAMPLES[key].alt) for key in keys], _samples(keys)
        )
        for title, keys in names.items()
    ]


@st.cache_resource(max_entries=4, show_spinner=False)
def _samples(keys: tuple[str, ...]) -> bytes:
    return sprite([_sample(key) for key in keys])


def _sample(key: str) -> Bytes:
    """Return a picture of the app as a thumbnail; gray where its file is missing, which is reported when picked."""
    drawn = not isinstance(SAMPLES[key].source, str)
    try:
        picture = to_bytes(
            center_square(sample_pictures.sample(key, SIDE // 2 if drawn else 2 * SIDE), SIDE // (1 + drawn))
        )
    except PictureError:
        return np.full((SIDE, SIDE), 128, np.uint8)
    return picture.repeat(2, axis=0).repeat(2, axis=1) if drawn else picture


def _shown(page: Settings, key: str, source: DatasetSource, *, is_chosen: bool) -> PictureSet:
    """Return a dataset's set of ten: around the chosen picture, or where a visitor browses. Raises DataError."""
    anchor = st.session_state.get(_anchor(key, source.name))
    if anchor is None and source.waits and not is_chosen:
        return PictureSet(source.name, source.title)
    pictures = source.load()
    if is_chosen:
        setting = Number(f"Number of the {source.noun}", 0, len(pictures.labels) - 1)
        settings.begin(source.index, setting, page.defaults[source.index])
        if not 0 <= st.session_state[source.index] <= setting.high:
            st.session_state[source.index] = page.defaults[source.index]
        anchor = st.session_state[source.index]
        settings.end(source.index, setting, page.defaults[source.index], anchor)
    indices = _tens(pictures.identity, pictures.labels).around((anchor or 0) % len(pictures.labels))
    thumbnails = [_thumbnail(source, pictures, index) for index in indices]
    file = _dataset_sprite(pictures.identity, tuple(indices), pictures.images)
    return PictureSet(source.name, source.title, thumbnails, file, has_more=len(pictures.labels) > len(indices))


def _thumbnail(source: DatasetSource, pictures: Pictures, index: int) -> Thumbnail:
    label = pictures.classes[int(pictures.labels[index])]
    name = f"{label}, {source.noun} {numbers.count(index)}"
    return Thumbnail(_value(source, index), name[0].upper() + name[1:], f"{source.noun.capitalize()} of class {label}")


@st.cache_resource(max_entries=8, show_spinner=False)
def _tens(identity: str, _labels: NDArray[np.integer]) -> Tens:
    return Tens(np.asarray(_labels))


@st.cache_data(max_entries=100, show_spinner=False)
def _dataset_sprite(identity: str, indices: tuple[int, ...], _images: NDArray[np.uint8]) -> bytes:
    return sprite([_enlarged(_images[index]) for index in indices])


def _enlarged(image: NDArray[np.uint8]) -> Bytes:
    """Return a picture (C, H, W) as a thumbnail, smoothly enlarged."""
    pixels = image[0] if len(image) == 1 else np.moveaxis(image, 0, 2)
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def _pick(key: str, datasets: dict[str, DatasetSource], value: str) -> None:
    name, _, index = value.partition(":")
    st.session_state[key] = name
    if name in datasets:
        st.session_state[datasets[name].index] = int(index)
    st.session_state[_open_key(key)] = True


def _more(key: str, datasets: dict[str, DatasetSource], name: str) -> None:
    """Move on to the next ten: with the choice, if it is one of them."""
    source = datasets[name]
    place = source.index if st.session_state[key] == name else _anchor(key, name)
    pictures = source.load()
    index = int(st.session_state.get(place) or 0) % len(pictures.labels)
    st.session_state[place] = _tens(pictures.identity, pictures.labels).after(index)


def _value(source: DatasetSource, index: int) -> str:
    return f"{source.name}:{index}"


def _anchor(key: str, name: str) -> str:
    """Return the session's key of the picture around which a set that is not chosen is shown."""
    return f"{key}_around_{name}"


def _open_key(key: str) -> str:
    return f"{key}_own_open"
