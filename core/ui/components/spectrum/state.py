"""The settings of the wave and filter editors, checked, from a link or from a browser.

A component reports the same names and values as the URL, so that one parser serves both.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from core.images.frequency import MASKS, MaskKind, band_pass, low_pass

Pass = Literal["low", "high", "band"]
PASSES: tuple[Pass, ...] = get_args(Pass)
View = Literal["kept", "removed", "picture"]
VIEWS: tuple[View, ...] = get_args(View)

WAVES_SIZE = 128  # px of the picture of waves
MAX_WAVES = 4
MAX_RADIUS = 182  # cycles per image: the corner of a 256 x 256 spectrum, rounded up
MAX_ORDER = 8

Reported = Mapping[str, Any]
T = TypeVar("T", bound=str)


@dataclass(frozen=True, slots=True)
class WavesState:
    """Up to four waves as "cycles-degrees-contrast-phase", joined by "_"; contrast and phase in percent."""

    f_waves: str = "10-36.87-90-0"

    @classmethod
    def read(cls, values: Reported) -> Self:
        """Return the waves in `values`, or the default if they are invalid."""
        code = values.get("f_waves")
        return cls(code) if isinstance(code, str) and _is_valid(code) else cls()


def _is_valid(code: str) -> bool:
    try:
        waves = [[float(number) for number in wave.split("-")] for wave in code.split("_")]
    except ValueError:
        return False
    limits = (WAVES_SIZE / 2, 360, 100, 100)
    return 1 <= len(waves) <= MAX_WAVES and all(
        len(wave) == 4 and all(0 <= number <= limit for number, limit in zip(wave, limits, strict=True))
        for wave in waves
    )


@dataclass(frozen=True, slots=True)
class FilterState:
    """A filter drawn on a spectrum: radii in cycles per image; `f_inner` is a band's, `f_order` Butterworth's."""

    f_pass: Pass = "low"
    f_kind: MaskKind = "ideal"
    f_order: int = 2
    f_radius: float = 24.0
    f_inner: float = 8.0
    f_view: View = "kept"

    @classmethod
    def read(cls, values: Reported) -> Self:
        """Return the filter in `values`; missing or invalid fields have their defaults."""
        default = cls()
        radius = _number(values.get("f_radius"), 0.5, MAX_RADIUS, default.f_radius)
        return cls(
            f_pass=_choice(values.get("f_pass"), PASSES, default.f_pass),
            f_kind=_choice(values.get("f_kind"), MASKS, default.f_kind),
            f_order=round(_number(values.get("f_order"), 1, MAX_ORDER, default.f_order)),
            f_radius=radius,
            f_inner=min(_number(values.get("f_inner"), 0.5, MAX_RADIUS, default.f_inner), radius),
            f_view=_choice(values.get("f_view"), VIEWS, default.f_view),
        )

    def mask(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Return the factor for each wave of an H x W picture: centered, (H, W)."""
        if self.f_pass == "band":
            return band_pass(shape, self.f_inner, self.f_radius, self.f_kind, self.f_order)
        low = low_pass(shape, self.f_radius, self.f_kind, self.f_order)
        return low if self.f_pass == "low" else 1 - low

    @property
    def description(self) -> str:
        """Return the filter's name and radius, such as "ideal low pass at 20 cycles per image"."""
        kind = {"ideal": "ideal", "gaussian": "Gaussian", "butterworth": f"Butterworth (order {self.f_order})"}[
            self.f_kind
        ]
        radii = f"from {self.f_inner:g} to {self.f_radius:g}" if self.f_pass == "band" else f"at {self.f_radius:g}"
        return f"{kind} {self.f_pass} pass {radii} cycles per image"


LABELS = {
    "f_waves": "Waves",
    "f_pass": "Pass",
    "f_kind": "Filter",
    "f_order": "Order",
    "f_radius": "Radius",
    "f_inner": "Inner radius",
    "f_view": "View",
}
"""Display names of the fields."""


def _choice(value: object, choices: tuple[T, ...], otherwise: T) -> T:
    return next((choice for choice in choices if choice == value), otherwise)


def _number(value: object, low: float, high: float, otherwise: float) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return min(max(number, low), high) if math.isfinite(number) else otherwise
