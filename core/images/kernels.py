"""Kernels, the grids of weights of a filter: checked, taken apart into a column and a row, and dilated."""

from math import comb
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.images.number_pairs import Size, check_pair
from core.size_text import format_shape

Kernel = NDArray[np.float64]
MAX_KERNEL_SIZE = 11  # rows and columns of the grid a person edits; `convolve` itself takes any size
MAX_WEIGHT = 1e6  # beyond it a float32 output loses the digits that the screen shows


class KernelError(ValueError):
    """Raised for a kernel that is invalid, or does not fit the picture. The message is a sentence for the user."""


def check_kernel(values: object, *, largest: int | None = None) -> Kernel:
    """Return a grid of numbers, from an edited table or a link, as a float64 array.

    Args:
        values: The kernel (F_h, F_w): nested sequences or an array. Text that reads as a number counts as that number.
        largest: The maximum number of rows and of columns; None for no limit.

    Returns:
        The kernel, (F_h, F_w), float64.

    Raises:
        KernelError: The grid is empty, ragged, not two-dimensional or too large; or a cell is empty, text, NaN,
            infinite or beyond ±1e6. The message names the row and the column, counted from 1.

    Examples:
        >>> check_kernel([[0, "1.5"], [-1, 2]])
        array([[ 0. ,  1.5],
               [-1. ,  2. ]])
        >>> check_kernel([[1, None]])  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        core.images.kernels.KernelError: Row 1, column 2 of the kernel is empty: write a number ...
    """
    cells = np.asarray(values, dtype=object) if not isinstance(values, np.ndarray) else values
    if cells.ndim != 2 or cells.size == 0:
        raise KernelError("A kernel is a grid of numbers: at least one row, and equally many cells in every row.")
    if cells.dtype.kind == "c":
        raise KernelError("A kernel must hold real numbers, not complex ones.")
    if largest is not None and max(cells.shape) > largest:
        most = format_shape((largest, largest))
        raise KernelError(f"A kernel has at most {most} cells; this one has {format_shape(cells.shape)}.")
    if cells.dtype.kind in "buif":
        kernel = cells.astype(np.float64)
    else:
        kernel = np.array([[_number(cell) for cell in row] for row in cells])
    wrong = ~(np.abs(kernel) <= MAX_WEIGHT)  # NaN compares false, so it is wrong too
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise KernelError(
            f"Row {row + 1}, column {column + 1} of the kernel is {_describe_cell(cells[row, column])}: write a number "
            f"between −{MAX_WEIGHT:,.0f} and {MAX_WEIGHT:,.0f}."
        )
    return kernel


def _number(cell: Any) -> float:
    """Return a cell as a float; NaN if it is not a number."""
    try:
        return float(cell.replace("−", "-") if isinstance(cell, str) else cell)  # the minus sign that the app prints
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def _describe_cell(cell: object) -> str:
    """Return a cell's content as it appears in an error message."""
    if cell is None or cell == "":
        return "empty"
    return f"{cell!r:.40}" if isinstance(cell, str) else f"{cell!s:.40}"


class Separable(NamedTuple):
    """A kernel written as an outer product: filtering with column, then row, gives the same output for less work."""

    column: Kernel  # (F_h,)
    row: Kernel  # (F_w,)

    @property
    def multiplications(self) -> tuple[int, int]:
        """Multiplications per pixel with the whole kernel, F_h * F_w, and with column and row, F_h + F_w."""
        return self.column.size * self.row.size, self.column.size + self.row.size


def separable(kernel: ArrayLike, *, tolerance: float = 1e-9) -> Separable | None:
    """Return a kernel as an outer product, column x row, if it is one.

    A matrix is an outer product when it has rank 1: all singular values but the first are zero.

    Args:
        kernel: The weights, (F_h, F_w).
        tolerance: Other singular values may sum to this share of the first.

    Returns:
        Column and row; the column in whole numbers where possible. None if the kernel is not separable.

    Raises:
        KernelError: The kernel is invalid.

    Examples:
        Sobel's kernel smooths with (1, 2, 1) in one direction and takes a difference in the other:

        >>> parts = separable([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
        >>> parts.column.tolist(), parts.row.round(9).tolist()
        ([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0])
        >>> parts.multiplications
        (9, 6)
        >>> separable([[0, 1, 0], [1, -4, 1], [0, 1, 0]]) is None  # the Laplacian has rank 2
        True
    """
    weights = check_kernel(kernel)
    u, singular, v = np.linalg.svd(weights)
    if singular[1:].sum() > tolerance * singular[0]:
        return None
    root = np.sqrt(singular[0])
    column, row = (np.where(np.abs(vector) > tolerance, vector * root, 0.0) for vector in (u[:, 0], v[0]))
    if column[np.abs(column).argmax()] < 0:
        column, row = 0.0 - column, 0.0 - row  # not -column, which would write zeros as -0
    if column.any():
        smallest = np.abs(column[column != 0]).min()
        multiples = column / smallest
        if np.allclose(multiples, multiples.round(), rtol=4 * tolerance, atol=0) and np.abs(multiples).max() < 1000:
            column, row = multiples.round(), row * smallest
    return Separable(column, row)


def dilate(kernel: ArrayLike, dilation: Size) -> Kernel:
    """Return a kernel with D - 1 zeros between neighboring weights.

    Filtering with the result equals filtering with that dilation.

    Args:
        kernel: The weights, (F_h, F_w).
        dilation: D: an int or (vertical, horizontal).

    Returns:
        The dilated kernel, (D(F_h-1) + 1, D(F_w-1) + 1).

    Raises:
        KernelError: The kernel or the dilation is invalid.

    Examples:
        >>> dilate([[1, 2], [3, 4]], 2)
        array([[1., 0., 2.],
               [0., 0., 0.],
               [3., 0., 4.]])
    """
    weights = check_kernel(kernel)
    down, across = check_pair("dilation", dilation, KernelError)
    spread = np.zeros(((weights.shape[0] - 1) * down + 1, (weights.shape[1] - 1) * across + 1))
    spread[::down, ::across] = weights
    return spread


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
