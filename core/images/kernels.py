"""What a filter does to a picture: `convolve`, the kernel's check, and the split of a kernel into a column times a row.

`convolve` sums in float64 whatever comes in, so that its three ways of working agree: tap by tap, as a column and then
a row, or through the Fourier transform. Which is fastest was measured on 512 x 512 x 3 pixels (tests/bench/images.py).
"""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray
from scipy.linalg.blas import daxpy

from core.images.pictures import Picture, check_picture

Kernel = NDArray[np.float64]
Padding = Literal["valid", "zero", "reflect", "edge", "wrap"]
PADDINGS: tuple[Padding, ...] = get_args(Padding)

MAX_KERNEL_SIZE = 11  # rows and columns of the grid a person edits; `convolve` itself takes any size
MAX_WEIGHT = 1e6  # beyond it a float32 answer loses the digits that are on the screen

_NUMPY_PADDING: dict[Padding, Literal["constant", "reflect", "edge", "wrap"]] = {
    "zero": "constant",
    "reflect": "reflect",
    "edge": "edge",
    "wrap": "wrap",
}
_BAND = 9_984  # numbers summed at a time: they stay in the cache, and OpenBLAS starts threads from 10,000 on, which
# with a busy neighbor costs up to 100 times what it saves
_FFT_FROM = 100  # weights that are not zero, from which the Fourier transform is the faster way


class KernelError(ValueError):
    """A kernel that cannot be used, or not on this picture; the message is a sentence for the person who wrote it."""


def check_kernel(values: object, *, largest: int | None = None) -> Kernel:
    """A grid of numbers, as an edited table or a link gives it, as a float64 array (F_h, F_w).

    Raises KernelError for a grid that is empty, ragged or not two-dimensional, for a cell that is empty, text, NaN,
    infinite or beyond +-1e6 (its row and column are named, counted from 1), and for over `largest` rows or columns.
    """
    cells = np.asarray(values, dtype=object) if not isinstance(values, np.ndarray) else values
    if cells.ndim != 2 or cells.size == 0:
        raise KernelError("A kernel is a grid of numbers: at least one row, and the same number of cells in every row.")
    if cells.dtype.kind == "c":
        raise KernelError("A kernel holds real numbers, not complex ones.")
    rows, columns = cells.shape
    if largest is not None and max(rows, columns) > largest:
        raise KernelError(f"A kernel has at most {largest} x {largest} cells; this one has {rows} x {columns}.")
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
    try:
        return float(cell.replace("−", "-") if isinstance(cell, str) else cell)  # the minus sign that the app prints
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def _describe_cell(cell: object) -> str:
    if cell is None or cell == "":
        return "empty"
    return f"{cell!r:.40}" if isinstance(cell, str) else f"{cell!s:.40}"


class Separable(NamedTuple):
    """A kernel that is a column times a row: filtering down and then across gives the same answer for less work."""

    column: Kernel  # (F_h,)
    row: Kernel  # (F_w,)

    @property
    def multiplications(self) -> tuple[int, int]:
        """A pixel's multiplications with the whole kernel and with column and row: F_h * F_w and F_h + F_w."""
        return self.column.size * self.row.size, self.column.size + self.row.size


def separable(kernel: ArrayLike, *, tolerance: float = 1e-9) -> Separable | None:
    """The kernel as an outer product column x row, or None where it is none.

    A matrix is an outer product when it has rank 1: all its singular values but the first are zero (here: at most
    `tolerance` times the first). A column of whole multiples is written as such: Sobel gives (1, 2, 1).
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


def convolve(
    image: ArrayLike,
    kernel: ArrayLike,
    *,
    stride: int | tuple[int, int] = 1,
    padding: Padding = "zero",
    flip: bool = False,
    dilation: int | tuple[int, int] = 1,
) -> Picture:
    """Slide `kernel` over `image`: at each place, every weight times the value under it, summed.

    This is cross-correlation, which PyTorch's conv2d computes and deep learning calls convolution. `flip=True` turns
    the kernel by 180 degrees first: convolution as mathematics has it. Each channel is filtered alone.

    image: (H, W) or (H, W, C). kernel: (F_h, F_w), odd or even. stride, dilation: an int or (vertical, horizontal).
    padding: "valid" reads only what is there; the others put a border around the picture so that at stride 1 the
    output has its size: "zero", "reflect" (mirrored about the outermost pixels), "edge" (the outermost pixel repeated),
    "wrap" (the picture continues on the other side). The border has D(F-1) pixels an axis, half on each side; where
    that is odd, the one more lies below and to the right, as PyTorch's padding="same" has it.

    Returns (H', W') or (H', W', C), not clipped, float32 for a float32 image and float64 otherwise, with
    H' = floor((H - D(F_h-1) - 1) / S) + 1 for "valid" and ceil(H / S) for the others.
    Raises PictureError or KernelError, both ValueErrors.
    """
    picture = check_picture(image)
    weights = check_kernel(kernel)
    if flip:
        weights = weights[::-1, ::-1]
    down, across = _pair("stride", stride)
    weights = dilate(weights, dilation)
    padded = _pad(picture if picture.ndim == 3 else picture[:, :, None], weights, padding)
    # Every answer is computed and the stride keeps some: gathering only the places a stride reads costs as much.
    dense = _correlate(padded, weights)[::down, ::across]
    return np.ascontiguousarray(dense if picture.ndim == 3 else dense[:, :, 0])


def convolve_depth(
    image: ArrayLike,
    kernel: ArrayLike,
    *,
    stride: int | tuple[int, int] = 1,
    padding: Padding = "zero",
    flip: bool = False,
    dilation: int | tuple[int, int] = 1,
) -> Picture:
    """One filter as deep as the picture, as a convolutional layer has it: a kernel a channel, and their answers summed.

    image: (H, W, C); kernel: (F_h, F_w, C). Returns one plane (H', W'); sizes, types and errors as `convolve`.
    """
    picture = check_picture(image)
    weights = np.asarray(kernel)
    if picture.ndim != 3 or weights.ndim != 3 or picture.shape[2] != weights.shape[2]:
        raise KernelError(
            f"A filter is as deep as its picture: the picture is {' x '.join(map(str, picture.shape))}, "
            f"the filter {' x '.join(map(str, weights.shape))}."
        )
    answers = (
        convolve(plane, plane_weights, stride=stride, padding=padding, flip=flip, dilation=dilation)
        for plane, plane_weights in zip(
            np.moveaxis(picture.astype(np.float64), 2, 0), np.moveaxis(weights, 2, 0), strict=True
        )
    )
    total: Picture = np.sum(list(answers), axis=0).astype(picture.dtype)
    return total


def _pair(name: str, value: int | tuple[int, int]) -> tuple[int, int]:
    pair = value if isinstance(value, tuple) else (value, value)
    if len(pair) != 2 or not all(isinstance(number, int | np.integer) and number >= 1 for number in pair):
        raise KernelError(f"The {name} is a whole number from 1, or two of them (vertical, horizontal); got {value!r}.")
    return pair


def dilate(kernel: ArrayLike, dilation: int | tuple[int, int]) -> Kernel:
    """The kernel with D - 1 zeros between its weights: (F_h, F_w) -> (D(F_h-1) + 1, D(F_w-1) + 1).

    Filtering with it is filtering with that dilation; zeros cost nothing when summing tap by tap.
    """
    weights = check_kernel(kernel)
    down, across = _pair("dilation", dilation)
    spread = np.zeros(((weights.shape[0] - 1) * down + 1, (weights.shape[1] - 1) * across + 1))
    spread[::down, ::across] = weights
    return spread


def _pad(picture: Picture, weights: Kernel, padding: Padding) -> Picture:
    """(H, W, C) -> (H + F_h - 1, W + F_w - 1, C), or the picture itself for "valid"."""
    if padding == "valid":
        if weights.shape[0] > picture.shape[0] or weights.shape[1] > picture.shape[1]:
            raise KernelError(
                f"The kernel reaches over {weights.shape[0]} x {weights.shape[1]} pixels and the picture has only "
                f"{picture.shape[0]} x {picture.shape[1]}: take a smaller kernel, or a padding other than valid."
            )
        return picture
    if padding not in _NUMPY_PADDING:
        raise KernelError(f"The padding is one of {', '.join(PADDINGS)}; got {padding!r:.40}.")
    border = [((size - 1) // 2, size // 2) for size in weights.shape]
    return np.pad(picture, [*border, (0, 0)], mode=_NUMPY_PADDING[padding])


def _correlate(padded: Picture, weights: Kernel) -> Picture:
    """(H, W, C) with (F_h, F_w) -> (H - F_h + 1, W - F_w + 1, C), the faster way of the three."""
    taps = np.count_nonzero(weights)
    # Only a kernel that is an outer product to the last bits may be replaced by one.
    parts = (
        separable(weights, tolerance=max(weights.shape) * np.finfo(np.float64).eps) if min(weights.shape) > 1 else None
    )
    if parts is not None and np.count_nonzero(parts.column) + np.count_nonzero(parts.row) < taps:
        return _by_taps(padded, [parts.column[:, None], parts.row[None, :]])
    if taps < _FFT_FROM:
        return _by_taps(padded, [weights])
    return _by_fft(padded, weights)


def _by_taps(padded: Picture, kernels: list[Kernel]) -> Picture:
    """Tap by tap: in a flattened picture each weight meets the whole picture shifted by a fixed number of places.

    So a tap is one BLAS call, `sum += weight * shifted`. Rows are taken in bands that stay in the cache; several
    kernels (a column, then a row) are applied to a band one after the other.
    """
    height, width, depth = padded.shape
    lost_rows = sum(kernel.shape[0] - 1 for kernel in kernels)
    lost_columns = sum(kernel.shape[1] - 1 for kernel in kernels)
    result = np.empty((height - lost_rows, width - lost_columns, depth), padded.dtype)
    flat = padded.reshape(-1)
    line = width * depth  # numbers in a row of the picture
    passes = [_Pass.of(kernel, line, depth) for kernel in kernels]
    band = max(1, _BAND // line)
    for top in range(0, result.shape[0], band):
        rows = min(band, result.shape[0] - top)
        values = flat[top * line : (top + rows + lost_rows) * line].astype(np.float64)
        for step in passes:
            values = step.sum(values)
        # Places where the kernel reaches over the right border into the next row are computed too, and left out here.
        result[top : top + rows] = values.reshape(rows, width, depth)[:, : result.shape[1]]
    return result


class _Pass(NamedTuple):
    """A kernel laid out for a flattened picture."""

    taps: list[tuple[float, int]]  # each weight that is not zero, and how many places ahead its value lies
    lost: int  # numbers by which the answer is shorter: its lost rows
    unused: int  # numbers at the end of the answer that no kernel reaches: the last row's lost columns

    @classmethod
    def of(cls, kernel: Kernel, line: int, depth: int) -> "_Pass":
        taps = [(float(kernel[y, x]), int(y) * line + int(x) * depth) for y, x in np.argwhere(kernel)]
        return cls(taps, (kernel.shape[0] - 1) * line, (kernel.shape[1] - 1) * depth)

    def sum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.zeros(values.size - self.lost)
        reached = total.size - self.unused
        for weight, ahead in self.taps:
            total = daxpy(values, total, reached, weight, ahead)
        return total


def _by_fft(padded: Picture, weights: Kernel) -> Picture:
    """The convolution theorem: multiply the spectra. Conjugating the kernel's makes it correlation.

    The transform is periodic, but the answers kept never read over the border.
    """
    height, width = padded.shape[0] - weights.shape[0] + 1, padded.shape[1] - weights.shape[1] + 1
    size = [scipy.fft.next_fast_len(length, real=True) for length in padded.shape[:2]]
    response = np.conj(scipy.fft.rfft2(weights, s=size))
    result = np.empty((height, width, padded.shape[2]), padded.dtype)
    for channel in range(padded.shape[2]):  # one plane at a time stays in the cache: half the time of all at once
        spectrum = scipy.fft.rfft2(padded[:, :, channel].astype(np.float64), s=size)
        spectrum *= response
        result[:, :, channel] = scipy.fft.irfft2(spectrum, s=size, overwrite_x=True)[:height, :width]
    return result
