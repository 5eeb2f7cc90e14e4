"""Blur pooling: a binomial blur between the windows and the stride of a pooling."""

from numpy.typing import ArrayLike

from core.images.convolution import convolve
from core.images.kernels import binomial
from core.images.number_pairs import Size
from core.images.pictures import Picture, PictureError
from core.images.pooling import PoolKind, pool


def blur_pool(
    image: ArrayLike, kind: PoolKind = "max", window: Size = 2, stride: Size | None = None, blur: int = 3
) -> Picture:
    """Pool, blur, then subsample: pooling that changes less when the picture shifts.

    Pooling with a stride does two things: it evaluates the window at every position, and keeps every S-th result. Here
    a binomial blur stands between the two, as it should before any subsampling.

    Args:
        image: The picture, (H, W) or (H, W, C).
        kind: As in `pool`.
        window: Size of the window, F.
        stride: S, the window's size if None.
        blur: Rows of the binomial kernel, 1 to 7; the border is reflected.

    Returns:
        The pooled picture, (ceil((H - F + 1) / S), ceil((W - F + 1) / S)) or the same with C channels.

    Raises:
        PictureError: The picture or a setting is invalid.

    References:
        Zhang, "Making convolutional networks shift-invariant again", 2019.

    Examples:
        An edge that moves by one pixel: max pooling jumps by a whole value or not at all, blur pooling changes
        gradually.

        >>> import numpy as np
        >>> for left in (4, 3, 2):
        ...     edge = np.repeat([[0.0, 1.0]], [left, 8 - left], axis=1).repeat(2, axis=0)
        ...     print(pool(edge)[0], blur_pool(edge)[0])
        [0. 0. 1. 1.] [0.   0.25 1.   1.  ]
        [0. 1. 1. 1.] [0.   0.75 1.   1.  ]
        [0. 1. 1. 1.] [0.5 1.  1.  1. ]
    """
    dense = pool(image, kind, window, stride=1)
    if not 1 <= blur <= 7:
        raise PictureError(f"The blur of blur pooling must have 1 to 7 rows; got {blur}.")
    return convolve(dense, binomial(blur), stride=window if stride is None else stride, padding="reflect")
