"""MNIST in a black frame of 40 x 40 pixels: the training data of networks that are tested on affNIST."""

from dataclasses import replace

import numpy as np

from core.data import mnist
from core.data.dataset import Dataset, DatasetInfo, Pixels
from core.size_text import format_shape

BORDER = 6  # black pixels put around each digit: 28 + 2 * 6 = 40, as affNIST has it
SIDE = mnist.INFO.shape[1] + 2 * BORDER
INFO: DatasetInfo = replace(
    mnist.INFO,
    name="mnist-40",
    title=f"MNIST handwritten digits, centered in {format_shape((SIDE, SIDE))} pixels",
    shape=(1, SIDE, SIDE),
    source="The whole of MNIST, with a border of six black pixels around each digit.",
)


def pad_to_frame(digits: Pixels) -> Pixels:
    """Return digits with a black border: (N, 1, 28, 28) -> (N, 1, 40, 40)."""
    return np.pad(digits, [(0, 0), (0, 0), (BORDER, BORDER), (BORDER, BORDER)])


def center_in_frame(whole: Dataset) -> Dataset:
    """Return the whole of MNIST in the larger frame, in memory (112 MB).

    Args:
        whole: MNIST as published.

    Returns:
        The dataset "mnist-40".
    """
    return Dataset(
        info=INFO,
        train_images=pad_to_frame(whole.train_images),
        train_labels=whole.train_labels,
        test_images=pad_to_frame(whole.test_images),
        test_labels=whole.test_labels,
    )
