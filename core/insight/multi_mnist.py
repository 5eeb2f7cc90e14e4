"""Two overlapping digits, as in MultiMNIST (Sabour, Frosst and Hinton 2017). Plain numpy.

Two digits of different classes, each shifted by up to 4 px in both directions; the ink of both adds up, at most white.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_SHIFT = 4  # px
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """N pictures of two digits each."""

    pictures: Pixels  # (N, 1, H, W)
    alone: Pixels  # (N, 2, H, W): each digit where it lies in the picture
    labels: NDArray[np.int64]  # (N, 2)


def pairs(digits: Pixels, labels: NDArray[np.integer], count: int, seed: int, side: int) -> Pairs:
    """Draw pairs of digits.

    Args:
        digits: (M, 1, h, w), to draw from. They hold two classes at least.
        labels: (M,).
        count: N.
        seed: Of the draw.
        side: H and W of the pictures, from h on. In a frame of h alone, a shift may cut some ink off.

    Returns:
        The pairs.
    """
    random = np.random.default_rng(seed)
    first = random.integers(len(digits), size=count)
    second = random.integers(len(digits), size=count)
    while (same := labels[first] == labels[second]).any():
        second[same] = random.integers(len(digits), size=int(same.sum()))
    chosen = np.stack([first, second], axis=1)  # (N, 2)
    shifts = random.integers(-MAX_SHIFT, MAX_SHIFT + 1, size=(count, 2, 2))
    margin = (side - digits.shape[-1]) // 2
    alone = np.zeros((count, 2, side, side), np.uint8)
    for row, (both, moves) in enumerate(zip(chosen, shifts, strict=True)):
        for place, (digit, (down, right)) in enumerate(zip(both, moves, strict=True)):
            alone[row, place] = _placed(digits[digit, 0], side, margin + down, margin + right)
    together = np.minimum(alone.sum(axis=1, dtype=np.uint16), 255).astype(np.uint8)
    return Pairs(together[:, None], alone, labels[chosen].astype(np.int64))


def _placed(digit: Pixels, side: int, top: int, left: int) -> Pixels:
    """Return a digit in a black frame, its corner at (top, left); what lies outside is cut off."""
    reach = max(digit.shape)
    frame = np.zeros((side + 2 * reach, side + 2 * reach), np.uint8)
    frame[reach + top : reach + top + digit.shape[0], reach + left : reach + left + digit.shape[1]] = digit
    return frame[reach : reach + side, reach : reach + side]
