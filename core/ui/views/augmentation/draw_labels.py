"""What was drawn for a picture, in a few words under it."""

from collections.abc import Sequence

from core.training.augmentation import specs
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.step import Step
from core.ui.display.numbers import MINUS
from core.ui.views.augmentation.queries import DrawnNumbers

_SHORT = {"brightness": "light", "contrast": "contrast", "saturation": "color"}


def draw_words(pipeline: Pipeline, drawn: Sequence[DrawnNumbers | None]) -> str:
    """Of all steps that were done: "↺ 12° · → 2 px, ↑ 1 px · mirrored"; of none: "as it is"."""
    said = [_step(step, one) for step, one in zip(pipeline.steps, drawn, strict=True) if one is not None]
    kept = [word.replace(" ", "\u00a0").replace(",\u00a0", ", ") for word in said]  # broken between numbers, not within
    return " · ".join(word.replace("\u00a0·\u00a0", " · ") for word in kept if word) or "as it is"


def _step(step: Step, drawn: DrawnNumbers) -> str:
    """The words of one step that was done."""
    number = {name: float(value) for name, value in drawn.items() if not isinstance(value, str)}
    match step:
        case specs.Rotation():
            return turned(-number["angle"])
        case specs.Affine():
            parts = [
                turned(number["angle"]) if step.rotate else "",
                f"× {number['scale']:.2f}" if step.scale else "",
                f"slant {number['shear']:.0f}°".replace("-", MINUS) if step.shear else "",
                shifted(number["dx"], number["dy"]) if step.shift else "",
            ]
            return " · ".join(part for part in parts if part)
        case specs.PaddedCrop():
            return shifted(number["dx"], number["dy"])
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
            return f"{100 * number['part']:.0f} % its own"
        case specs.AutoAugment() | specs.RandAugment() | specs.TrivialAugment():
            return ", ".join(str(word).replace("-", MINUS) for word in drawn.values())
    return ""  # noise and normalizing draw nothing that can be said


def turned(degrees: float) -> str:
    """Degrees, clockwise where positive: "↻ 12°"."""
    return f"{'↻' if degrees >= 0 else '↺'} {abs(degrees):.0f}°"


def shifted(dx: float, dy: float) -> str:
    """Pixels to the right and down: "→ 2 px, ↑ 1 px"; "" where nothing moved."""
    across = f"{'→' if dx > 0 else '←'} {abs(dx):.0f} px" if dx else ""
    down = f"{'↓' if dy > 0 else '↑'} {abs(dy):.0f} px" if dy else ""
    return ", ".join(part for part in (across, down) if part)
