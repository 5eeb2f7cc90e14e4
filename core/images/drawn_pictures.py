"""Draw test pictures by formula that show best what a filter does: float32 in [0, 1], `size` x `size` pixels."""

import numpy as np
from numpy.typing import NDArray

from core.images.rendering import hue

Drawn = NDArray[np.float32]


def step(size: int) -> Drawn:
    """Draw one vertical edge: dark on the left, bright on the right. (size, size)."""
    picture = np.full((size, size), 0.2, np.float32)
    picture[:, size // 2 :] = 0.8
    return picture


def dot(size: int) -> Drawn:
    """Draw one white pixel on black: a filter's output is its kernel, rotated by 180 degrees. (size, size)."""
    picture = np.zeros((size, size), np.float32)
    picture[size // 2, size // 2] = 1
    return picture


def disc(size: int) -> Drawn:
    """Draw a bright disc with a soft rim: an edge in every direction. (size, size)."""
    y, x = _centered(size)
    return np.clip(0.25 * size - np.hypot(y, x) + 0.5, 0, 1).astype(np.float32) * 0.7 + 0.15


def checkerboard(size: int) -> Drawn:
    """Draw eight by eight squares, black and white. (size, size)."""
    place = np.arange(size) * 8 // size
    return ((place[:, None] + place[None, :]) % 2).astype(np.float32)


def zone_plate(size: int) -> Drawn:
    """Draw rings whose frequency rises from 0 in the middle to 1/2 cycle per pixel at the side's middle. (size, size).

    cos(pi r^2 / size): the phase grows by 2 pi r / size per pixel, which is half a cycle at r = size / 2.
    """
    y, x = _centered(size)
    return (0.5 + 0.5 * np.cos(np.pi * (y**2 + x**2) / size)).astype(np.float32)


def color_wheel(size: int) -> Drawn:
    """Draw every hue around white on black, which shows at once what each channel holds. (size, size, 3)."""
    y, x = _centered(size)
    rim = 0.48 * size
    radius = np.hypot(y, x)[:, :, None]
    wheel = 1 - np.minimum(radius / rim, 1) * (1 - hue(np.arctan2(-y, x)))
    wheel *= np.clip(rim - radius, 0, 1)
    return wheel.astype(np.float32)


def _centered(size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the offset in pixels of each row below the middle, and of each column to its right."""
    place = np.arange(size, dtype=np.float64) - size // 2
    return place[:, None], place[None, :]
