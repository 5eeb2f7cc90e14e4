"""Make the transforms of torchvision.transforms.v2: the reference for single pictures, and the policies on batches."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torchvision.transforms import v2

from core.training.augmentation.sampling import coin
from core.training.augmentation.step import Step
from core.training.augmentation.torchvision_calls import ALTERNATING_FLIP, Call, call

_SMOOTH: dict[str, Any] = {"interpolation": v2.InterpolationMode.BILINEAR, "fill": None}  # None: 0 outside, no mask


class AlternatingFlip(torch.nn.Module):
    """Swap left and right every other epoch, for half of the pictures in the first. Not in torchvision."""

    epoch, index = 0, 0  # when a picture is seen, and its place in the dataset

    def forward(self, image: Tensor) -> Tensor:
        """Map (..., H, W) to the same shape."""
        flips = (int(coin(torch.tensor(self.index))) + self.epoch) % 2 == 1
        return image.flip(-1) if flips else image


def transform(step: Step, height: int, width: int) -> torch.nn.Module:
    """Return a step's transform for pictures (C, height, width) float32 in [0, 1].

    That of Mixup and of CutMix takes a batch of them and its labels.
    """
    made: torch.nn.Module = _make(call(step, height, width))
    return made


def policy(step: Step) -> Any:
    """Return the transform of AutoAugment, RandAugment or TrivialAugment, for uint8 pictures of any size."""
    return _make(replace(call(step, 1, 1), on_bytes=False))


def _make(wanted: Call) -> Any:
    """Return what a call gives."""
    kind = AlternatingFlip if wanted.name == ALTERNATING_FLIP else getattr(v2, wanted.name)
    arguments = [_make(value) if isinstance(value, Call) else value for value in wanted.arguments]
    made = kind(*arguments, **wanted.options, **(_SMOOTH if wanted.smooth else {}))
    if not wanted.on_bytes:
        return made
    return v2.Compose([v2.ToDtype(torch.uint8, scale=True), made, v2.ToDtype(torch.float32, scale=True)])


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


def policy_operations(step: Step, n: int, height: int, width: int, seed: int) -> list[list[tuple[str, float]]]:
    """Return the operations, as names and magnitudes, that `by_policy` does to each of `n` pictures with this seed."""
    change, chosen = policy(step), list[list[tuple[str, float]]]()

    def act(image: Tensor, name: str, magnitude: float, **_: Any) -> Tensor:
        chosen[-1].append((name, magnitude))
        return image

    change._apply_image_or_video_transform = act
    blank = torch.zeros(1, height, width, dtype=torch.uint8)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for _ in range(n):
            chosen.append([])
            change(blank)
    return chosen
