"""Pool pictures: reduce each window to one number. Also what pooling discards.

Sizes and borders are PyTorch's (max_pool2d, avg_pool2d, lp_pool2d), including ceil mode. The picture's float type is
kept.
"""

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from core.images.number_pairs import Size
from core.images.pictures import Picture, PictureError, check_picture
from core.images.pooling_windows import windows
from core.size_text import format_shape

PoolKind = Literal["max", "average", "min", "l2"]
POOLS: tuple[PoolKind, ...] = get_args(PoolKind)

_BORDER: dict[PoolKind, float] = {"max": -np.inf, "min": np.inf, "average": 0.0, "l2": 0.0}
_COMBINE: dict[PoolKind, np.ufunc] = {"max": np.maximum, "min": np.minimum, "average": np.add, "l2": np.add}


def pool(
    image: ArrayLike,
    kind: PoolKind = "max",
    window: Size = 2,
    stride: Size | None = None,
    padding: Size = 0,
    ceil: bool = False,
) -> Picture:
    """Reduce each window of a picture to one number, each channel on its own.

    Args:
        image: The picture, (H, W) or (H, W, C).
        kind: "max", "average", "min", or "l2", the square root of the sum of squares; where a window is only partly on
            the picture, scaled up to a whole window as in lp_pool2d.
        window: Size of the window: an int or (vertical, horizontal).
        stride: Step between windows, the window's size if None; a smaller one makes windows overlap.
        padding: Width of the border. Max and min ignore it; it counts as zeros in average and l2.
        ceil: Also pool a last window that is only partly on the picture.

    Returns:
        The pooled picture, (H', W') or (H', W', C); for the size see `windows`.

    Raises:
        PictureError: The picture or a setting is invalid.

    Examples:
        >>> picture = [[1, 2, 5, 0], [3, 4, 1, 2]]
        >>> pool(picture, "max")
        array([[4., 5.]])
        >>> pool(picture, "average")
        array([[2.5, 2. ]])
        >>> pool(picture, "max", window=2, stride=1)
        array([[4., 5., 5.]])
    """
    picture = check_picture(image)
    _check_kind(kind)
    grid = windows(picture.shape, window, stride, padding, ceil)
    values = grid.padded(picture, _BORDER[kind])
    if kind == "l2":
        values *= values
    for axis in (0, 1):
        first, *others = grid.cells(values, axis)
        values = first.copy()
        for cells in others:
            _COMBINE[kind](values, cells, out=values)
    if kind in ("average", "l2"):
        areas = grid.areas()
        values /= areas if picture.ndim == 2 else areas[:, :, None]
    if kind == "l2":  # as lp_pool2d: the mean square of what is there, times the whole window's cells
        values *= grid.size[0] * grid.size[1]
        np.sqrt(values, out=values)
    return values.astype(picture.dtype)


def _check_kind(kind: str) -> None:
    """Raise PictureError for an unknown kind of pooling."""
    if kind not in POOLS:
        raise PictureError(f"The pooling must be one of {', '.join(POOLS)}; got {kind!r:.40}.")


def global_pool(image: ArrayLike, kind: PoolKind = "average") -> Picture:
    """Reduce each plane to one number.

    Args:
        image: The picture, (H, W) or (H, W, C).
        kind: As in `pool`.

    Returns:
        One number per channel, (C,); (1,) for a picture without channels.

    Raises:
        PictureError: The picture or the kind is invalid.

    Examples:
        >>> global_pool([[1, 2], [3, 6]]), global_pool([[1, 2], [3, 6]], "max")
        (array([3.]), array([6.]))
    """
    picture = check_picture(image)
    return pool(picture, kind, picture.shape[:2]).reshape(-1)


def unpool(
    pooled: ArrayLike,
    shape: tuple[int, ...],
    kind: PoolKind = "max",
    window: Size = 2,
    stride: Size | None = None,
    padding: Size = 0,
    ceil: bool = False,
) -> Picture:
    """Reconstruct a picture from its pooled values alone, as far as they tell.

    Each pixel takes the value of its window, or the mean over its windows where they overlap. An l2 value, which grows
    with the window, is scaled back to one pixel first. A pixel that no window reads is 0.

    Args:
        pooled: The pooled values, (H', W') or (H', W', C).
        shape: Shape of the picture, (H, W) or (H, W, C).
        kind: As in `pool`.
        window: As in `pool`.
        stride: As in `pool`.
        padding: As in `pool`.
        ceil: As in `pool`.

    Returns:
        The reconstructed picture, (H, W) or (H, W, C).

    Raises:
        PictureError: A setting is invalid, or the windows give another number of values.

    Examples:
        >>> unpool([[4, 5]], (2, 4))
        array([[4., 4., 5., 5.],
               [4., 4., 5., 5.]])
    """
    values = check_picture(pooled)
    _check_kind(kind)
    grid = windows(shape, window, stride, padding, ceil)
    if values.shape[:2] != grid.count:
        raise PictureError(
            f"These windows give {format_shape(grid.count)} values; there are {format_shape(values.shape[:2])}."
        )
    each = values / np.sqrt(grid.size[0] * grid.size[1]) if kind == "l2" else values
    total = grid.inside(grid.spread(each))
    readers = np.maximum(grid.inside(grid.spread(np.ones(grid.count))), 1)
    filled: Picture = (total / (readers if values.ndim == 2 else readers[:, :, None])).astype(values.dtype)
    return filled


class PoolingLoss(NamedTuple):
    """A picture pooled and unpooled again: what pooling keeps, and what it discards."""

    pooled: Picture
    kept: Picture  # back at the picture's size
    difference: Picture  # picture - kept, signed


def pooling_loss(
    image: ArrayLike,
    kind: PoolKind = "max",
    window: Size = 2,
    stride: Size | None = None,
    padding: Size = 0,
    ceil: bool = False,
) -> PoolingLoss:
    """Pool and unpool a picture, and subtract the result from it: the detail that pooling discards.

    Args:
        image: The picture, (H, W) or (H, W, C).
        kind: As in `pool`.
        window: As in `pool`.
        stride: As in `pool`.
        padding: As in `pool`.
        ceil: As in `pool`.

    Returns:
        The pooled picture, the reconstruction, and the signed difference.

    Raises:
        PictureError: The picture or a setting is invalid.

    Examples:
        >>> pooling_loss([[1, 2, 5, 0], [3, 4, 1, 2]], "max").difference
        array([[-3., -2.,  0., -5.],
               [-1.,  0., -4., -3.]])
    """
    picture = check_picture(image)
    pooled = pool(picture, kind, window, stride, padding, ceil)
    kept = unpool(pooled, picture.shape, kind, window, stride, padding, ceil)
    return PoolingLoss(pooled, kept, picture - kept)
