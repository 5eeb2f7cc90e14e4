"""Pooling: each window of a plane becomes one number. What is kept, what is thrown away, and blur pooling.

Sizes and borders are PyTorch's (max_pool2d, avg_pool2d, lp_pool2d), `ceil` included. The picture's float type is kept.
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

Size = int | tuple[int, int]
Values = NDArray[np.float64]
PoolKind = Literal["max", "average", "min", "l2"]
POOLS: tuple[PoolKind, ...] = get_args(PoolKind)

_BORDER: dict[PoolKind, float] = {"max": -np.inf, "min": np.inf, "average": 0.0, "l2": 0.0}
_COMBINE: dict[PoolKind, np.ufunc] = {"max": np.maximum, "min": np.minimum, "average": np.add, "l2": np.add}


@dataclass(frozen=True, slots=True)
class Windows:
    """Where the windows lie on an H x W plane. Everything is (vertical, horizontal), and counted in pixels."""

    plane: tuple[int, int]
    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    count: tuple[int, int]  # (H', W') windows

    @property
    def reach(self) -> tuple[int, int]:
        """The padded plane as far as the windows need it, which with `ceil` may be further than its border."""
        height, width = (
            max(length + 2 * border, (count - 1) * step + size)
            for length, border, count, step, size in zip(
                self.plane, self.padding, self.count, self.stride, self.size, strict=True
            )
        )
        return height, width

    def padded(self, picture: Picture, border: float) -> Values:
        """The picture with the value `border` around it: (*reach, ...), float64."""
        values = np.full((*self.reach, *picture.shape[2:]), border)
        self.inside(values)[...] = picture
        return values

    def inside(self, values: Values) -> Values:
        """The part of a padded array that is the plane itself; a view."""
        top, left = self.padding
        return values[top : top + self.plane[0], left : left + self.plane[1]]

    def cells(self, values: Values, axis: int) -> Iterator[Values]:
        """All windows' first rows (axis 0) or columns (axis 1), all windows' second ones, and so on; views.

        Maximum, minimum and sum can be taken along one axis and then the other: F_h + F_w steps, not F_h * F_w.
        """
        for start in range(self.size[axis]):
            stop = start + (self.count[axis] - 1) * self.stride[axis] + 1
            places = slice(start, stop, self.stride[axis])
            yield values[places] if axis == 0 else values[:, places]

    def spread(self, answers: Picture) -> Values:
        """Each window's answer added to all its cells: (H', W', ...) -> (*reach, ...), float64."""
        rest = answers.shape[2:]
        rows = np.zeros((self.reach[0], self.count[1], *rest))
        for cells in self.cells(rows, 0):
            cells += answers
        whole = np.zeros((*self.reach, *rest))
        for cells in self.cells(whole, 1):
            cells += rows
        return whole

    def areas(self) -> Values:
        """How many cells of each window lie on the padded plane: (H', W')."""
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
    """The windows on an H x W plane: H' = floor((H + 2P - F) / S) + 1.

    With `ceil` it is rounded up, but a window that would start in the border on the right or below is left out.
    Raises PictureError for windows and strides under 1, a border over half the window, and windows that fit nowhere.
    """
    size = _pair("window", window, least=1)
    steps = size if stride is None else _pair("stride", stride, least=1)
    borders = _pair("padding", padding, least=0)
    if any(2 * border > length for border, length in zip(borders, size, strict=True)):
        raise PictureError(f"The padding is at most half the window: {borders} is too much for windows of {size}.")
    counts = []
    for length, extent, step, border in zip(shape[:2], size, steps, borders, strict=True):
        if length + 2 * border < extent:
            raise PictureError(
                f"A window of {size[0]} x {size[1]} does not fit on {shape[0]} x {shape[1]} pixels: take a smaller one."
            )
        spare = length + 2 * border - extent
        count = (round_up(spare / step) if ceil else spare // step) + 1
        counts.append(count - 1 if (count - 1) * step >= length + border else count)
    return Windows((shape[0], shape[1]), size, steps, borders, (counts[0], counts[1]))


def _pair(name: str, value: Size, *, least: int) -> tuple[int, int]:
    pair = value if isinstance(value, tuple) else (value, value)
    if len(pair) != 2 or not all(isinstance(number, int | np.integer) and number >= least for number in pair):
        raise PictureError(
            f"The {name} is a whole number from {least}, or two of them (vertical, horizontal); got {value!r:.40}."
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
    """One number a window, each channel alone: (H, W) or (H, W, C) -> (H', W') or (H', W', C).

    kind: the largest value, the mean, the smallest, or "l2", the root of the sum of squares. stride: the window's size
    unless given; a smaller one makes windows overlap. padding: a border that max and min never choose, and that counts
    as zeros in the mean and in l2. For sizes and errors see `windows`.
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
    if kind == "l2":
        np.sqrt(values, out=values)
    elif kind == "average":
        areas = grid.areas()
        values /= areas if picture.ndim == 2 else areas[:, :, None]
    return values.astype(picture.dtype)


def _check_kind(kind: str) -> None:
    if kind not in POOLS:
        raise PictureError(f"The pooling is one of {', '.join(POOLS)}; got {kind!r:.40}.")


def global_pool(image: ArrayLike, kind: PoolKind = "average") -> Picture:
    """One number a plane: (H, W, C) -> (C,), and (H, W) -> (1,)."""
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
    """What can be said of the picture from its pooled answers alone: back to (H, W) or (H, W, C).

    Every pixel takes its window's answer, or the mean of its windows' where they overlap; l2, which grows with the
    window, is brought back to one pixel's size first. A pixel that no window reads is 0: nothing is known of it.
    """
    answers = check_picture(pooled)
    _check_kind(kind)
    grid = windows(shape, window, stride, padding, ceil)
    if answers.shape[:2] != grid.count:
        raise PictureError(f"These windows give {grid.count} answers and here are {answers.shape[:2]}.")
    each = answers / np.sqrt(grid.size[0] * grid.size[1]) if kind == "l2" else answers
    total = grid.inside(grid.spread(each))
    readers = np.maximum(grid.inside(grid.spread(np.ones(grid.count))), 1)
    filled: Picture = (total / (readers if answers.ndim == 2 else readers[:, :, None])).astype(answers.dtype)
    return filled


class PoolingLoss(NamedTuple):
    """A picture, pooled and unpooled: what pooling keeps and what it throws away."""

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
    """What is thrown away by pooling, as a picture. Arguments and errors as `pool`."""
    picture = check_picture(image)
    pooled = pool(picture, kind, window, stride, padding, ceil)
    kept = unpool(pooled, picture.shape, kind, window, stride, padding, ceil)
    return PoolingLoss(pooled, kept, picture - kept)


def binomial(size: int) -> Kernel:
    """The blur of blur pooling: a row of Pascal's triangle times itself as a column, with sum 1. (size, size)."""
    row = np.array([comb(size - 1, place) for place in range(size)], np.float64) / 2 ** (size - 1)
    blur: Kernel = np.multiply.outer(row, row)
    return blur


def blur_pool(
    image: ArrayLike, kind: PoolKind = "max", window: Size = 2, stride: Size | None = None, blur: int = 3
) -> Picture:
    """Pooling without its jumps (Zhang 2019, "Making convolutional networks shift-invariant again").

    Pooling with stride does two things: it takes the window's answer at every place, and keeps every S-th place. Here
    a binomial blur of `blur` x `blur` (reflected border) stands between the two, as it should before subsampling.
    (H, W) -> (ceil((H - F + 1) / S), ...). stride: the window's size unless given. Errors as `pool`.
    """
    dense = pool(image, kind, window, stride=1)
    if not 1 <= blur <= 7:
        raise PictureError(f"The blur of blur pooling has 1 to 7 rows; got {blur}.")
    return convolve(dense, binomial(blur), stride=window if stride is None else stride, padding="reflect")
