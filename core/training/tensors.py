"""Datasets as tensors on the device: read once, normalized once, kept while runs use them.

No DataLoader: indexing one tensor gives over a hundred times as many pictures per second.
"""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

import core.data
from core.training.augmentation.normalization import Normalization
from core.training.devices import Device


class Tensors:
    """A dataset on a device: uint8 pictures; training pictures are normalized once, as many as runs have used."""

    def __init__(self, dataset: core.data.Dataset, device: Device, shuffled: bool = False) -> None:
        """Put the test pictures (N, C, H, W) uint8 and all labels (N,) int64 on the device."""
        self.info = dataset.info
        self.normalization = Normalization(*core.data.statistics(dataset), shuffled)
        self._dataset, self._device = dataset, device
        self.test_images = self._on_device(dataset.test_images)
        self.train_labels = self._on_device(dataset.train_labels.astype(np.int64))
        self.test_labels = self._on_device(dataset.test_labels.astype(np.int64))
        self._normalized = torch.empty(0)

    def train_images(self, count: int) -> Tensor:
        """Return the first `count` training pictures, normalized, in the device's number format."""
        if len(self._normalized) < count:
            self._normalized = self.normalized(self._on_device(self._dataset.train_images[:count]))
        return self._normalized[:count]

    def held_out(self, count: int) -> tuple[Tensor, Tensor]:
        """Return the last `count` training pictures, uint8, and their labels."""
        first = len(self.train_labels) - count
        return self._on_device(self._dataset.train_images[first:]), self.train_labels[first:]

    def normalized(self, images: Tensor) -> Tensor:
        """Return pictures (N, C, H, W) uint8 as the network takes them."""
        return self.normalization(images, self._device.dtype)

    def _on_device(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.array(array)).to(self._device.name)  # a copy: torch has no read-only tensors


@lru_cache(maxsize=2)
def tensors(data: str, device: Device, shuffled: bool = False) -> Tensors:
    """Return the dataset `data` on `device`.

    Raises:
        DataError: The data is not available.
    """
    return Tensors(core.data.load(data), device, shuffled)
