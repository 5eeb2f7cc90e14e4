"""The windows of pooling: where they lie on a plane, and what is in them.

Sizes and borders are PyTorch's (max_pool2d, avg_pool2d, lp_pool2d), including ceil mode.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil as round_up

import numpy as np
from numpy.typing import NDArray

from core.images.number_pairs import Size, check_pair
from core.images.pictures import Picture, PictureError
from core.size_text import format_shape

Values = NDArray[np.float64]


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
    size = check_pair("window", window, PictureError)
    steps = size if stride is None else check_pair("stride", stride, PictureError)
    borders = check_pair("padding", padding, PictureError, least=0)
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
