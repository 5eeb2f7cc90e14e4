"""Describe the random numbers drawn for a picture in a few words."""

from collections.abc import Sequence

from core.training.augmentation import specs
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.step import Step
from core.ui.display.numbers import MINUS, SPACE
from core.ui.views.augmentation.queries import DrawnNumbers

_SHORT = {"brightness": "light", "contrast": "contrast", "saturation": "color"}


def describe_draw(pipeline: Pipeline, drawn: Sequence[DrawnNumbers | None]) -> str:
    """Return the applied steps, "↺ 12° · → 2 px, ↑ 1 px · mirrored", or "unchanged"."""
    applied = [
        _describe_step(step, values) for step, values in zip(pipeline.steps, drawn, strict=True) if values is not None
    ]
    words = [
        text.replace(" ", "\u00a0").replace(",\u00a0", ", ") for text in applied
    ]  # line breaks only between numbers
    return " · ".join(word.replace("\u00a0·\u00a0", " · ") for word in words if word) or "unchanged"


def describe_label(pipeline: Pipeline, drawn: Sequence[DrawnNumbers | None], own: str, other: str) -> str:
    """Return both parts of a mixed label: "label: 7 (70 %), 2 (30 %)"; empty if the pipeline does not mix labels."""
    if pipeline.busy.mixing is None or not (numbers_of := drawn[-1]):
        return ""
    part = round(100 * float(numbers_of["part"]))
    return f"label: {own} ({part}{SPACE}%), {other} ({100 - part}{SPACE}%)"


def _describe_step(step: Step, drawn: DrawnNumbers) -> str:
    """Return one applied step in words."""
    number = {name: float(value) for name, value in drawn.items() if not isinstance(value, str)}
    match step:
        case specs.Rotation():
            return rotation_words(-number["angle"])
        case specs.Affine():
            parts = [
                rotation_words(number["angle"]) if step.rotate else "",
                f"× {number['scale']:.2f}" if step.scale else "",
                f"shear {number['shear']:.0f}°".replace("-", MINUS) if step.shear else "",
                shift_words(number["dx"], number["dy"]) if step.shift else "",
            ]
            return " · ".join(part for part in parts if part)
        case specs.PaddedCrop():
            return shift_words(number["dx"], number["dy"])
        case specs.ResizedCrop():
            return f"window {number['height']:.0f} × {number['width']:.0f} px"
        case specs.HorizontalFlip():
            return "mirrored"
        case specs.VerticalFlip():
            return "upside down"
        case specs.Perspective():
            return f"corners {number['corners']:.1f} px"
        case specs.Elastic():
            return f"bent {number['moved']:.1f} px"
        case specs.ColorJitter():
            factors = [f"{_SHORT[name]} × {value:.1f}" for name, value in number.items() if name != "hue"]
            hue = [f"hue {360 * number['hue']:+.0f}°".replace("-", MINUS)] if "hue" in number else []
            return ", ".join([*factors, *hue])
        case specs.Grayscale():
            return "gray"
        case specs.Blur():
            return f"σ {number['sigma']:.1f} px"
        case specs.Erasing():
            return f"{number['height']:.0f} × {number['width']:.0f} px erased"
        case specs.Mixup() | specs.CutMix():
            return f"{100 * number['part']:.0f} % of this picture"
        case specs.AutoAugment() | specs.RandAugment() | specs.TrivialAugment():
            return ", ".join(str(word).replace("-", MINUS) for word in drawn.values())
    return ""  # noise and normalization draw no number to show


def rotation_words(degrees: float) -> str:
    """Return degrees, clockwise if positive: "↻ 12°"."""
    return f"{'↻' if degrees >= 0 else '↺'} {abs(degrees):.0f}°"


def shift_words(dx: float, dy: float) -> str:
    """Return pixels to the right and down: "→ 2 px, ↑ 1 px"; empty for no shift."""
    across = f"{'→' if dx > 0 else '←'} {abs(dx):.0f} px" if dx else ""
    down = f"{'↓' if dy > 0 else '↑'} {abs(dy):.0f} px" if dy else ""
    return ", ".join(part for part in (across, down) if part)
