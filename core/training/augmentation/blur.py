"""Blur a batch by a Gaussian, with a sigma of its own for every picture."""

import torch
from torch import Tensor
from torch.nn import functional


def blur(images: Tensor, sigma: Tensor, size: int) -> Tensor:
    """Blur images (N, C, H, W) by sigma (N,) in pixels with an odd kernel size: rows, then columns, edges mirrored."""
    half = min(size, 2 * min(images.shape[2:]) - 1) // 2
    at = torch.arange(-half, half + 1, device=sigma.device)
    weights = torch.softmax(-((at / sigma.unsqueeze(1)) ** 2) / 2, dim=1).to(images)  # (N, size)
    weights = weights.view(len(images), 1, 1, 1, -1)
    for side in (2, 3):
        pad = [0, 0, half, half] if side == 2 else [half, half, 0, 0]
        padded = functional.pad(images, pad, mode="reflect")
        length = images.shape[side]
        total = torch.zeros_like(images)
        for tap in range(2 * half + 1):
            total += padded.narrow(side, tap, length) * weights[..., tap]
        images = total
    return images
