"""A pipeline of augmentation in words."""

from core.training import steps
from core.training.pipeline import Pipeline
from core.training.steps import Range, Step, settings

NAMES: dict[str, str] = {
    "Rotation": "rotation",
    "Affine": "affine",
    "ResizedCrop": "resized crop",
    "PaddedCrop": "padded crop",
    "HorizontalFlip": "horizontal flip",
    "VerticalFlip": "vertical flip",
    "Perspective": "perspective",
    "Elastic": "elastic",
    "ColorJitter": "color jitter",
    "Grayscale": "grayscale",
    "Blur": "Gaussian blur",
    "Noise": "Gaussian noise",
    "Erasing": "random erasing",
    "AutoAugment": "AutoAugment",
    "RandAugment": "RandAugment",
    "TrivialAugment": "TrivialAugment",
    "Normalize": "normalize",
    "Mixup": "Mixup",
    "CutMix": "CutMix",
}


def words(pipeline: Pipeline) -> str:
    """The steps in a line: "affine (shift ±2 px, rotate ±10°), horizontal flip (p 0.5)"; "no" where nothing changes."""
    return ", ".join(map(step_words, pipeline.busy.steps)) or "no"


def step_words(step: Step) -> str:
    """One step with its settings, those at 0 left out."""
    told = [_setting(step, name) for name in settings(step) if getattr(step, name)]
    return f"{NAMES[step.name]} ({', '.join(told)})" if told else NAMES[step.name]


def _setting(step: Step, name: str) -> str:
    value, setting = getattr(step, name), settings(step)[name]
    if not isinstance(setting, Range):
        return name if value is True else f"{name} {value}"
    sign = "±" if isinstance(step, steps.Affine | steps.Rotation | steps.ColorJitter) else ""
    unit = setting.unit if setting.unit in ("", "°") else f" {setting.unit}"
    return f"{name} {sign}{value:g}{unit}"
