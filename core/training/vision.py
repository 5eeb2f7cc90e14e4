"""Steps as torchvision.transforms.v2 has them: for one picture at a time, and for what has no whole-batch version."""

from typing import Any

import torch
from torchvision.transforms import v2

from core.training import steps
from core.training.augmenting.blurring import taps
from core.training.augmenting.draws import ERASING_LEAST, ERASING_STRETCH
from core.training.steps import Step

_SMOOTH: dict[str, Any] = {"interpolation": v2.InterpolationMode.BILINEAR, "fill": None}  # None: 0 outside, no mask


def transform(step: Step, height: int, width: int) -> v2.Transform:
    """The step for pictures of (C, height, width) float32 in [0, 1]; Mixup and CutMix for batches and their labels.

    Raises ValueError for an alternating flip, which torchvision does not have.
    """
    match step:
        case steps.Rotation():
            return v2.RandomRotation(step.degrees, **_SMOOTH)
        case steps.Affine():
            reach = step.shift + 0.5  # which it rounds to whole pixels
            return v2.RandomAffine(
                step.rotate,
                translate=(reach / width, reach / height) if step.shift else None,
                scale=(1 - step.scale, 1 + step.scale) if step.scale else None,
                shear=step.shear or None,
                **_SMOOTH,
            )
        case steps.ResizedCrop():
            shape = width / height
            shapes = (shape / step.stretch, shape * step.stretch)
            return v2.RandomResizedCrop((height, width), scale=(step.least, 1), ratio=shapes)
        case steps.PaddedCrop():
            mode = "constant" if step.mode == "zero" else "reflect"
            return v2.RandomCrop((height, width), padding=step.padding, padding_mode=mode)
        case steps.HorizontalFlip(alternating=False):
            return v2.RandomHorizontalFlip(step.p)
        case steps.VerticalFlip():
            return v2.RandomVerticalFlip(step.p)
        case steps.Perspective():
            return v2.RandomPerspective(step.distortion, step.p, **_SMOOTH)
        case steps.Elastic():
            return v2.ElasticTransform(step.alpha, step.sigma, **_SMOOTH)
        case steps.ColorJitter():
            return v2.ColorJitter(step.brightness, step.contrast, step.saturation, step.hue)
        case steps.Grayscale():
            return v2.RandomGrayscale(step.p)
        case steps.Blur():
            return v2.GaussianBlur(taps(step.sigma, height, width), (0.1, step.sigma))
        case steps.Noise():
            return v2.GaussianNoise(sigma=step.sigma)
        case steps.Erasing():
            return v2.RandomErasing(step.p, (ERASING_LEAST, step.most), (1 / ERASING_STRETCH, ERASING_STRETCH))
        case steps.AutoAugment() | steps.RandAugment() | steps.TrivialAugment():
            return v2.Compose(
                [v2.ToDtype(torch.uint8, scale=True), policy(step), v2.ToDtype(torch.float32, scale=True)]
            )
        case steps.Normalize():
            return v2.Normalize([step.mean], [step.std])
        case steps.Mixup():
            return v2.MixUp(alpha=step.alpha)
        case steps.CutMix():
            return v2.CutMix(alpha=step.alpha)
    raise ValueError(f"torchvision has no {step.name} like this.")


def policy(step: Step) -> v2.Transform:
    """AutoAugment, RandAugment or TrivialAugment, for uint8 pictures."""
    match step:
        case steps.AutoAugment():
            return v2.AutoAugment(v2.AutoAugmentPolicy(step.policy), **_SMOOTH)
        case steps.RandAugment():
            return v2.RandAugment(step.ops, step.magnitude, **_SMOOTH)
    return v2.TrivialAugmentWide(**_SMOOTH)
