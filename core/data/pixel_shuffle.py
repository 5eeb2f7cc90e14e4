"""Shuffle pixels by one fixed permutation: a network that uses neighborhoods loses by it, an MLP does not."""

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Pixels, Shape

SEED = 0


def permutation(shape: Shape) -> NDArray[np.int64]:
    """Return the source of each of the H * W positions, the same for all channels: (C, H, W) -> (H * W,)."""
    return np.random.default_rng(SEED).permutation(shape[1] * shape[2])


def shuffle_pixels(images: Pixels) -> Pixels:
    """Return pictures with their pixels moved by the same permutation: (N, C, H, W) -> (N, C, H, W), a copy."""
    count, channels, height, width = images.shape
    moved = images.reshape(count, channels, height * width)[:, :, permutation((channels, height, width))]
    return moved.reshape(images.shape)
