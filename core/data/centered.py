"""MNIST in the middle of a larger black picture: what networks are trained on that are to read affNIST's 40 x 40."""

from dataclasses import replace

import numpy as np

from core.data import mnist
from core.data.dataset import Dataset, DatasetInfo, Pixels

BORDER = 6  # black pixels put around each digit: 28 + 2 * 6 = 40, as affNIST has it
SIDE = mnist.INFO.shape[1] + 2 * BORDER
INFO: DatasetInfo = replace(
    mnist.INFO,
    name="mnist-40",
    title=f"MNIST handwritten digits in the middle of {SIDE} × {SIDE} pixels",
    shape=(1, SIDE, SIDE),
    source="The whole of MNIST, with six black pixels put around each digit as it is read.",
)


def pad_to_frame(digits: Pixels) -> Pixels:
    """(N, 1, 28, 28) -> (N, 1, 40, 40), the new pixels black."""
    return np.pad(digits, [(0, 0), (0, 0), (BORDER, BORDER), (BORDER, BORDER)])


def center_in_frame(whole: Dataset) -> Dataset:
    """The whole of MNIST in the larger frame, in memory (112 MB)."""
    return Dataset(
        info=INFO,
        train_images=pad_to_frame(whole.train_images),
        train_labels=whole.train_labels,
        test_images=pad_to_frame(whole.test_images),
        test_labels=whole.test_labels,
    )
