"""The input of a network: one picture at its size, and its test set."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import data
from core.data import Dataset, shuffle_pixels
from core.ui.views.anatomy.network_picker import LoadedNetwork


@dataclass(frozen=True, slots=True, eq=False)
class InputPicture:
    """A picture at the network's input size."""

    pixels: NDArray[np.uint8]  # (C, H, W)
    alt: str
    label: int | None = None  # its class, if known
    is_empty: bool = False  # nothing was drawn or uploaded yet: the network has nothing to answer

    def as_seen_by(self, network: LoadedNetwork) -> NDArray[np.uint8]:
        """Return the pixels as the network sees them: shuffled if it was trained on shuffled pixels."""
        return shuffle_pixels(self.pixels[None])[0] if network.experiment.shuffle_pixels else self.pixels


def test_set(network: LoadedNetwork) -> Dataset:
    """Return the network's test data on this machine. Raises DataError."""
    return _dataset(data.resolve(network.experiment.data))


@st.cache_resource(ttl=60, max_entries=8, show_spinner="Opening the pictures")
def _dataset(name: str) -> Dataset:
    return data.load(name)


def test_picture(dataset: Dataset, index: int) -> InputPicture:
    """Return one picture of a test set with its alternative text."""
    label = int(dataset.test_labels[index])
    return InputPicture(
        np.array(dataset.test_images[index]), f"Test picture {index}: {dataset.info.classes[label]}", label
    )
