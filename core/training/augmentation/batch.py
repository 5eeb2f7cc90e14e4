"""Run a pipeline on training pictures, a whole batch at once and on their device."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.training.augmentation import color, geometry, specs
from core.training.augmentation.mixing import mixed
from core.training.augmentation.normalization import Normalization
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.sampling import Batch, Drawn, constant, draw
from core.training.augmentation.step import Step

CPU_CHUNK = 125  # pictures at a time on the CPU: the output of a step is still in the cache for the next one
UNIT_RANGE = Normalization((0.0,), (1.0,))  # of pictures that lie in [0, 1] as they are


def augment(
    images: Tensor,
    pipeline: Pipeline,
    generator: torch.Generator,
    normalization: Normalization = UNIT_RANGE,
    *,
    epoch: int = 0,
    indices: Tensor | None = None,
) -> Tensor:
    """Return the pictures after all steps but Mixup and CutMix, each changed by numbers drawn for it alone.

    Steps that move whole pixels leave values untouched to the bit.

    Args:
        images: (N, C, H, W), any float type, normalized as `normalization` says.
        pipeline: The steps.
        generator: Draws the numbers.
        normalization: Of the pictures.
        epoch: Decides alternating flips, together with `indices`.
        indices: (N,), the pictures' places in the dataset.
    """
    todo = [step for step in pipeline.steps if not step.idle and not isinstance(step, specs.MIXING)]
    if not todo:
        return images
    batch = Batch(len(images), images.shape[2], images.shape[3], generator, epoch, indices)
    drawn = _joined([(step, draw(step, batch)) for step in todo])
    if images.device.type != "cpu":
        return _run(images, drawn, normalization)
    changed = torch.empty_like(images)
    for start in range(0, len(images), CPU_CHUNK):
        part = slice(start, start + CPU_CHUNK)
        numbers = [(step, {name: value[part] for name, value in one.items()}) for step, one in drawn]
        changed[part] = _run(images[part], numbers, normalization)
    return changed


def _joined(drawn: list[tuple[Step, Drawn]]) -> list[tuple[Step, Drawn]]:
    """Return the steps with flips joined to the step before them that reads between pixels; no value differs for it."""
    joined: list[tuple[Step, Drawn]] = []
    for step, numbers in drawn:
        name = geometry.FLIPS.get(type(step))
        if name is None or not joined or not geometry.reads_between(joined[-1][0]):
            joined.append((step, numbers))
            continue
        before, others = joined[-1]
        done = numbers["done"] ^ others[name] if name in others else numbers["done"]
        joined[-1] = before, {**others, name: done}
    return joined


def _run(images: Tensor, drawn: list[tuple[Step, Drawn]], normalization: Normalization) -> Tensor:
    """Do all steps, with what was drawn for each."""
    mean, std = (constant(values, images.device).view(-1, 1, 1) for values in (normalization.mean, normalization.std))
    black = -mean / std
    if not any(isinstance(step, _COLORS) for step, _ in drawn):
        for step, numbers in drawn:
            images = apply(images, step, numbers, black)
        return images
    shown = (images.float() * std + mean).clamp(0, 1)  # the factors of these steps are of black 0 and white 1
    for step, numbers in drawn:
        shown = apply(shown, step, numbers, torch.zeros_like(black))
    return ((shown - mean) / std).to(images.dtype)


def apply(images: Tensor, step: Step, drawn: Drawn, black: Tensor) -> Tensor:
    """Do one step to (N, C, H, W) with what was drawn for it. Deterministic.

    `black` (C, 1, 1) fills what comes in from outside, and what Erasing leaves. Steps of _COLORS take values in [0, 1].
    """
    return _APPLY[type(step)](images, step, drawn, black)


def mix(
    images: Tensor, labels: Tensor, pipeline: Pipeline, generator: torch.Generator, classes: int
) -> tuple[Tensor, Tensor]:
    """Return pictures (N, C, H, W) and labels after Mixup or CutMix: labels (N, classes) then, else (N,) unchanged."""
    step = pipeline.mixing
    if step is None or step.idle:
        return images, labels
    batch = Batch(len(images), images.shape[2], images.shape[3], generator)
    return mixed(images, labels, step, draw(step, batch), classes)


def _by_policy(images: Tensor, step: Step, drawn: Drawn, black: Tensor) -> Tensor:
    """Do AutoAugment, RandAugment or TrivialAugment to pictures of 256 levels, as torchvision has them."""
    from core.training.augmentation.torchvision_reference import (
        by_policy,  # here, because importing torchvision takes a second or two
    )

    return by_policy(step, (images * 255).round().byte(), int(drawn["seed"][0])).to(images) / 255


_COLORS = (
    *(specs.ColorJitter, specs.Grayscale, specs.Noise, specs.Normalize),
    *(specs.AutoAugment, specs.RandAugment, specs.TrivialAugment),
)
_APPLY: dict[type[Step], Callable[[Tensor, Any, Drawn, Tensor], Tensor]] = {
    specs.Rotation: geometry.rotation,
    specs.Affine: geometry.affine,
    specs.ResizedCrop: geometry.resized_crop,
    specs.PaddedCrop: geometry.padded_crop,
    specs.HorizontalFlip: geometry.horizontal_flip,
    specs.VerticalFlip: geometry.vertical_flip,
    specs.Perspective: geometry.perspective,
    specs.Elastic: geometry.elastic,
    specs.ColorJitter: color.color_jitter,
    specs.Grayscale: color.grayscale,
    specs.Blur: color.blur,
    specs.Noise: color.noise,
    specs.Erasing: color.erasing,
    specs.AutoAugment: _by_policy,
    specs.RandAugment: _by_policy,
    specs.TrivialAugment: _by_policy,
    specs.Normalize: color.normalize,
}
