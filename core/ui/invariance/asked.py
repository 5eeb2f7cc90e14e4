"""Questions about moved pictures, each answered once for all who ask: cached by network, measure, number and seed.

A part of a measure is one question of well under a second, so that others' questions go between, and what is known can
be drawn while the rest is on its way.
"""

from typing import Any, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import data
from core.insight.moves import Move, chosen
from core.runs.inference import decoded, encoded
from core.ui import services

Moves = tuple[tuple[float, ...], ...]
DIGITS = (200, 500, 1000)


def listed(moves: list[Move]) -> Moves:
    """Moves as a cache's key."""
    return tuple(tuple(move.to_list()) for move in moves)


@st.cache_resource(ttl=60, max_entries=2, show_spinner=False)
def test_set() -> data.Dataset:
    """MNIST's test digits as they are here. Raises DataError."""
    return data.load("mnist")


@st.cache_data(max_entries=50, show_spinner=False)
def labels(count: int, seed: int) -> NDArray[np.int64]:
    """Of the digits that the questions below are about: (N,)."""
    whole = test_set().test_labels
    return whole[chosen(len(whole), count, seed)].astype(np.int64)


@st.cache_data(max_entries=500, show_spinner=False)
def one_digit(
    files: tuple[str, ...], stamps: tuple[int, ...], pixels: bytes, moves: Moves
) -> tuple[NDArray[np.uint8], list[NDArray[np.float32]]]:
    """A digit under M moves: it under the first of them (28, 28), and each network's probabilities (M, 10)."""
    digit = np.frombuffer(pixels, np.uint8).reshape(1, 28, 28)
    asked = {"networks": list(files), "picture": encoded(digit), "moves": [list(move) for move in moves]}
    answer = services.inference().ask("moved", **asked)
    return decoded(answer["picture"])[0], [decoded(one) for one in answer["probabilities"]]


@st.cache_data(max_entries=4000, show_spinner=False)
def map_row(file: str, stamp: int, dy: int, count: int, seed: int) -> NDArray[np.uint8]:
    """A row of the map of shifts: a network's answers (17, N)."""
    return decoded(_ask("shifted_answers", network=file, dy=dy, count=count, seed=seed))


@st.cache_data(max_entries=4000, show_spinner=False)
def points(file: str, stamp: int, moves: Moves, count: int, seed: int) -> NDArray[np.uint8]:
    """A network's answers under some moves: (M, N)."""
    return decoded(_ask("moved_answers", network=file, moves=[list(move) for move in moves], count=count, seed=seed))


@st.cache_data(max_entries=200, show_spinner=False)
def layer_changes(
    file: str, stamp: int, dx: int, count: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far each layer changes under a shift, and how far it is from moving along: (L,) each."""
    change, misfit = _ask("layers_moved", network=file, dx=dx, count=count, seed=seed)
    return decoded(change), decoded(misfit)


@st.cache_data(max_entries=50, show_spinner=False)
def planes(file: str, stamp: int, pixels: bytes, moves: Moves, layers: tuple[int, ...]) -> list[NDArray[np.float32]]:
    """What layers put out for a digit under M moves: (M, K, H, W) each."""
    digit = np.frombuffer(pixels, np.uint8).reshape(1, 28, 28)
    asked = {"picture": encoded(digit), "moves": [list(move) for move in moves], "layers": list(layers)}
    return [decoded(one) for one in _ask("moved_planes", network=file, **asked)]


@st.cache_data(max_entries=20, show_spinner=False)
def affnist(file: str, stamp: int, count: int, seed: int) -> dict[str, NDArray[np.uint8]]:
    """A network's answers to digits put anywhere and to affNIST-like ones, (N,) each, and eight pictures."""
    answer = _ask("affnist_answers", network=file, count=count, seed=seed)
    return {name: decoded(one) for name, one in answer.items()}


def _ask(question: str, **values: Any) -> Any:
    return cast(Any, services.inference().ask(question, **values))
