"""Ten classes of generated 32 x 32 color pictures that take CIFAR-10's place where it cannot be had.

Shapes and patterns of random colors, sizes and places on a background of random colors, with noise. A color says
nothing about the class, so that a network has to look at form. The same numbers each time: a fixed seed.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset, DatasetInfo, Shape

Grid = NDArray[np.float32]  # (N, 32, 32)
Mask = NDArray[np.bool] | Grid  # how much of the front color a pixel has
SEED, SIDE, NOISE = 0, 32, 0.09
SHAPE: Shape = (3, SIDE, SIDE)
STRIPE_PIXELS = 3.0  # the least width of a stripe


class _Plane:
    """Coordinates in pixels around a random center, turned by a random angle, for N pictures at once."""

    def __init__(self, count: int, random: np.random.Generator) -> None:
        center = random.uniform(11, 21, (2, count, 1, 1)).astype(np.float32)
        pixels = np.arange(SIDE, dtype=np.float32)
        self.y, self.x = np.broadcast_arrays(pixels[:, None] - center[0], pixels - center[1])
        self.size = random.uniform(5, 9.5, (count, 1, 1)).astype(np.float32)  # half the width of a shape
        self.wobble = random.uniform(-0.25, 0.25, (count, 1, 1)).astype(np.float32)  # radians
        self.heading = random.uniform(0, 2 * np.pi, (count, 1, 1)).astype(np.float32)  # radians

    def turned(self, angle: float | Grid = 0.0) -> tuple[Grid, Grid]:
        """(x, y) turned by `angle` and each picture's wobble."""
        cos, sin = np.cos(angle + self.wobble), np.sin(angle + self.wobble)
        return self.x * cos + self.y * sin, self.y * cos - self.x * sin

    def stripes(self, angle: float) -> NDArray[np.bool]:
        """Whether a pixel lies on an odd stripe; their width is between 3 and 5.5 pixels."""
        width = STRIPE_PIXELS + (self.size - 5) * 0.55
        return np.asarray(np.floor(self.turned(angle)[0] / width) % 2, np.bool)


def _disc(plane: _Plane) -> Mask:
    return np.asarray(np.hypot(plane.x, plane.y) < plane.size, np.bool)


def _ring(plane: _Plane) -> Mask:
    return np.asarray(abs(np.hypot(plane.x, plane.y) - plane.size * 0.8) < plane.size * 0.22, np.bool)


def _square(plane: _Plane) -> Mask:
    x, y = plane.turned()
    return np.maximum(abs(x), abs(y)) < plane.size * 0.88


def _triangle(plane: _Plane) -> Mask:
    x, y = plane.turned()
    return (y < plane.size * 0.7) & (abs(x) < (y + plane.size) * 0.6)


def _cross(plane: _Plane) -> Mask:
    x, y = plane.turned()
    return (np.minimum(abs(x), abs(y)) < plane.size * 0.28) & (np.maximum(abs(x), abs(y)) < plane.size * 1.1)


def _checkerboard(plane: _Plane) -> Mask:
    return plane.stripes(0) ^ plane.stripes(np.pi / 2)


def _gradient(plane: _Plane) -> Mask:
    return np.asarray(1 / (1 + np.exp(-plane.turned(plane.heading)[0] / plane.size)), np.float32)


FORMS: dict[str, Callable[[_Plane], Mask]] = {
    "disc": _disc,
    "ring": _ring,
    "square": _square,
    "triangle": _triangle,
    "cross": _cross,
    "checkerboard": _checkerboard,
    "upright stripes": lambda plane: plane.stripes(0),
    "level stripes": lambda plane: plane.stripes(np.pi / 2),
    "slanted stripes": lambda plane: plane.stripes(np.pi / 4),
    "gradient": _gradient,
}
INFO = DatasetInfo(
    name="cifar10-standin",
    title="Colored shapes, a stand-in for CIFAR-10",
    shape=SHAPE,
    classes=tuple(FORMS),
    train_images=5_000,
    test_images=1_000,
    source="Generated pictures that come with the app: a stand-in, whose figures are not CIFAR-10's.",
    standin=True,
    caveat="Generated pictures, not CIFAR-10: these figures say nothing about it.",
)


@lru_cache(maxsize=1)
def load() -> Dataset:
    """The generated pictures, in memory: made once a process, in well under a second."""
    random = np.random.default_rng(SEED)
    count = (INFO.train_images + INFO.test_images) // len(FORMS)
    images = np.concatenate([_pictures(form, count, random) for form in FORMS.values()])
    order = random.permutation(len(images))
    images, labels = images[order], np.repeat(np.arange(len(FORMS), dtype=np.uint8), count)[order]
    for array in (images, labels):
        array.flags.writeable = False
    split = INFO.train_images
    return Dataset(
        info=INFO,
        train_images=images[:split],
        train_labels=labels[:split],
        test_images=images[split:],
        test_labels=labels[split:],
    )


def _pictures(form: Callable[[_Plane], Mask], count: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """Pictures of one class. (N, 3, 32, 32)."""
    mask = np.asarray(form(_Plane(count, random)), np.float32)[:, None]  # (N, 1, 32, 32)
    back, front = random.random((2, count, 3, 1, 1), np.float32)
    # Colors that are too close are pushed apart, so that every form can be seen; some remain hard to see.
    front = np.where(np.abs(front - back).max(1, keepdims=True) < 0.25, 1 - back, front)
    slope = random.uniform(-0.35, 0.35, (2, count, 3, 1, 1)).astype(np.float32)
    ramp = np.linspace(-0.5, 0.5, SIDE, dtype=np.float32)
    light = slope[0] * ramp[:, None] + slope[1] * ramp  # an uneven light over the whole picture
    noise = random.standard_normal((count, *SHAPE), np.float32) * NOISE
    picture = back + (front - back) * mask + light + noise
    return np.asarray((picture.clip(0, 1) * 255).round(), np.uint8)
