"""Pool pictures: reduce each window to one number. Also what pooling discards, and blur pooling.

Sizes and borders are PyTorch's (max_pool2d, avg_pool2d, lp_pool2d), including ceil mode. The picture's float type is
kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil as round_up
from math import comb
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.images.kernels import Kernel, convolve
from core.images.pictures import Picture, PictureError, check_picture
from core.shapes import format_shape

Size = int | tuple[int, int]
Values = NDArray[np.float64]
PoolKind = Literal["max", "average", "min", "l2"]
POOLS: tuple[PoolKind, ...] = get_args(PoolKind)

_BORDER: dict[PoolKind, float] = {"max": -np.inf, "min": np.inf, "average": 0.0, "l2": 0.0}
_COMBINE: dict[PoolKind, np.ufunc] = {"max": np.maximum, "min": np.minimum, "average": np.add, "l2": np.add}


@dataclass(frozen=True, slots=True)
class Windows:
    """The positions of pooling windows on an H x W plane. Every pair is (vertical, horizontal), in pixels."""

    plane: tuple[int, int]
    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    count: tuple[int, int]  # (H', W') windows

    @property
    def reach(self) -> tuple[int, int]:
        """Size of the padded plane as far as the windows need it; with `ceil` that can be beyond its border."""
        height, width = (
            max(length + 2 * border, (count - 1) * step + size)
            for length, border, count, step, size in zip(
                self.plane, self.padding, self.count, self.stride, self.size, strict=True
            )
        )
        return height, width

    def padded(self, picture: Picture, border: float) -> Values:
        """Return the picture with a border, float64.

        Args:
            picture: (H, W) or (H, W, C).
            border: Value of the border.

        Returns:
            The padded picture, (*reach, ...).
        """
        values = np.full((*self.reach, *picture.shape[2:]), border)
        self.inside(values)[...] = picture
        return values

    def inside(self, values: Values) -> Values:
        """Return the part of a padded array that is the plane itself, as a view."""
        top, left = self.padding
        return values[top : top + self.plane[0], left : left + self.plane[1]]

    def cells(self, values: Values, axis: int) -> Iterator[Values]:
        """Yield the first rows (axis 0) or columns (axis 1) of all windows, then all second ones, and so on, as views.

        Maximum, minimum and sum can be taken along one axis and then the other: F_h + F_w steps instead of F_h * F_w.

        Args:
            values: A padded plane; for axis 1, one that was reduced along axis 0.
            axis: 0 or 1.

        Yields:
            One array per row or column of the window.
        """
        for start in range(self.size[axis]):
            stop = start + (self.count[axis] - 1) * self.stride[axis] + 1
            places = slice(start, stop, self.stride[axis])
            yield values[places] if axis == 0 else values[:, places]

    def spread(self, pooled: Picture) -> Values:
        """Add each window's value to all its cells: (H', W', ...) -> (*reach, ...), float64."""
        rest = pooled.shape[2:]
        rows = np.zeros((self.reach[0], self.count[1], *rest))
        for cells in self.cells(rows, 0):
            cells += pooled
        whole = np.zeros((*self.reach, *rest))
        for cells in self.cells(whole, 1):
            cells += rows
        return whole

    def areas(self) -> Values:
        """Return the number of cells of each window that lie on the padded plane: (H', W')."""
        rows, columns = (
            np.minimum(np.arange(count) * step + size, length + 2 * border) - np.arange(count) * step
            for count, step, size, length, border in zip(
                self.count, self.stride, self.size, self.plane, self.padding, strict=True
            )
        )
        return np.multiply.outer(rows, columns).astype(np.float64)


def windows(
    shape: tuple[int, ...], window: Size = 2, stride: Size | None = None, padding: Size = 0, ceil: bool = False
) -> Windows:
    """Return the pooling windows on an H x W plane: H' = floor((H + 2P - F) / S) + 1.

    Args:
        shape: Shape of the picture, (H, W) or (H, W, C).
        window: F: an int or (vertical, horizontal).
        stride: S, the window's size if None.
        padding: P, at most half the window.
        ceil: Round H' and W' up instead; a window that would start in the right or lower border is left out.

    Returns:
        The windows' size, stride, padding and count.

    Raises:
        PictureError: A window or stride is below 1, the padding is over half the window, or no window fits.

    Examples:
        >>> windows((7, 7), window=2).count, windows((7, 7), window=2, ceil=True).count
        ((3, 3), (4, 4))
        >>> windows((7, 7), window=3, stride=2).count
        (3, 3)
    """
    size = _pair("window", window, least=1)
    steps = size if stride is None else _pair("stride", stride, least=1)
    borders = _pair("padding", padding, least=0)
    if any(2 * border > length for border, length in zip(borders, size, strict=True)):
        raise PictureError(f"The padding can be at most half the window: {borders} is too much for windows of {size}.")
    counts = []
    for length, extent, step, border in zip(shape[:2], size, steps, borders, strict=True):
        spare = length + 2 * border - extent
        count = (round_up(spare / step) if ceil else spare // step) + 1
        count = count - 1 if (count - 1) * step >= length + border else count
        if count < 1:  # in ceil mode a window may be larger than the plane: it reads what is there
            raise PictureError(
                f"A window of {format_shape(size)} does not fit on {format_shape(shape[:2])} pixels: use a smaller one."
            )
        counts.append(count)
    return Windows((shape[0], shape[1]), size, steps, borders, (counts[0], counts[1]))


def _pair(name: str, value: Size, *, least: int) -> tuple[int, int]:
    """Return a setting as (vertical, horizontal). Raises PictureError unless both are whole numbers from `least`."""
    pair = value if isinstance(value, tuple) else (value, value)
    if len(pair) != 2 or not all(isinstance(number, int | np.integer) and number >= least for number in pair):
        raise PictureError(
            f"The {name} must be a whole number from {least}, or two of them (vertical, horizontal); got {value!r:.40}."
        )
    return pair


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


def binomial(size: int) -> Kernel:
    """Return the blur kernel of blur pooling: a row of Pascal's triangle times itself as a column, with sum 1.

    Args:
        size: Rows and columns, at least 1.

    Returns:
        The weights, (size, size).

    Examples:
        >>> binomial(3) * 16
        array([[1., 2., 1.],
               [2., 4., 2.],
               [1., 2., 1.]])
    """
    row = np.array([comb(size - 1, place) for place in range(size)], np.float64) / 2 ** (size - 1)
    blur: Kernel = np.multiply.outer(row, row)
    return blur


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
