"""What a person sets in the page's two browser components: checked, whether it comes from a link or from a browser.

A component reports the same names and values that the URL holds, so that one reading serves both.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from core.images.frequency import MASKS, MaskKind, band_pass, low_pass

Pass = Literal["low", "high", "band"]
PASSES: tuple[Pass, ...] = get_args(Pass)
View = Literal["kept", "removed", "picture"]
VIEWS: tuple[View, ...] = get_args(View)

WAVES_SIZE = 128  # px of the picture of waves
MOST_WAVES = 4
LARGEST_RADIUS = 182  # cycles an image: the corner of a 256 x 256 spectrum, rounded up
LARGEST_ORDER = 8

Reported = Mapping[str, Any]
T = TypeVar("T", bound=str)


@dataclass(frozen=True, slots=True)
class WavesState:
    """Up to four waves as "cycles-degrees-contrast-phase", joined by "_"; contrast and phase in percent."""

    f_waves: str = "10-36.87-90-0"

    @classmethod
    def read(cls, values: Reported) -> Self:
        """The waves named in `values`, or the default where that is nothing the page can draw."""
        code = values.get("f_waves")
        return cls(code) if isinstance(code, str) and _draws(code) else cls()


def _draws(code: str) -> bool:
    try:
        waves = [[float(number) for number in wave.split("-")] for wave in code.split("_")]
    except ValueError:
        return False
    highest = (WAVES_SIZE / 2, 360, 100, 100)
    return 1 <= len(waves) <= MOST_WAVES and all(
        len(wave) == 4 and all(0 <= number <= most for number, most in zip(wave, highest, strict=True))
        for wave in waves
    )


@dataclass(frozen=True, slots=True)
class FilterState:
    """A filter drawn on a spectrum: radii in cycles an image; `f_inner` is a band's, `f_order` Butterworth's."""

    f_pass: Pass = "low"
    f_kind: MaskKind = "ideal"
    f_order: int = 2
    f_radius: float = 24.0
    f_inner: float = 8.0
    f_view: View = "kept"

    @classmethod
    def read(cls, values: Reported) -> Self:
        """The filter named in `values`; what is missing or no filter has is at its default."""
        good = cls()
        radius = _number(values.get("f_radius"), 0.5, LARGEST_RADIUS, good.f_radius)
        return cls(
            f_pass=_one_of(values.get("f_pass"), PASSES, good.f_pass),
            f_kind=_one_of(values.get("f_kind"), MASKS, good.f_kind),
            f_order=round(_number(values.get("f_order"), 1, LARGEST_ORDER, good.f_order)),
            f_radius=radius,
            f_inner=min(_number(values.get("f_inner"), 0.5, LARGEST_RADIUS, good.f_inner), radius),
            f_view=_one_of(values.get("f_view"), VIEWS, good.f_view),
        )

    def mask(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """What each wave of an H x W picture is multiplied with. Centered, (H, W)."""
        if self.f_pass == "band":
            return band_pass(shape, self.f_inner, self.f_radius, self.f_kind, self.f_order)
        low = low_pass(shape, self.f_radius, self.f_kind, self.f_order)
        return low if self.f_pass == "low" else 1 - low

    @property
    def words(self) -> str:
        """The filter's name and radius: "ideal low pass at 20 cycles an image"."""
        kind = {"ideal": "ideal", "gaussian": "Gaussian", "butterworth": f"Butterworth (order {self.f_order})"}[
            self.f_kind
        ]
        reach = f"from {self.f_inner:g} to {self.f_radius:g}" if self.f_pass == "band" else f"at {self.f_radius:g}"
        return f"{kind} {self.f_pass} pass {reach} cycles per image"


State = WavesState | FilterState
LABELS = {
    "f_waves": "Waves",
    "f_pass": "Pass",
    "f_kind": "Filter",
    "f_order": "Order",
    "f_radius": "Radius",
    "f_inner": "Inner radius",
    "f_view": "View",
}
"""What each part is called in a sentence."""


def means(text: str, value: object) -> bool:
    """Return whether a link's text is this value."""
    if isinstance(value, str):
        return text == value
    try:
        return float(text) == value
    except ValueError:
        return False


def to_query(state: State) -> dict[str, str | None]:
    """What of it belongs into the URL: a value, or None where it is the default's and the URL says nothing."""
    default = type(state)()
    written: dict[str, str | None] = {}
    for field in fields(state):
        value = getattr(state, field.name)
        text = f"{value:g}" if isinstance(value, float) else str(value)
        written[field.name] = None if value == getattr(default, field.name) else text
    return written


def _one_of(value: object, choices: tuple[T, ...], otherwise: T) -> T:
    return next((choice for choice in choices if choice == value), otherwise)


def _number(value: object, low: float, high: float, otherwise: float) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return min(max(number, low), high) if math.isfinite(number) else otherwise
