"""Pick the input picture: from the test set, drawn, one of the app's, or an upload."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data import DataError
from core.images.digit_reader import SIDE, ReadDigit, read_digit
from core.images.pictures import Picture, PictureError, fit_to_network, to_gray
from core.images.rendering import to_bytes
from core.images.sample_pictures import SAMPLES
from core.images.uploads import read_upload
from core.ui import messages
from core.ui.components import drawing_pad
from core.ui.state.settings import Settings
from core.ui.views.anatomy.network_picker import LoadedNetwork
from core.ui.views.anatomy.picture import InputPicture, test_picture, test_set
from core.ui.widgets import picture_picker, picture_strip, upload
from core.ui.widgets.picture_strip import DatasetSource, Pictures

SOURCE, NUMBER, OWN_NUMBER, AS_MNIST = "n_picture", "n_image", "n_own", "n_as_mnist"
DEFAULTS: dict[str, Any] = {SOURCE: "test", NUMBER: 0, OWN_NUMBER: 0, AS_MNIST: True}
PAD_SIDE = 196  # px: seven times MNIST's 28


def pick(settings: Settings, network: LoadedNetwork) -> InputPicture:
    """Draw the picker and return the picture; where it cannot be read, show why and return an empty one."""
    draws = [picture_strip.DRAW] if network.reads_digits else []
    own_sets = picture_picker.own_sets(OWN_NUMBER)
    try:
        source = picture_strip.pick(
            settings,
            SOURCE,
            stills=picture_strip.of_samples(),
            datasets=[DatasetSource("test", "Test pictures", NUMBER, partial(_tests, network)), *own_sets],
            own=[*draws, picture_strip.UPLOAD],
            help="The network's input. Other pictures than its test pictures are cropped to a square and resized",
        )
        if source in SAMPLES:
            return _fitted(picture_picker.from_samples(source).picture, SAMPLES[source].alt, network)
        if source in {own.name for own in own_sets}:
            picked = picture_picker.from_dataset(source, st.session_state[OWN_NUMBER])
            return _fitted(picked.picture, picked.alt, network)
        if source == "test":
            return test_picture(test_set(network), st.session_state[NUMBER])
        with picture_strip.own_field(SOURCE, "Your digit" if source == "draw" else "Your picture"):
            own = _drawn(network) if source == "draw" else _uploaded(settings, network)
    except (PictureError, DataError) as error:
        messages.error(error)
        own = None
    return own or _blank(network)


def _tests(network: LoadedNetwork) -> Pictures:
    return Pictures.test(test_set(network))


def _drawn(network: LoadedNetwork) -> InputPicture | None:
    digit = drawing_pad.drawn_digit("n_pad", PAD_SIDE)
    return None if digit is None else InputPicture(_placed(digit, network), "The digit you drew")


def _uploaded(settings: Settings, network: LoadedNetwork) -> InputPicture | None:
    file = upload.picture("n_upload")
    if file is None:
        return None
    if not network.reads_digits or not settings.switch(
        AS_MNIST,
        "Invert and center as in MNIST",
        help="MNIST's digits are light on dark, 20 pixels high or wide, their center of mass in the middle. Off: the "
        "picture is only cropped to a square and resized",
    ):
        return _fitted(_decoded(file.content), "Your picture", network)
    digit = _read(file.content)
    inverted = "dark on light and is inverted" if digit.is_inverted else "light on dark, as in MNIST"
    st.caption(f"The digit was {inverted}. It is scaled to 20 × 20 pixels and centered by its mass.")
    return InputPicture(_placed(digit.pixels, network), "Your digit")


def _placed(digit: NDArray[np.uint8], network: LoadedNetwork) -> NDArray[np.uint8]:
    """Return a digit of MNIST's size in the middle of a picture of the network's size, (1, H, W)."""
    around = [(side - SIDE) // 2 for side in network.shape[1:]]
    rows, columns = ((before, side - SIDE - before) for before, side in zip(around, network.shape[1:], strict=True))
    return np.pad(digit, (rows, columns))[None]


@st.cache_data(max_entries=8, show_spinner="Looking for the digit")
def _read(content: bytes) -> ReadDigit:
    """Find the digit in a file. Raises PictureError."""
    try:
        return read_digit(to_gray(_decoded(content)))
    except ValueError as error:
        raise PictureError(str(error)) from error


@st.cache_data(max_entries=8, show_spinner="Reading the picture")
def _decoded(content: bytes) -> Picture:
    return read_upload(content)


def _fitted(picture: Picture, alt: str, network: LoadedNetwork) -> InputPicture:
    planes = np.atleast_3d(fit_to_network(picture, network.shape))
    return InputPicture(np.ascontiguousarray(np.moveaxis(to_bytes(planes), 2, 0)), alt)


def _blank(network: LoadedNetwork) -> InputPicture:
    return InputPicture(np.zeros(network.shape, np.uint8), "Empty picture", is_empty=True)
