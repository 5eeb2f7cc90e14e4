"""Mean and deviation of a dataset's pixels: what a picture is normalized with before a network sees it."""

import numpy as np

from core.data.dataset import Dataset, Pixels

STATISTICS_FROM = 10_000  # training pictures that they are taken from: enough for three digits
Channels = tuple[float, ...]  # a figure a channel, pixels counted from 0 to 1


def statistics(dataset: Dataset) -> tuple[Channels, Channels]:
    """Mean and deviation a channel of the training pictures, in [0, 1]."""
    return counted(np.asarray(dataset.train_images[:STATISTICS_FROM]))


def counted(pictures: Pixels) -> tuple[Channels, Channels]:
    """Those of (N, C, H, W) uint8, by counting: exact, and no float copy is made."""
    levels = np.arange(256) / 255
    means, deviations = [], []
    for channel in range(pictures.shape[1]):
        share = np.bincount(pictures[:, channel].ravel(), minlength=256) / pictures[:, channel].size
        mean = float(share @ levels)
        means.append(mean)
        deviations.append(max(float(share @ (levels - mean) ** 2) ** 0.5, 1e-3))  # a constant channel stays finite
    return tuple(means), tuple(deviations)
