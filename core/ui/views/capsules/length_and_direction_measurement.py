"""Measure length and direction while digits are moved: of a capsule, and of the CNN's last hidden layer beside it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.insight.transforms import Axis
from core.runs.inference_client import decode_array, encode_array
from core.runs.measurement_cache import Arrays
from core.ui.backend import measurements
from core.ui.backend.measurements import Moves, Sample
from core.ui.display import colors
from core.ui.display.colors import Role

STEPS = 6  # of a transform in one part of the measurement


class Motion(NamedTuple):
    """A transform, the values along it, and the one that the sentences are about."""

    name: str
    axis: Axis
    probe: float
    words: str  # of the probe


def _steps(low: float, high: float, step: float) -> tuple[float, ...]:
    return tuple(round(low + index * step, 4) for index in range(round((high - low) / step) + 1))


MOTIONS = {
    "rotate": Motion(
        "Rotate", Axis("rotate", "Rotated clockwise by", "°", _steps(-90, 90, 7.5)), 45.0, "Rotated clockwise by 45°"
    ),
    "dx": Motion("Shift", Axis("dx", "Shifted right by", "px", _steps(-8, 8, 1)), 4.0, "Shifted right by 4 px"),
    "scale": Motion(
        "Scale", Axis("scale", "Scaled to", "×", _steps(0.5, 1.3, 0.05), still=1.0), 0.6, "Scaled to 0.6 of its size"
    ),
}


class Network(NamedTuple):
    """A network of the comparison: what its estimate and the vector behind it are called."""

    key: str
    role: Role
    estimate: str
    vector: str


CAPSULES = Network("mnist-capsule", colors.CAPSULES, "Capsule: length", "Capsule")
CNN = Network("mnist-cnn", colors.CNN, "CNN: confidence", "CNN: hidden units")
NETWORKS = (CAPSULES, CNN)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: the digits and the transform."""

    sample: Sample
    motion: str  # a key of MOTIONS
    files: tuple[tuple[str, int], ...]  # of the networks' weights, with their modification times

    @property
    def values(self) -> tuple[float, ...]:
        """Return the values of the transform."""
        return MOTIONS[self.motion].axis.values

    @property
    def still(self) -> int:
        """Return the place of the unmoved digits among the values."""
        return self.values.index(MOTIONS[self.motion].axis.still)

    @property
    def parts(self) -> int:
        """Return the number of queries to each network."""
        return -(-(len(self.values) - 1) // STEPS)

    def part(self, network: int, part: int) -> Arrays:
        """Return a part of a network's measurement: neighboring parts share the value between them."""
        axis = MOTIONS[self.motion].axis
        moves = [axis.move(value) for value in self.values[part * STEPS : (part + 1) * STEPS + 1]]
        return _followed(*self.files[network], measurements.to_array(moves), self.sample)

    def found(self, network: int, done: int) -> Arrays:
        """Return what the first `done` parts found, for M values: estimates and turned (M, N), steps (M - 1, N)."""
        parts = [self.part(network, part) for part in range(done)]
        whole = {
            name: np.concatenate([parts[0][name][:1], *(part[name][1:] for part in parts)])
            for name in ("estimates", "turned")
        }
        return {**whole, "steps": np.concatenate([part["steps"] for part in parts]), "others": parts[0]["others"]}

    def describe_progress(self, done: int) -> str:
        """Return the progress: "7 of 25 places"."""
        return f"{min(done * STEPS + bool(done), len(self.values))} of {len(self.values)} places"


@st.cache_data(max_entries=200, show_spinner=False)
def _followed(file: str, stamp: int, moves: Moves, sample: Sample) -> Arrays:
    return measurements.measured("followed", file, sample, moves=[list(move) for move in moves])


@st.cache_data(max_entries=100, show_spinner=False)
def moved_pictures(pixels: bytes, shape: tuple[int, ...], moves: Moves) -> NDArray[np.uint8]:
    """Return a picture (C, H, W) under M transforms: (M, C, H, W)."""
    picture = encode_array(np.frombuffer(pixels, np.uint8).reshape(shape))
    moved: NDArray[np.uint8] = decode_array(
        measurements.query("moved_pictures", picture=picture, moves=[list(move) for move in moves])
    )
    return moved
