"""Query the inference process about transformed pictures; results are cached for all sessions.

One part of a measurement takes well under a second with a small network, so that other queries are not delayed and the
results so far can be drawn. Measurements of trained networks are also kept on disk, by `core.runs.measurement_cache`.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import data
from core.insight.transforms import AffineTransform, sample_indices
from core.runs.files import CHECKPOINT
from core.runs.inference_client import decode_array, encode_array
from core.runs.measurement_cache import Arrays, key_of
from core.ui.backend import client

Moves = tuple[tuple[float, ...], ...]
COUNTS = (200, 500, 1000)
MACS = 5e10  # of one query: well under a second on two cores
MAX_PICTURES, MAX_MOVES = 50, 5  # in one part of a measurement


@dataclass(frozen=True, slots=True)
class Sample:
    """A random sample of a test set."""

    dataset: str  # its identity
    count: int  # at most
    seed: int

    @property
    def labels(self) -> NDArray[np.int64]:
        """Return the pictures' labels, (N,)."""
        return _labels(self)

    @property
    def caveat(self) -> str:
        """Return a note for results measured on them: a sentence if they belong to a stand-in, else empty."""
        return client.caveat(self.dataset)


def to_array(moves: list[AffineTransform]) -> Moves:
    """Return transforms as tuples, which can be a cache key."""
    return tuple(tuple(move.to_list()) for move in moves)


@st.cache_resource(ttl=60, max_entries=4, show_spinner="Opening the pictures")
def test_set(name: str) -> data.Dataset:
    """Return a dataset as this machine has it. Raises DataError."""
    return data.load(name)


@st.cache_data(max_entries=50, show_spinner=False)
def _labels(sample: Sample) -> NDArray[np.int64]:
    labels = test_set(sample.dataset).test_labels
    return labels[sample_indices(len(labels), sample.count, sample.seed)].astype(np.int64)


@st.cache_data(max_entries=500, show_spinner=False)
def single_picture(
    files: tuple[str, ...], stamps: tuple[int, ...], pixels: bytes, shape: tuple[int, int, int], moves: Moves
) -> tuple[NDArray[np.uint8], list[NDArray[np.float32]]]:
    """Return a picture (C, H, W) under the first of M transforms, and each network's probabilities (M, classes)."""
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    values = {"networks": list(files), "picture": encode_array(picture), "moves": [list(move) for move in moves]}
    answer = client.inference().query("transformed", **values)
    return decode_array(answer["picture"]), [decode_array(block) for block in answer["probabilities"]]


@st.cache_data(max_entries=4000, show_spinner=False)
def map_part(file: str, stamp: int, sample: Sample, part: int, parts: int) -> NDArray[np.uint8]:
    """Return predictions (17, 17, n) at all shifts, for every `parts`-th picture of the sample from `part` on."""
    return _measured("shift_map", file, sample, part=part, parts=parts)["answers"]


@st.cache_data(max_entries=4000, show_spinner=False)
def points(file: str, stamp: int, moves: Moves, sample: Sample) -> NDArray[np.uint8]:
    """Return predictions (M, N) under M transforms, for the N pictures of the sample."""
    return _measured("moved_answers", file, sample, moves=[list(move) for move in moves])["answers"]


@st.cache_data(max_entries=200, show_spinner=False)
def layer_changes(file: str, stamp: int, dx: int, sample: Sample) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each layer's change under a shift, and its equivariance error: (L,) each."""
    arrays = _measured("layers_moved", file, sample, dx=dx)
    return arrays["change"], arrays["misfit"]


@st.cache_data(max_entries=50, show_spinner=False)
def planes(
    file: str, stamp: int, pixels: bytes, shape: tuple[int, int, int], moves: Moves, layers: tuple[int, ...]
) -> list[NDArray[np.float32]]:
    """Return layers' outputs, (M, K, H, W) each, for a picture (C, H, W) under M transforms."""
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    values = {"picture": encode_array(picture), "moves": [list(move) for move in moves], "layers": list(layers)}
    return [decode_array(block) for block in _query("moved_planes", network=file, **values)]


@st.cache_data(max_entries=20, show_spinner=False)
def affnist(file: str, stamp: int, sample: Sample) -> Arrays:
    """Return predictions for shifted and for affNIST-like digits, (N,) each, and eight example pictures."""
    return _measured("affnist_answers", file, sample)


def _measured(question: str, file: str, sample: Sample, **settings: Any) -> Arrays:
    """Return a query's arrays, from the disk cache if they are there."""
    values = {**asdict(sample), **settings}

    def compute() -> Arrays:
        return {name: decode_array(block) for name, block in _query(question, network=file, **values).items()}

    return _cached(question, Path(file), values, compute)


def _cached(question: str, file: Path, values: dict[str, Any], compute: Callable[[], Arrays]) -> Arrays:
    if file.name == CHECKPOINT:  # the network is in training, and this result is soon out of date
        return compute()
    key = key_of(question, file, **values)
    if (known := client.measures().get(key)) is None:
        known = compute()
        client.measures().put(key, known)
    return known


def _query(question: str, **values: Any) -> Any:
    return cast(Any, client.inference().query(question, **values))
