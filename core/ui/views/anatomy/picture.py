"""What goes through a network: a picture as it takes it, and the pictures that it is tested on."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import data
from core.data import Dataset, shuffle_pixels
from core.ui.views.anatomy.network_picker import Subject


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture as the network takes it."""

    pixels: NDArray[np.uint8]  # (C, H, W)
    alt: str
    label: int | None = None  # its class, where that is known

    def seen(self, subject: Subject) -> NDArray[np.uint8]:
        """As the network sees it: with its pixels shuffled, where that is what it was trained on."""
        return shuffle_pixels(self.pixels[None])[0] if subject.experiment.shuffle_pixels else self.pixels


def test_set(subject: Subject) -> Dataset:
    """The data that the network is tested on, as this machine has them. Raises DataError."""
    return _dataset(data.resolve(subject.experiment.data))


@st.cache_resource(ttl=60, max_entries=8, show_spinner="Opening the pictures")
def _dataset(name: str) -> Dataset:
    return data.load(name)


def test_picture(dataset: Dataset, place: int) -> Shown:
    """One picture of a test set, with its words."""
    label = int(dataset.test_labels[place])
    return Shown(np.array(dataset.test_images[place]), f"Test picture {place}: {dataset.info.classes[label]}", label)
