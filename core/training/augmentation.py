"""Moving training pictures, a whole batch at once and on the device they lie on."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from core.training.experiment import Augmentation


def augment(images: Tensor, spec: Augmentation, generator: torch.Generator, background: Tensor) -> Tensor:
    """Each picture shifted, turned and scaled by numbers drawn for it alone.

    images: (N, C, H, W), any float type. background: (C,), the value that fills what moves in from outside (black, as
    normalized). Whole-pixel shifts alone move pixels without touching them; anything else interpolates bilinearly.
    """
    if not spec:
        return images
    if not spec.rotate and not spec.scale and spec.shift == int(spec.shift):
        return _shift(images, int(spec.shift), generator, background)
    return _affine(images, spec, generator, background)


def _shift(images: Tensor, most: int, generator: torch.Generator, background: Tensor) -> Tensor:
    """Whole-pixel shifts: every picture is one window of its padded self."""
    n, c, h, w = images.shape
    padded = images.new_empty((n, c, h + 2 * most, w + 2 * most))
    padded.copy_(background.to(images).view(1, c, 1, 1))
    padded[:, :, most : most + h, most : most + w] = images
    windows = padded.unfold(2, h, 1).unfold(3, w, 1)  # (N, C, 2s+1, 2s+1, H, W), a view
    drawn = torch.randint(0, 2 * most + 1, (2, n), generator=generator).to(images.device)
    return windows[torch.arange(n, device=images.device), :, drawn[0], drawn[1]]  # (N, C, H, W)


def _affine(images: Tensor, spec: Augmentation, generator: torch.Generator, background: Tensor) -> Tensor:
    """Shift, rotation and scale as one sampling grid a picture."""
    n, c, h, w = images.shape
    uniform = torch.rand((4, n), generator=generator) * 2 - 1  # (dx, dy, angle, size), each from -1 to 1
    dx, dy = uniform[0] * spec.shift * 2 / w, uniform[1] * spec.shift * 2 / h  # in grid units: the width is 2
    angle = uniform[2] * math.radians(spec.rotate)
    inverse = 1 / (1 + uniform[3] * spec.scale)  # the grid says where to read: a larger picture reads a smaller window
    cos, sin = torch.cos(angle) * inverse, torch.sin(angle) * inverse
    rows = torch.stack(
        [torch.stack([cos, sin * h / w, dx], dim=1), torch.stack([-sin * w / h, cos, dy], dim=1)], dim=1
    )  # (N, 2, 3)
    grid = functional.affine_grid(rows.to(images.device), [n, c, h, w], align_corners=False)  # (N, H, W, 2)
    offset = background.to(images.device, torch.float32).view(1, c, 1, 1)
    moved = functional.grid_sample(images.float() - offset, grid, align_corners=False)  # outside reads as 0
    return (moved + offset).to(images.dtype)
