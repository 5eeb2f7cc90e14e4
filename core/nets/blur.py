"""Blur pooling as a torch module."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.images.pooling import binomial
from core.layers.shape_inference import blur_padding
from core.layers.specs import Size


class BlurPool(nn.Module):
    """A binomial blur of each plane with a mirrored border, then every S-th value (Zhang 2019).

    Its kernel is a buffer and in no state dict: fixed by its size, it is nothing to learn, to load or to mix up.
    """

    kernel: Tensor

    def __init__(self, size: int, stride: Size) -> None:
        """`size`: rows of the binomial, 1 to 7."""
        super().__init__()
        self.size, self.stride = size, stride
        before, after = blur_padding(size)
        self.edges = [before, after, before, after]  # left, right, top, bottom
        weights = torch.from_numpy(binomial(size)).float()
        self.register_buffer("kernel", weights.view(1, 1, size, size), persistent=False)

    def forward(self, planes: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, ceil(H / S), ceil(W / S))."""
        channels = planes.shape[1]
        padded = functional.pad(planes, self.edges, mode="reflect")
        weights = self.kernel.to(padded.dtype).expand(channels, 1, -1, -1)
        return functional.conv2d(padded, weights, stride=self.stride, groups=channels)

    def extra_repr(self) -> str:
        """What stands between the brackets."""
        return f"{self.size}, stride={self.stride}"
