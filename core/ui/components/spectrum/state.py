"""The settings of the wave and filter editors, checked, from a link or from a browser.

A component reports the same names and values as the URL, so that one parser serves both.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from core.images.frequency_filters import MASKS, MaskKind, band_pass, low_pass
from core.ui.state.url_values import Choice, Field, Number, Refused

Pass = Literal["low", "high", "band"]
PASSES: tuple[Pass, ...] = get_args(Pass)
View = Literal["kept", "removed", "picture"]
VIEWS: tuple[View, ...] = get_args(View)

WAVES_SIZE = 128  # px of the picture of waves
MAX_WAVES = 4
MIN_RADIUS = 0.5
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
        try:
            return cls(FIELDS["f_waves"].read(code)) if isinstance(code, str) else cls()
        except Refused:
            return cls()


@dataclass(frozen=True, slots=True)
class Waves:
    """The setting of the waves' code."""

    label: str

    def read(self, text: str) -> str:
        """Return the code. Raises Refused."""
        waves = text.split("_")
        if len(waves) > MAX_WAVES:
            raise Refused(f"has more than {MAX_WAVES} waves")
        for wave in waves:
            numbers = wave.split("-")
            if len(numbers) != len(WAVE):
                raise Refused("is not four numbers a wave: cycles, degrees, contrast and shift")
            for number, part in zip(numbers, WAVE, strict=True):
                try:
                    part.read(number)
                except Refused as reason:
                    raise Refused(f"has a {part.label} that {reason}") from None
        return text

    def write(self, value: Any) -> str:
        """Return the code itself."""
        return str(value)


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
        radius = _number(values.get("f_radius"), MIN_RADIUS, MAX_RADIUS, default.f_radius)
        return cls(
            f_pass=_choice(values.get("f_pass"), PASSES, default.f_pass),
            f_kind=_choice(values.get("f_kind"), MASKS, default.f_kind),
            f_order=round(_number(values.get("f_order"), 1, MAX_ORDER, default.f_order)),
            f_radius=radius,
            f_inner=min(_number(values.get("f_inner"), MIN_RADIUS, MAX_RADIUS, default.f_inner), radius),
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


WAVE = (
    Number("frequency", 0.0, WAVES_SIZE / 2, step=0),
    Number("direction", 0.0, 360.0, step=0),
    Number("contrast", 0.0, 100.0, step=0),
    Number("shift", 0.0, 100.0, step=0),
)
FIELDS: dict[str, Field] = {
    "f_waves": Waves("Waves"),
    "f_pass": Choice("Pass", PASSES),
    "f_kind": Choice("Filter", MASKS),
    "f_order": Number("Order", 1, MAX_ORDER),
    "f_radius": Number("Radius", MIN_RADIUS, float(MAX_RADIUS), step=0),
    "f_inner": Number("Inner radius", MIN_RADIUS, float(MAX_RADIUS), step=0),
    "f_view": Choice("View", VIEWS),
}


def _choice(value: object, choices: tuple[T, ...], otherwise: T) -> T:
    return next((choice for choice in choices if choice == value), otherwise)


def _number(value: object, low: float, high: float, otherwise: float) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return min(max(number, low), high) if math.isfinite(number) else otherwise
