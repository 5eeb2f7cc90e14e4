"""Measure trained networks on a random sample of test pictures, in the inference process.

Results are kept on disk, by `core.runs.measurement_cache`; what pages draw from again and again they also cache for all
sessions.
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
from core.runs.inference_client import InferenceError, decode_array
from core.runs.measurement_cache import Arrays, key_of
from core.runs.run_files import CHECKPOINT
from core.ui.backend import client

Moves = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A random sample of a test set."""

    dataset: str  # its identity
    count: int  # at most
    seed: int

    @property
    def indices(self) -> NDArray[np.int64]:
        """Return the pictures' indices in the test set, (N,)."""
        return sample_indices(len(test_set(self.dataset).test_labels), self.count, self.seed)

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
    return test_set(sample.dataset).test_labels[sample.indices].astype(np.int64)


def weights(network: str) -> tuple[str, int]:
    """Return the file of a pretrained network's or a run's weights, and its modification time, which changes with them.

    Raises:
        InferenceError: There is no such file.
    """
    file = client.inference().file(network)
    try:
        return file, Path(file).stat().st_mtime_ns
    except OSError as error:
        raise InferenceError("The weights of this network are missing: train it again.") from error


@st.cache_data(max_entries=20, show_spinner=False)
def affnist(file: str, stamp: int, sample: Sample) -> Arrays:
    """Return predictions for shifted and for affNIST-like digits, (N,) each, and eight example pictures."""
    return measured("affnist_answers", file, sample)


def measured(question: str, file: str, sample: Sample, **settings: Any) -> Arrays:
    """Return a query's arrays, from the disk cache if they are there. Raises InferenceError."""
    values = {**asdict(sample), **settings}

    def compute() -> Arrays:
        return {name: decode_array(block) for name, block in query(question, network=file, **values).items()}

    return _cached(question, Path(file), values, compute)


def _cached(question: str, file: Path, values: dict[str, Any], compute: Callable[[], Arrays]) -> Arrays:
    if file.name == CHECKPOINT:  # the network is in training, and this result is soon out of date
        return compute()
    key = key_of(question, file, **values)
    if (known := client.measures().get(key)) is None:
        known = compute()
        client.measures().put(key, known)
    return known


def query(question: str, **values: Any) -> Any:
    """Return the inference process' answer to a query. Raises InferenceError."""
    return cast(Any, client.inference().query(question, **values))
