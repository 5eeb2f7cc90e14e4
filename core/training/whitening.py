"""Compute a first layer instead of learning it: the directions in which small patches of pictures vary.

Coates & Ng, "Learning feature representations with k-means" (2012), and Page's CIFAR-10 speed record (2018): the
layer's outputs are uncorrelated and of equal size, so that the layers behind it learn faster.
"""

import torch
from torch import Tensor
from torch.nn import functional

PATCH_IMAGES = 100  # each has hundreds of patches of 12 to 50 numbers; five times as many differ little
VARIANCE_EPSILON = 5e-4  # added to the variances, so that directions of hardly any variance are not blown up to noise


def patches(images: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Return every patch of (N, C, H, W) as a row, (M, C * height * width), in float64 on the CPU."""
    columns = functional.unfold(images.detach().to("cpu", torch.float32), kernel)  # (N, C * h * w, L)
    return columns.transpose(1, 2).reshape(-1, columns.shape[1]).double()


def directions(images: Tensor, kernel: tuple[int, int], even: float = VARIANCE_EPSILON) -> Tensor:
    """Return filters whose outputs for patches of `images` are uncorrelated, the direction of largest variance first.

    Each is divided by its standard deviation, so that with `even` 0 the outputs' covariance is the identity.

    Returns:
        (D, C, height, width) with D = C * height * width.
    """
    variances, vectors = torch.linalg.eigh(torch.cov(patches(images, kernel).T))  # smallest first; a column each
    scaled = vectors / torch.sqrt(variances.clamp(min=0) + even)
    found: Tensor = scaled.T.flip(0).reshape(-1, images.shape[1], *kernel)
    return found


def whitening_filters(images: Tensor, kernel: tuple[int, int], filters: int) -> Tensor:
    """Return the main directions, and the same with opposite signs, as float32 (filters, C, height, width).

    Behind a ReLU both halves of a direction are visible that way.

    Raises:
        ValueError: There are not so many directions.
    """
    found = directions(images, kernel)
    if filters > 2 * len(found):
        raise ValueError(f"patches of this size have {len(found)} directions, so at most {2 * len(found)} filters")
    half = found[: (filters + 1) // 2]
    return torch.cat([half, -half])[:filters].float()
