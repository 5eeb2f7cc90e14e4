"""Affine transforms and blurs of test pictures as frozen specs, without torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

# The least and the most of each: the page's sliders and the checks read the same table.
LIMITS: dict[str, tuple[float, float]] = {
    "dx": (-12.0, 12.0),
    "dy": (-12.0, 12.0),
    "rotate": (-180.0, 180.0),
    "scale": (0.5, 2.0),
    "shear": (-45.0, 45.0),
    "blur": (0.0, 4.0),
}
MAX_SHIFT = 8  # px: the map of shifts goes so far on each side
SHIFTS = tuple(range(-MAX_SHIFT, MAX_SHIFT + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class AffineTransform:
    """Shear, scale and rotation around the picture's center, then a shift, then a blur.

    Raises:
        ValueError: A number is outside LIMITS.
    """

    dx: float = 0.0  # px to the right
    dy: float = 0.0  # px down
    rotate: float = 0.0  # degrees, clockwise
    scale: float = 1.0  # factor of its size
    shear: float = 0.0  # degrees that an upright stroke leans to the left at the bottom, as torchvision's affine slants
    blur: float = 0.0  # px, sigma of a Gaussian

    def __post_init__(self) -> None:
        """Check every number against LIMITS."""
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ValueError(f"{name} of a transform is a number; got {value!r:.40}.")
            if not low <= value <= high:
                raise ValueError(f"{name} of a transform must be from {low:g} to {high:g}; got {value!r:.40}.")
            object.__setattr__(self, name, float(value))

    @property
    def whole(self) -> bool:
        """True for a shift by whole pixels and nothing else, which changes no pixel's value."""
        return self == AffineTransform(dx=round(self.dx), dy=round(self.dy))

    def to_list(self) -> list[float]:
        """Return the numbers in the order of the fields, as queries carry them."""
        return [getattr(self, item.name) for item in fields(self)]

    @classmethod
    def from_list(cls, numbers: Sequence[float]) -> "AffineTransform":
        """Return the transform that `to_list` wrote.

        Raises:
            ValueError: The numbers are anything else.
        """
        names = [item.name for item in fields(cls)]
        if len(numbers) != len(names):
            raise ValueError(f"A transform is {len(names)} numbers; got {len(numbers)}.")
        return cls(**dict(zip(names, numbers, strict=True)))


def sample_indices(total: int, count: int, seed: int) -> NDArray[np.int64]:
    """Return which of `total` test pictures to use: `count` indices drawn by `seed`, in order; or all there are."""
    if count >= total:
        return np.arange(total)
    return np.sort(np.random.default_rng(seed).permutation(total)[:count])


@dataclass(frozen=True, slots=True)
class Axis:
    """One kind of transform, and the values at which accuracies are measured along it."""

    name: str  # a field of AffineTransform
    title: str
    unit: str
    values: tuple[float, ...]
    still: float = 0.0  # the value that changes nothing

    def move(self, value: float) -> AffineTransform:
        """Return the transform by that value alone."""
        return AffineTransform(**{self.name: value})


AXES: dict[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis("rotate", "Turned clockwise by", "°", tuple(float(angle) for angle in range(-180, 181, 15))),
        Axis("scale", "Scaled to", "×", tuple(round(0.5 + 0.1 * step, 1) for step in range(16)), still=1.0),
        Axis("shear", "Slanted by", "°", tuple(float(angle) for angle in range(-45, 46, 5))),
        Axis("blur", "Blurred by σ", "px", tuple(0.25 * step for step in range(13))),
        Axis("dx", "Moved right by", "px", tuple(float(shift) for shift in SHIFTS)),
    )
}
