"""Describe an augmentation pipeline, and pass it by URL from the augmentation page to a page that trains."""

from core.training.augmentation import specs
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.step import PipelineError, Range, Step, settings
from core.ui.state import query

TRAIN = "m_pipeline"  # in the MNIST page's URL: a pipeline's JSON, or the name of a preset
TRAIN_CIFAR, CIFAR_CHOICE, FROM_LINK = "ci_pipeline", "ci_aug", "given"  # the CIFAR-10 page's
FROM_LINK_TITLE = "From the augmentation page"  # the label of FROM_LINK
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
    """Return the steps in one line: "affine (shift ±2 px, rotate ±10°), horizontal flip (p 0.5)"; "no" without any."""
    return ", ".join(map(step_words, pipeline.busy.steps)) or "no"


def count_words(pipeline: Pipeline) -> str:
    """Return the number of steps: "1 step", "3 steps"."""
    count = len(pipeline.steps)
    return f"{count} step{'s' * (count != 1)}"


def settings_title(pipeline: Pipeline | None) -> str:
    """Return the label of a page's settings, which tells that a pipeline came in the link: "Settings: 2 steps"."""
    return "Settings" if pipeline is None else f"Settings: {count_words(pipeline)}"


def step_list(pipeline: Pipeline) -> str:
    """Return the steps as a numbered list in Markdown."""
    return "".join(f"\n1. {step_words(step)}" for step in pipeline.steps) or "No step."


def step_words(step: Step) -> str:
    """Return one step with its settings that are not 0."""
    parts = [_setting(step, name) for name in settings(step) if getattr(step, name)]
    return f"{NAMES[step.name]} ({', '.join(parts)})" if parts else NAMES[step.name]


def _setting(step: Step, name: str) -> str:
    value, setting = getattr(step, name), settings(step)[name]
    if not isinstance(setting, Range):
        return name if value is True else f"{name} {value}"
    sign = "±" if isinstance(step, specs.Affine | specs.Rotation | specs.ColorJitter) else ""
    unit = setting.unit if setting.unit in ("", "°") else f" {setting.unit}"
    return f"{name} {sign}{value:g}{unit}"


def load_from_url(parameter: str = TRAIN) -> Pipeline | None:
    """Return the pipeline in this page's URL; None without one.

    An invalid pipeline is reported on the page and removed from the URL. `parameter` is its name in the URL.
    """
    text = query.read(parameter)
    if text is None:
        return None
    try:
        pipeline = Pipeline.from_json(text if text.startswith(("[", "{")) else f'"{text}"').trainable
    except PipelineError as error:
        remove_from_url(parameter)
        query.report(f"The link's augmentation cannot be read. {error}")
        return None
    return pipeline


def put_in_url(pipeline: Pipeline, parameter: str = TRAIN) -> None:
    """Write a pipeline to this page's URL, as if it came in a link. For callbacks."""
    query.write(parameter, pipeline.to_json())


def remove_from_url(parameter: str = TRAIN) -> None:
    """Remove the pipeline from this page's URL. For callbacks."""
    query.write(parameter, None)
