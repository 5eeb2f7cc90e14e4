"""Steps as torchvision.transforms.v2 has them: for one picture at a time, and for what has no whole-batch version."""

from typing import Any

import torch
from torch import Tensor
from torchvision.transforms import v2

from core.training.augmentation import specs
from core.training.augmentation.codegen import CLASSES
from core.training.augmentation.sampling import coin
from core.training.augmentation.specs import ERASING_LEAST, ERASING_STRETCH, taps
from core.training.augmentation.step import Step

_SMOOTH: dict[str, Any] = {"interpolation": v2.InterpolationMode.BILINEAR, "fill": None}  # None: 0 outside, no mask


class AlternatingFlip(torch.nn.Module):
    """Left and right exchanged every other epoch, half of the pictures in the first: not in torchvision."""

    epoch, index = 0, 0  # when a picture is seen, and its place in the dataset

    def forward(self, image: Tensor) -> Tensor:
        """(..., H, W) -> the same shape."""
        flips = (int(coin(torch.tensor(self.index))) + self.epoch) % 2 == 1
        return image.flip(-1) if flips else image


def transform(step: Step, height: int, width: int) -> torch.nn.Module:
    """The step for pictures of (C, height, width) float32 in [0, 1]; Mixup and CutMix for batches and their labels."""
    made: torch.nn.Module = _transform(step, height, width)
    return made


def _transform(step: Step, height: int, width: int) -> Any:
    match step:
        case specs.Rotation():
            return v2.RandomRotation(step.degrees, **_SMOOTH)
        case specs.Affine():
            reach = step.shift + 0.5  # which it rounds to whole pixels
            return v2.RandomAffine(
                step.rotate,
                translate=(reach / width, reach / height) if step.shift else None,
                scale=(1 - step.scale, 1 + step.scale) if step.scale else None,
                shear=step.shear or None,
                **_SMOOTH,
            )
        case specs.ResizedCrop():
            shape = width / height
            shapes = (shape / step.stretch, shape * step.stretch)
            return v2.RandomResizedCrop((height, width), scale=(step.least, 1), ratio=shapes)
        case specs.PaddedCrop():
            mode = "constant" if step.mode == "zero" else "reflect"
            return v2.RandomCrop((height, width), padding=step.padding, padding_mode=mode)
        case specs.HorizontalFlip():
            return AlternatingFlip() if step.alternating else v2.RandomHorizontalFlip(step.p)
        case specs.VerticalFlip():
            return v2.RandomVerticalFlip(step.p)
        case specs.Perspective():
            return v2.RandomPerspective(step.distortion, step.p, **_SMOOTH)
        case specs.Elastic():
            return v2.ElasticTransform(step.alpha, step.sigma, **_SMOOTH)
        case specs.ColorJitter():
            return v2.ColorJitter(step.brightness, step.contrast, step.saturation, step.hue)
        case specs.Grayscale():
            return v2.RandomGrayscale(step.p)
        case specs.Blur():
            return v2.GaussianBlur(taps(step.sigma, height, width), (0.1, step.sigma))
        case specs.Noise():
            return v2.GaussianNoise(sigma=step.sigma)
        case specs.Erasing():
            return v2.RandomErasing(step.p, (ERASING_LEAST, step.most), (1 / ERASING_STRETCH, ERASING_STRETCH))
        case specs.AutoAugment() | specs.RandAugment() | specs.TrivialAugment():
            return v2.Compose(
                [v2.ToDtype(torch.uint8, scale=True), policy(step), v2.ToDtype(torch.float32, scale=True)]
            )
        case specs.Normalize():
            return v2.Normalize([step.mean], [step.std])
        case specs.Mixup():
            return v2.MixUp(alpha=step.alpha, num_classes=CLASSES)
        case specs.CutMix():
            return v2.CutMix(alpha=step.alpha, num_classes=CLASSES)
    raise ValueError(f"torchvision has no {step.name}.")


def policy(step: Step) -> Any:
    """AutoAugment, RandAugment or TrivialAugment, for uint8 pictures."""
    match step:
        case specs.AutoAugment():
            return v2.AutoAugment(v2.AutoAugmentPolicy(step.policy), **_SMOOTH)
        case specs.RandAugment():
            return v2.RandAugment(step.ops, step.magnitude, **_SMOOTH)
    return v2.TrivialAugmentWide(**_SMOOTH)


def by_policy(step: Step, pictures: Tensor, seed: int) -> Tensor:
    """Return pictures changed by AutoAugment, RandAugment or TrivialAugment, each by operations of its own.

    Args:
        step: one of the three.
        pictures: uint8, (N, C, H, W).
        seed: of all that is drawn for these pictures.
    """
    change = policy(step)
    with torch.random.fork_rng(devices=[]):  # torchvision draws from the global generator
        torch.manual_seed(seed)
        return torch.stack([change(picture) for picture in pictures])
