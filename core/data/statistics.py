"""Compute mean and standard deviation of a dataset's pixels, which normalize a picture before a network sees it."""

import numpy as np

from core.data.dataset import Dataset, Pixels

PIXELS_PER_BLOCK = 4_000_000  # pixels summed at once: 32 MB
Channels = tuple[float, ...]  # a figure a channel, pixels counted from 0 to 1


def statistics(dataset: Dataset) -> tuple[Channels, Channels]:
    """Return mean and standard deviation per channel of all training pictures, in [0, 1]. Takes 0.1 s for CIFAR-10."""
    return pixel_statistics(dataset.train_images)


def pixel_statistics(pictures: Pixels) -> tuple[Channels, Channels]:
    """Return mean and standard deviation per channel.

    The sums are of whole numbers below 2^53, which float64 adds exactly.

    Args:
        pictures: (N, C, H, W), uint8.

    Returns:
        Means and standard deviations, C each, of pixels from 0 to 1.
    """
    number, channels = pictures.shape[:2]
    sums, squares = np.zeros(channels), np.zeros(channels)
    step = max(1, PIXELS_PER_BLOCK // int(np.prod(pictures.shape[1:])))
    for start in range(0, number, step):
        for channel in range(channels):
            values = pictures[start : start + step, channel].astype(np.float64).ravel()
            sums[channel] += values.sum()
            squares[channel] += values @ values
    count = pictures.size // channels
    means = sums / count
    deviations = np.sqrt(np.maximum(squares / count - means**2, 0.0)) / 255
    # a constant channel stays finite
    return tuple((means / 255).tolist()), tuple(np.maximum(deviations, 1e-3).tolist())
