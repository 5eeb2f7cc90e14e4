"""A first layer that is computed instead of learned: the directions in which small patches of pictures vary.

Coates & Ng, "Learning feature representations with k-means" (2012), and Page's CIFAR-10 speed record (2018): what
comes out of the layer is uncorrelated and of equal size, so that the layers behind it learn faster.
"""

import torch
from torch import Tensor
from torch.nn import functional

IMAGES = 100  # whose patches are used: each has hundreds of them, of 12 to 50 numbers; five times as many differ little
EVEN = 5e-4  # added to the variances, so that directions of hardly any variance are not blown up to noise


def patches(images: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Every patch of (N, C, H, W) as a row, (M, C * height * width), in float64 on the CPU."""
    columns = functional.unfold(images.detach().to("cpu", torch.float32), kernel)  # (N, C * h * w, L)
    return columns.transpose(1, 2).reshape(-1, columns.shape[1]).double()


def directions(images: Tensor, kernel: tuple[int, int], even: float = EVEN) -> Tensor:
    """(D, C, height, width) with D = C * height * width: filters whose answers to patches of `images` are uncorrelated.

    The direction of the largest variance comes first; each is divided by its standard deviation, so that with `even` 0
    the answers' covariance is the identity.
    """
    variances, vectors = torch.linalg.eigh(torch.cov(patches(images, kernel).T))  # smallest first; a column each
    scaled = vectors / torch.sqrt(variances.clamp(min=0) + even)
    found: Tensor = scaled.T.flip(0).reshape(-1, images.shape[1], *kernel)
    return found


def whitening_filters(images: Tensor, kernel: tuple[int, int], filters: int) -> Tensor:
    """(filters, C, height, width) float32: the main directions, and the same with their signs turned.

    Behind a ReLU both halves of a direction are seen that way. Raises ValueError where there are not so many.
    """
    found = directions(images, kernel)
    if filters > 2 * len(found):
        raise ValueError(f"patches of this size have {len(found)} directions, so at most {2 * len(found)} filters")
    half = found[: (filters + 1) // 2]
    return torch.cat([half, -half])[:filters].float()
