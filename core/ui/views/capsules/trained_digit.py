"""Pick the digit that the trained capsule network sees, and ask the network about it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from core.insight.capsule_decoder import Decoder, read_decoder
from core.insight.pretrained import NetworkError, network
from core.layers.calculator import analyze, totals
from core.layers.specs import RoutedCapsules
from core.runs.inference_client import InferenceError, decode_array, encode_array
from core.ui.backend import client
from core.ui.backend.measurements import query, test_set, weights
from core.ui.components import drawing_pad
from core.ui.display import numbers
from core.ui.display.english import with_article
from core.ui.state.settings import Settings
from core.ui.widgets import picture_strip
from core.ui.widgets.picture_strip import DatasetSource, Pictures

NETWORK = "mnist-capsule"
SOURCE, NUMBER = "v_net_source", "v_net_digit"
DEFAULTS: dict[str, Any] = {SOURCE: "test", NUMBER: 1}
PAD_WIDTH = 300  # px: the drawing square stays whole
SIDE = 28


@dataclass(frozen=True, slots=True, eq=False)
class PickedDigit:
    """A digit to show to the network."""

    pixels: NDArray[np.uint8]  # (28, 28)
    truth: int | None  # its label; None if it was drawn
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class Capsules:
    """What the network makes of a digit: as `core.insight.capsules.Look` has it."""

    vectors: NDArray[np.float32]  # (J, E)
    couplings: NDArray[np.float32]  # (R, I, J)
    routed: NDArray[np.float32]  # (R, J)
    grid: tuple[int, int, int]  # types, rows, columns

    @property
    def lengths(self) -> NDArray[np.float32]:
        """Return the length of each class's capsule, (J,)."""
        lengths: NDArray[np.float32] = np.linalg.norm(self.vectors, axis=1)
        return lengths

    @property
    def winner(self) -> int:
        """Return the class whose capsule is the longest."""
        return int(self.lengths.argmax())


def pick(settings: Settings) -> tuple[PickedDigit | None, DeltaGenerator]:
    """Draw the controls.

    Returns:
        The digit, None where nothing was drawn yet; and the container for what the network makes of it.

    Raises:
        DataError: There are no test digits.
    """
    source = picture_strip.pick(
        settings,
        SOURCE,
        datasets=[DatasetSource("test", "Test digits", NUMBER, _pictures, "digit")],
        own=[picture_strip.DRAW],
        label="Digit",
        help="The digit that the network sees",
    )
    if source == "test":
        return _test_digit(st.session_state[NUMBER]), st.container()
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=PAD_WIDTH):
            drawn = drawing_pad.drawn_digit("v_net_pad")
        stage = st.container(width="stretch", key="v_net_stage")
    return None if drawn is None else PickedDigit(drawn, None, "Your digit as the network sees it"), stage


def _pictures() -> Pictures:
    return Pictures.test(test_set("mnist"))


def _test_digit(number: int) -> PickedDigit:
    whole = test_set("mnist")
    truth = int(whole.test_labels[number])
    pixels = np.ascontiguousarray(whole.test_images[number, 0])
    return PickedDigit(pixels, truth, f"The test digit: {with_article(str(truth))}")


def capsules(digit: PickedDigit) -> Capsules:
    """Return what the network makes of a digit. Raises InferenceError."""
    return _look(*weights(NETWORK), digit.pixels.tobytes())


@st.cache_data(max_entries=200, show_spinner="Asking the network")
def _look(file: str, stamp: int, pixels: bytes) -> Capsules:
    picture = np.frombuffer(pixels, np.uint8).reshape(1, SIDE, SIDE)
    answer = query("capsule_look", network=file, picture=encode_array(picture))
    arrays = {name: decode_array(answer[name]) for name in ("vectors", "couplings", "routed")}
    return Capsules(**arrays, grid=tuple(answer["grid"]))


def routing_iterations() -> int:
    """Return the number of routing iterations that the network was trained with."""
    return next(layer.iterations for layer in network(NETWORK).experiment.layers if isinstance(layer, RoutedCapsules))


def about() -> str:
    """Return what the network is, in sentences."""
    trained = network(NETWORK)
    info, epochs = client.mnist(), trained.experiment.epochs
    parameters = totals(analyze(trained.experiment.layers, info.shape)).parameters
    return (
        f"The network comes with the app as {NETWORK}: {numbers.count(parameters)} parameters with its decoder, "
        f"trained for {epochs} epochs. Of {numbers.count(trained.test_images)} test digits it has "
        f"{numbers.percent(trained.accuracy)} right ({numbers.percent_range(*trained.interval)}). "
        f"python -m core.insight.train_pretrained {NETWORK} trains it again."
    )


def decoder() -> Decoder:
    """Return the network's decoder. Raises InferenceError."""
    try:
        return _decoder(*weights(NETWORK))
    except NetworkError as error:
        raise InferenceError(str(error)) from error


@st.cache_resource(max_entries=4, show_spinner=False)
def _decoder(file: str, stamp: int) -> Decoder:
    return read_decoder(Path(file))


def dataset() -> str:
    """Return the identity of the data whose test digits are shown."""
    return client.mnist().name
