"""One fixed permutation of the pixels: what a network that knows neighborhoods loses, and one that does not keeps."""

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Pixels, Shape

SEED = 0


def permutation(shape: Shape) -> NDArray[np.int64]:
    """Where each of the H * W positions takes its pixel from, the same for all channels. (C, H, W) -> (H * W,)."""
    return np.random.default_rng(SEED).permutation(shape[1] * shape[2])


def shuffle_pixels(images: Pixels) -> Pixels:
    """Every picture with its pixels moved by the same `permutation`. (N, C, H, W) -> (N, C, H, W), a copy."""
    count, channels, height, width = images.shape
    moved = images.reshape(count, channels, height * width)[:, :, permutation((channels, height, width))]
    return moved.reshape(images.shape)
