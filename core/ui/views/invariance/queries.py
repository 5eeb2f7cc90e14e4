"""Query the inference process about transformed pictures; results are cached for all sessions.

One part of a measurement takes well under a second with a small network, so that other queries are not delayed and the
results so far can be drawn. Measurements of trained networks are also kept on disk, by `core.runs.measurement_cache`.
"""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.runs.inference_client import decode_array, encode_array
from core.ui.backend.measurements import Moves, Sample, measured, query

COUNTS = (200, 500, 1000)
MACS = 5e10  # of one query: well under a second on two cores
MAX_PICTURES, MAX_MOVES = 50, 5  # in one part of a measurement


@st.cache_data(max_entries=5000, show_spinner=False)
def single_picture(
    files: tuple[str, ...], stamps: tuple[int, ...], pixels: bytes, shape: tuple[int, int, int], moves: Moves
) -> list[NDArray[np.float32]]:
    """Return each network's probabilities (M, classes) for a picture (C, H, W) under M transforms."""
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    values = {"networks": list(files), "picture": encode_array(picture), "moves": [list(move) for move in moves]}
    return [decode_array(block) for block in query("transformed", **values)["probabilities"]]


@st.cache_data(max_entries=4000, show_spinner=False)
def map_part(file: str, stamp: int, sample: Sample, part: int, parts: int) -> NDArray[np.uint8]:
    """Return predictions (17, 17, n) at all shifts, for every `parts`-th picture of the sample from `part` on."""
    return measured("shift_map", file, sample, part=part, parts=parts)["answers"]


@st.cache_data(max_entries=4000, show_spinner=False)
def points(file: str, stamp: int, moves: Moves, sample: Sample) -> NDArray[np.uint8]:
    """Return predictions (M, N) under M transforms, for the N pictures of the sample."""
    return measured("moved_answers", file, sample, moves=[list(move) for move in moves])["answers"]


@st.cache_data(max_entries=200, show_spinner=False)
def layer_changes(file: str, stamp: int, dx: int, sample: Sample) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each layer's change under a shift, and its equivariance error: (L,) each."""
    arrays = measured("layers_moved", file, sample, dx=dx)
    return arrays["change"], arrays["misfit"]


@st.cache_data(max_entries=50, show_spinner=False)
def planes(
    file: str, stamp: int, pixels: bytes, shape: tuple[int, int, int], moves: Moves, layers: tuple[int, ...]
) -> list[NDArray[np.float32]]:
    """Return layers' outputs, (M, K, H, W) each, for a picture (C, H, W) under M transforms."""
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    values = {"picture": encode_array(picture), "moves": [list(move) for move in moves], "layers": list(layers)}
    return [decode_array(block) for block in query("moved_planes", network=file, **values)]
