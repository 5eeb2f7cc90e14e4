"""Questions about moved pictures, each answered once for all who ask: cached by network, measure, pictures and seed.

A part of a measure is one question of well under a second where the network is small, so that others' questions go
between, and what is known can be drawn while the rest is on its way. Measures of trained networks are kept in the home
too, by `core.runs.measurement_cache`.
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
MACS = 5e10  # of one question: well under a second on two cores
MOST_PICTURES, MOST_MOVES = 50, 5  # in one part of a measure


@dataclass(frozen=True, slots=True)
class Sample:
    """The test pictures that a measure is about."""

    dataset: str  # its identity
    count: int  # at most
    seed: int

    @property
    def labels(self) -> NDArray[np.int64]:
        """Of the pictures: (N,)."""
        return _labels(self)

    @property
    def caveat(self) -> str:
        """What belongs beside figures measured on them: a sentence where they are a stand-in's."""
        return client.caveat(self.dataset)


def listed(moves: list[AffineTransform]) -> Moves:
    """Moves as a cache's key."""
    return tuple(tuple(move.to_list()) for move in moves)


@st.cache_resource(ttl=60, max_entries=4, show_spinner="Opening the pictures")
def test_set(name: str) -> data.Dataset:
    """A dataset as it is here. Raises DataError."""
    return data.load(name)


@st.cache_data(max_entries=50, show_spinner=False)
def _labels(sample: Sample) -> NDArray[np.int64]:
    whole = test_set(sample.dataset).test_labels
    return whole[sample_indices(len(whole), sample.count, sample.seed)].astype(np.int64)


@st.cache_data(max_entries=500, show_spinner=False)
def one_picture(
    files: tuple[str, ...], stamps: tuple[int, ...], pixels: bytes, shape: tuple[int, int, int], moves: Moves
) -> tuple[NDArray[np.uint8], list[NDArray[np.float32]]]:
    """A picture (C, H, W) under M moves: it under the first of them, and each network's probabilities (M, classes)."""
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    asked = {"networks": list(files), "picture": encode_array(picture), "moves": [list(move) for move in moves]}
    answer = client.inference().query("transformed", **asked)
    return decode_array(answer["picture"]), [decode_array(one) for one in answer["probabilities"]]


@st.cache_data(max_entries=4000, show_spinner=False)
def map_part(file: str, stamp: int, sample: Sample, part: int, parts: int) -> NDArray[np.uint8]:
    """A network's answers at all shifts for every `parts`-th of the sample's pictures, from `part` on: (17, 17, n)."""
    return _measured("shift_map", file, sample, part=part, parts=parts)["answers"]


@st.cache_data(max_entries=4000, show_spinner=False)
def points(file: str, stamp: int, moves: Moves, sample: Sample) -> NDArray[np.uint8]:
    """A network's answers under some moves: (M, N)."""
    return _measured("moved_answers", file, sample, moves=[list(move) for move in moves])["answers"]


@st.cache_data(max_entries=200, show_spinner=False)
def layer_changes(file: str, stamp: int, dx: int, sample: Sample) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far each layer changes under a shift, and how far it is from moving along: (L,) each."""
    found = _measured("layers_moved", file, sample, dx=dx)
    return found["change"], found["misfit"]


@st.cache_data(max_entries=50, show_spinner=False)
def planes(
    file: str, stamp: int, pixels: bytes, shape: tuple[int, int, int], moves: Moves, layers: tuple[int, ...]
) -> list[NDArray[np.float32]]:
    """What layers put out for a picture (C, H, W) under M moves: (M, K, H, W) each."""
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    asked = {"picture": encode_array(picture), "moves": [list(move) for move in moves], "layers": list(layers)}
    return [decode_array(one) for one in _ask("moved_planes", network=file, **asked)]


@st.cache_data(max_entries=20, show_spinner=False)
def affnist(file: str, stamp: int, sample: Sample) -> Arrays:
    """A network's answers to digits put anywhere and to affNIST-like ones, (N,) each, and eight pictures."""
    return _measured("affnist_answers", file, sample)


def _measured(question: str, file: str, sample: Sample, **values: Any) -> Arrays:
    """The answer, from the home where it is known there."""
    about = {**asdict(sample), **values}

    def ask() -> Arrays:
        return {name: decode_array(one) for name, one in _ask(question, network=file, **about).items()}

    return _kept(question, Path(file), about, ask)


def _kept(question: str, file: Path, about: dict[str, Any], ask: Callable[[], Arrays]) -> Arrays:
    if file.name == CHECKPOINT:  # of a network that still learns: soon nobody asks about this one any more
        return ask()
    key = key_of(question, file, **about)
    if (known := client.measures().get(key)) is None:
        known = ask()
        client.measures().put(key, known)
    return known


def _ask(question: str, **values: Any) -> Any:
    return cast(Any, client.inference().query(question, **values))
