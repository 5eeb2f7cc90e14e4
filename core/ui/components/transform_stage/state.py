"""The transform of a picture on the stage, checked, from a link or from a browser."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from core.insight.transforms import LIMITS, AffineTransform
from core.ui.state.url_values import Choice, Field, Number

LABELS = {
    "dx": "Shift right (px)",
    "dy": "Shift down (px)",
    "rotate": "Rotate (°)",
    "scale": "Scale (factor)",
    "shear": "Shear (°)",
    "blur": "Blur (σ in px)",
}
STRIP_STEPS = {"dx": 1, "dy": 1, "rotate": 15, "scale": 0.1, "shear": 5, "blur": 0.25}
DECIMALS = 2  # of a value: finer than any hand
FIELDS: dict[str, Field] = {
    **{f"i_{name}": Number(label, *LIMITS[name], step=10**-DECIMALS) for name, label in LABELS.items()},
    "i_along": Choice("Predictions over the range of", list(LABELS), LABELS.__getitem__),
}


@dataclass(frozen=True, slots=True)
class TransformState:
    """The six numbers of a transform, and the one over whose range every network's predictions are shown."""

    i_dx: float = 0.0
    i_dy: float = 0.0
    i_rotate: float = 0.0
    i_scale: float = 1.0
    i_shear: float = 0.0
    i_blur: float = 0.0
    i_along: str = "dx"

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Return the transform in `values`; missing or invalid fields have their defaults."""
        default = cls()
        numbers = {
            f"i_{name}": _number(values.get(f"i_{name}"), name, getattr(default, f"i_{name}")) for name in LABELS
        }
        along = values.get("i_along")
        return cls(**numbers, i_along=along if isinstance(along, str) and along in LABELS else default.i_along)

    @property
    def transform(self) -> AffineTransform:
        """Return the transform."""
        return AffineTransform(**{name: getattr(self, f"i_{name}") for name in LABELS})

    @property
    def strip(self) -> list[float]:
        """Return the values of the number `i_along` over its range."""
        low, high = LIMITS[self.i_along]
        step = STRIP_STEPS[self.i_along]
        return [round(low + index * step, 4) for index in range(round((high - low) / step) + 1)]

    @property
    def strip_transforms(self) -> list[AffineTransform]:
        """Return the transform with each value of the strip."""
        others = {name: getattr(self, f"i_{name}") for name in LABELS}
        return [AffineTransform(**{**others, self.i_along: value}) for value in self.strip]


def _number(value: object, name: str, otherwise: float) -> float:
    """Return a number; `otherwise` for what is none or beyond the limits."""
    low, high = LIMITS[name]
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return round(number, DECIMALS) + 0.0 if math.isfinite(number) and low <= number <= high else otherwise
