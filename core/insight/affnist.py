"""Make affNIST-like digits from MNIST: in 40 x 40 pixels, rotated, sheared, stretched and placed anywhere, by a seed.

affNIST (Tijmen Tieleman, 2013, cs.toronto.edu/~tijmen/affNIST) is 32 such versions of each MNIST digit; this draws one
of each, so its figures are like affNIST's and not affNIST's own. The 40 x 40 pixels, 32 versions and centered originals
with an edge of 6 pixels are from its page. The ranges are reported by others: TensorFlow Federated
(`emnist.get_infinite`, "approximately equivalent to" affNIST) rotates by -20 to 20 degrees and shears by -0.2 to 0.2 as
here, and scales by 0.8 to 1.25, both axes alike, where this stretches each axis by 0.8 to 1.2.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.data.mnist_40 import SIDE

MAX_ROTATION = 20.0  # degrees, either way
MAX_SHEAR = 0.2  # the share of its height by which a stroke leans, either way
STRETCH_RANGE = (0.8, 1.2)  # factors of height and of width, drawn apart
FRAME_SIDE = 64  # px: a frame no transformed digit leaves before it is put in its place
INK_THRESHOLD = 0.5  # of 255: less rounds to black


def affnist(digits: Tensor, seed: int) -> NDArray[np.uint8]:
    """Transform each digit by numbers drawn for it alone, the same for equal seeds.

    Rotated by up to 20 degrees, sheared by up to 0.2, stretched by 0.8 to 1.2 along each axis (all uniform, read
    bilinearly), and placed at random where no ink leaves the frame.

    Args:
        digits: uint8 (N, 1, 28, 28).
        seed: Of the draws.

    Returns:
        uint8 (N, 1, 40, 40).
    """
    n = len(digits)
    rng = np.random.default_rng(seed)
    turn, slant = np.radians(rng.uniform(-MAX_ROTATION, MAX_ROTATION, n)), rng.uniform(-MAX_SHEAR, MAX_SHEAR, n)
    wide, high = rng.uniform(*STRETCH_RANGE, (2, n))
    cos, sin = np.cos(turn), np.sin(turn)
    # turn * slant * stretch, (N, 2, 2): where a point of the digit goes
    matrix = np.stack([cos * wide, (cos * slant - sin) * high, sin * wide, (sin * slant + cos) * high], axis=1).reshape(
        n, 2, 2
    )
    read = np.zeros((n, 2, 3))  # where a point of the frame is read; both grids are 2 wide and high
    read[:, :, :2] = np.linalg.inv(matrix) * FRAME_SIDE / digits.shape[3]
    grid = functional.affine_grid(torch.from_numpy(read).float(), [n, 1, FRAME_SIDE, FRAME_SIDE], align_corners=False)
    roomy = functional.grid_sample(digits.float(), grid, align_corners=False).round().byte().numpy()
    placed = np.zeros((n, 1, SIDE, SIDE), np.uint8)
    share = rng.uniform(size=(n, 2))
    for digit, at, out in zip(roomy[:, 0], share, placed[:, 0], strict=True):
        ink = _inked(digit)
        height, width = (min(side, SIDE) for side in ink.shape)
        top, left = (math.floor(part * (SIDE - side + 1)) for part, side in zip(at, (height, width), strict=True))
        out[top : top + height, left : left + width] = ink[:height, :width]
    return placed


def _inked(digit: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the smallest box that holds all ink; one black pixel if there is none."""
    rows, columns = (np.flatnonzero(digit.max(axis=axis) > INK_THRESHOLD) for axis in (1, 0))
    if not len(rows):
        return digit[:1, :1]
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def placed_at_random(digits: Tensor, seed: int) -> NDArray[np.uint8]:
    """Place digits uint8 (N, 1, 28, 28) anywhere in a frame (N, 1, 40, 40), otherwise unchanged, as in training."""
    rng = np.random.default_rng(seed)
    edge = SIDE - digits.shape[3]
    placed = np.zeros((len(digits), 1, SIDE, SIDE), np.uint8)
    for digit, (top, left), out in zip(
        digits.numpy()[:, 0], rng.integers(0, edge + 1, (len(digits), 2)), placed[:, 0], strict=True
    ):
        out[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return placed
