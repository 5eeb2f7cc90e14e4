"""A dataset as tensors on the device: read once, normalized once, kept while runs use it.

No DataLoader: indexing one tensor gives over a hundred times the pictures a second.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

import core.data
from core.data.shuffle import permutation
from core.training.devices import Device


@dataclass(frozen=True, slots=True)
class Normalization:
    """What is done to a picture before a network sees it: the same in training, in testing and for a drawn digit."""

    mean: tuple[float, ...]  # a channel, in [0, 1]
    std: tuple[float, ...]
    shuffled: bool = False  # one fixed permutation of the pixels

    def __call__(self, images: np.ndarray | Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """(N, C, H, W) uint8 -> the same shape, mean 0 and deviation 1 a channel."""
        pictures = torch.as_tensor(images)
        n, c, h, w = pictures.shape
        if self.shuffled:
            order = torch.as_tensor(permutation((c, h, w)), device=pictures.device)
            pictures = pictures.reshape(n, c, h * w)[:, :, order].reshape(n, c, h, w)
        mean = torch.tensor(self.mean, device=pictures.device).view(c, 1, 1) * 255
        scale = 1 / (torch.tensor(self.std, device=pictures.device).view(c, 1, 1) * 255)
        out = torch.empty(pictures.shape, dtype=dtype, device=pictures.device)
        for rows in torch.arange(n, device="cpu").split(4096):  # in pieces: float32 of all at once is 8 times the data
            part = slice(int(rows[0]), int(rows[-1]) + 1)
            out[part] = (pictures[part].float() - mean) * scale
        return out

    @property
    def black(self) -> Tensor:
        """(C,): what a pixel of 0 becomes."""
        return -torch.tensor(self.mean) / torch.tensor(self.std)


@dataclass(frozen=True, slots=True)
class Tensors:
    """A dataset, normalized, on a device. Images (N, C, H, W) in the device's format, labels (N,) int64."""

    info: core.data.DatasetInfo
    normalization: Normalization
    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor


@lru_cache(maxsize=2)
def tensors(data: str, device: Device, shuffled: bool = False) -> Tensors:
    """The dataset `data` on `device`. Raises core.data.DataError when it is not to be had."""
    dataset = core.data.load(data)
    normalize = Normalization(*core.data.statistics(dataset), shuffled)

    def images(array: np.ndarray) -> Tensor:
        pictures = torch.from_numpy(np.array(array)).to(device.name)  # a copy: torch has no read-only tensors
        return normalize(pictures, device.dtype).contiguous(memory_format=torch.channels_last)

    def labels(array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.asarray(array, dtype=np.int64)).to(device.name)

    return Tensors(
        info=dataset.info,
        normalization=normalize,
        train_images=images(dataset.train_images),
        train_labels=labels(dataset.train_labels),
        test_images=images(dataset.test_images),
        test_labels=labels(dataset.test_labels),
    )
