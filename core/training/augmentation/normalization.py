"""Normalize pictures by the mean and the standard deviation of a dataset's channels."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.data.pixel_shuffle import permutation

CHUNK = 1024  # pictures that are normalized at once: float32 of all of them would be eight times the data


@dataclass(frozen=True, slots=True)
class Normalization:
    """The normalization of pictures for a network: the same in training, in testing and for a drawn digit."""

    mean: tuple[float, ...]  # a channel, in [0, 1]
    std: tuple[float, ...]
    shuffled: bool = False  # one fixed permutation of the pixels

    def __call__(self, images: np.ndarray | Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """Normalize (N, C, H, W) uint8 to mean 0 and deviation 1 a channel, channels last."""
        pictures = torch.as_tensor(images)
        n, c, h, w = pictures.shape
        if self.shuffled:
            order = torch.as_tensor(permutation((c, h, w)), device=pictures.device)
            pictures = pictures.reshape(n, c, h * w)[:, :, order].reshape(n, c, h, w)
        mean = torch.tensor(self.mean, device=pictures.device).view(c, 1, 1) * 255
        scale = 1 / (torch.tensor(self.std, device=pictures.device).view(c, 1, 1) * 255)
        out = torch.empty((n, h, w, c), dtype=dtype, device=pictures.device).permute(0, 3, 1, 2)
        for part, into in zip(pictures.split(CHUNK), out.split(CHUNK), strict=True):
            into.copy_(part.float().sub_(mean).mul_(scale))
        return out

    def pixels(self, images: Tensor) -> Tensor:
        """Return normalized pictures (N, C, H, W) as float32 pixels from 0 to 1; a shuffle stays."""
        mean, std = (torch.tensor(one, device=images.device).view(-1, 1, 1) for one in (self.mean, self.std))
        return (images.float() * std + mean).clamp(0, 1)

    @property
    def black(self) -> Tensor:
        """The value of a black pixel after normalization, (C,)."""
        return -torch.tensor(self.mean) / torch.tensor(self.std)
