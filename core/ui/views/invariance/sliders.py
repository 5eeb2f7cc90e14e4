"""The sliders of the six transforms: their steps, and what the predictions do over the range of one of them."""

from collections.abc import Sequence

from core.insight.transforms import LIMITS, AffineTransform
from core.ui.display import numbers
from core.ui.views.invariance.picture import InputPicture

IDENTITY = {"dx": 0, "dy": 0, "rotate": 0, "scale": 1.0, "shear": 0, "blur": 0.0}
NAMES = {
    "dx": "shift right",
    "dy": "shift down",
    "rotate": "rotate",
    "scale": "scale",
    "shear": "shear",
    "blur": "blur",
}
STEP = {"dx": 1, "dy": 1, "rotate": 5, "scale": 0.1, "shear": 5, "blur": 0.25}
STRIP_STEP = STEP | {"rotate": 15}
UNITS = {"dx": "px", "dy": "px", "rotate": "°", "scale": "", "shear": "°", "blur": "px"}
LABELS = {
    "dx": "Shift right (px)",
    "dy": "Shift down (px)",
    "rotate": "Rotate (°)",
    "scale": "Scale (factor)",
    "shear": "Shear (°)",
    "blur": "Blur (σ in px)",
}
HELP = {
    "dx": "Whole pixels to the right; empty areas are filled with black",
    "dy": "Whole pixels down; negative values shift up",
    "rotate": "Clockwise around the center",
    "scale": "2 doubles the size, 0.5 halves it",
    "shear": "How far a vertical stroke leans",
    "blur": "Standard deviation of a Gaussian blur",
}


def values_along(name: str) -> list[float]:
    """Return the values of a slider in its strip, from left to right."""
    low, high = LIMITS[name]
    count = round((high - low) / STRIP_STEP[name])
    return [round(low + index * STRIP_STEP[name], 4) for index in range(count + 1)]


def describe_move(move: AffineTransform) -> str:
    """Return a transform in words: "shift right +3 px, rotate −15°"."""
    parts = [
        f"{NAMES[name]} {with_unit(name, value)}"
        for name, value in zip(IDENTITY, move.to_list(), strict=True)
        if value != IDENTITY[name]
    ]
    return ", ".join(parts) if parts else "unchanged"


def with_unit(name: str, value: float) -> str:
    """Return a slider's value with its sign and unit: "+3 px", "−15°", "0.8"."""
    sign = "" if name in ("scale", "blur") or value == 0 else "+" if value > 0 else numbers.MINUS
    unit = UNITS[name]
    return f"{sign}{abs(value):g}{'' if unit in ('', '°') else numbers.SPACE}{unit}"


def turning_points(answers: Sequence[int], strip: Sequence[float], name: str) -> list[float]:
    """Return the nearest values below and above the identity at which the prediction differs from that there."""
    identity = identity_index(strip, name)
    below = [index for index in range(identity) if answers[index] != answers[identity]]
    above = [index for index in range(identity + 1, len(strip)) if answers[index] != answers[identity]]
    return [strip[index] for index in (*below[-1:], *above[:1])]


def answer_changes(answers: Sequence[int], strip: Sequence[float], name: str, classes: Sequence[str]) -> str:
    """Return a sentence on where a network's prediction changes, and to what."""
    points = [
        f"{with_unit(name, value)} (to {classes[answers[strip.index(value)]]})"
        for value in turning_points(answers, strip, name)
    ]
    return f"Prediction changes at {' and '.join(points)}" if points else "Same prediction over the whole range"


def expected(source: InputPicture, answers: Sequence[int], strip: Sequence[float], name: str) -> int:
    """Return the class that a strip marks: the true one, or the prediction for the unchanged picture if unknown."""
    return answers[identity_index(strip, name)] if source.truth is None else source.truth


def identity_index(strip: Sequence[float], name: str) -> int:
    """Return the index in a strip of the value nearest to the identity."""
    return min(range(len(strip)), key=lambda index: abs(strip[index] - IDENTITY[name]))
