"""Blur pooling as a torch module."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.images.kernels import binomial
from core.layers.shape_inference.windows import blur_padding
from core.layers.specs import Size


class BlurPool(nn.Module):
    """Blur each plane with a binomial kernel and a mirrored border, then keep every S-th value (Zhang 2019).

    The kernel is a buffer outside the state dict: fixed by its size, it is neither trained nor loaded.
    """

    kernel: Tensor

    def __init__(self, size: int, stride: Size) -> None:
        """Create the blur.

        Args:
            size: Rows of the binomial kernel, 1 to 7.
            stride: Step between the values that are kept: an int or (height, width).
        """
        super().__init__()
        self.size, self.stride = size, stride
        before, after = blur_padding(size)
        self.edges = [before, after, before, after]  # left, right, top, bottom
        weights = torch.from_numpy(binomial(size)).float()
        self.register_buffer("kernel", weights.view(1, 1, size, size), persistent=False)

    def forward(self, planes: Tensor) -> Tensor:
        """Return the blurred and subsampled planes: (N, C, H, W) -> (N, C, ceil(H / S), ceil(W / S))."""
        channels = planes.shape[1]
        padded = functional.pad(planes, self.edges, mode="reflect")
        weights = self.kernel.to(padded.dtype).expand(channels, 1, -1, -1)
        return functional.conv2d(padded, weights, stride=self.stride, groups=channels)

    def extra_repr(self) -> str:
        """Return the arguments for the module's repr."""
        return f"{self.size}, stride={self.stride}"
