"""Mixup and CutMix: mix pictures of a batch with their neighbors, and the labels in the same proportions."""

import math

import numpy as np
from torch import Tensor
from torch.nn import functional

from core.training.augmentation.sampling import Drawn
from core.training.augmentation.specs import CutMix, Mixup
from core.training.augmentation.step import Step


def mixed(images: Tensor, labels: Tensor, step: Step, drawn: Drawn, classes: int) -> tuple[Tensor, Tensor]:
    """Mix each picture (N, C, H, W) with the one before it in the batch, as torchvision pairs them.

    Returns:
        Pictures of the same shape, and labels (N, classes) float32 whose rows sum to 1.
    """
    part, box = parts(step, drawn, images.shape[2], images.shape[3])
    others = images.roll(1, 0)
    if box is None:
        images = (images.float() * part + others.float() * (1 - part)).to(images.dtype)
    else:
        left, top, right, bottom = box
        images = images.clone()
        images[:, :, top:bottom, left:right] = others[:, :, top:bottom, left:right]
    truth = functional.one_hot(labels, classes).float()
    return images, truth * part + truth.roll(1, 0) * (1 - part)


def parts(step: Step, drawn: Drawn, height: int, width: int) -> tuple[float, tuple[int, int, int, int] | None]:
    """Return each picture's own proportion; for CutMix also the other's box: left, top, right, bottom in pixels."""
    assert isinstance(step, Mixup | CutMix)
    numbers = np.random.default_rng(int(drawn["seed"][0]))
    part = float(numbers.beta(step.alpha, step.alpha)) if step.alpha else 1.0
    if isinstance(step, Mixup):
        return part, None
    x, y = int(numbers.integers(width)), int(numbers.integers(height))
    half = 0.5 * math.sqrt(1 - part)  # of the box, whose area is 1 - part before the picture's edge cuts it
    across, down = int(half * width), int(half * height)
    box = max(x - across, 0), max(y - down, 0), min(x + across, width), min(y + down, height)
    return 1 - (box[2] - box[0]) * (box[3] - box[1]) / (width * height), box
