"""Slide kernels over pictures.

All sums are in float64, so that the three methods agree: tap by tap, as a column and then a row, or through the Fourier
transform. The method is chosen by measured speed on 512 x 512 x 3 pixels (tests/bench/images.py).
"""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray
from scipy.linalg.blas import daxpy

from core.images.kernels import Kernel, KernelError, check_kernel, dilate, separable
from core.images.number_pairs import Size, check_pair
from core.images.pictures import Picture, check_picture
from core.size_text import format_shape

Padding = Literal["valid", "zero", "reflect", "edge", "wrap"]
PADDINGS: tuple[Padding, ...] = get_args(Padding)

_NUMPY_PADDING: dict[Padding, Literal["constant", "reflect", "edge", "wrap"]] = {
    "zero": "constant",
    "reflect": "reflect",
    "edge": "edge",
    "wrap": "wrap",
}
_BAND = 9_984  # numbers summed at a time: they stay in the cache, and OpenBLAS starts threads from 10,000 on, which
# with a busy neighbor costs up to 100 times what it saves
_FFT_FROM = 100  # weights that are not zero, from which the Fourier transform is the faster way


def convolve(
    image: ArrayLike,
    kernel: ArrayLike,
    *,
    stride: Size = 1,
    padding: Padding = "zero",
    flip: bool = False,
    dilation: Size = 1,
) -> Picture:
    """Slide a kernel over a picture: at each position, multiply every weight with the pixel under it, and sum.

    This is cross-correlation, which PyTorch's conv2d computes and deep learning calls convolution. The output is not
    clipped.

    Args:
        image: The picture, (H, W) or (H, W, C).
        kernel: The weights, odd or even: (F_h, F_w) filters each channel on its own; (F_h, F_w, C) has a kernel for
            each channel and adds up the results, as one filter of a convolutional layer does.
        stride: Step between positions in pixels: an int or (vertical, horizontal).
        padding: "valid" uses only pixels that exist. The others add a border, so that at stride 1 the output is as
            large as the picture: "zero", "reflect" (mirrored about the outermost pixels), "edge" (the outermost pixel
            repeated) or "wrap" (the picture continues on the other side). The border has D(F-1) pixels per axis, half
            on each side; an odd one more goes below and to the right, as with PyTorch's padding="same".
        flip: Rotate the kernel by 180 degrees first: convolution in the mathematical sense.
        dilation: Distance between neighboring weights in pixels, D: an int or (vertical, horizontal).

    Returns:
        The filtered picture, (H', W') or (H', W', C), and (H', W') for a kernel with channels; float32 for a float32
        picture, float64 otherwise.
        H' = floor((H - D(F_h-1) - 1) / S) + 1 for "valid", ceil(H / S) for the others.

    Raises:
        PictureError: The picture is invalid.
        KernelError: The kernel or a setting is invalid, has not as many channels as the picture, or is larger than the
            picture with "valid".

    References:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Examples:
        A difference of right and left neighbors finds the edge between 0 and 1:

        >>> step = [[0, 0, 1, 1]] * 3
        >>> convolve(step, [[-1, 0, 1]], padding="valid")
        array([[1., 1.],
               [1., 1.],
               [1., 1.]])
        >>> convolve(step, [[-1, 0, 1]], padding="zero")[0]  # the black border adds an edge on the right
        array([ 0.,  1.,  1., -1.])
        >>> convolve(step, [[-1, 0, 1]], padding="valid", flip=True)[0]  # true convolution flips the sign here
        array([-1., -1.])
        >>> convolve(step, [[1, 1], [1, 1]], padding="valid", stride=2)
        array([[0., 4.]])

        A kernel of 1 x 1 with channels mixes them: here red minus blue.

        >>> convolve([[[0.9, 0.5, 0.2]]], [[[1, 0, -1]]]).round(2)
        array([[0.7]])
    """
    picture = check_picture(image)
    cells = kernel if isinstance(kernel, np.ndarray) else np.asarray(kernel, dtype=object)  # rows may be uneven
    if cells.ndim == 3:
        outputs = [
            convolve(plane, weights, stride=stride, padding=padding, flip=flip, dilation=dilation)
            for plane, weights in _by_channel(picture, cells)
        ]
        total: Picture = np.sum(outputs, axis=0).astype(picture.dtype)
        return total
    weights = check_kernel(cells)
    if flip:
        weights = weights[::-1, ::-1]
    down, across = check_pair("stride", stride, KernelError)
    weights = dilate(weights, dilation)
    padded = _pad(picture if picture.ndim == 3 else picture[:, :, None], weights, padding)
    # Every output is computed and the stride keeps some: computing only those costs as much.
    dense = _correlate(padded, weights)[::down, ::across]
    return np.ascontiguousarray(dense if picture.ndim == 3 else dense[:, :, 0])


def _by_channel(picture: Picture, weights: NDArray[Any]) -> Iterator[tuple[Picture, NDArray[Any]]]:
    """Return each channel of a picture, in float64, with the kernel for it: (H, W, C) with (F_h, F_w, C)."""
    if picture.ndim != 3 or picture.shape[2] != weights.shape[2]:
        raise KernelError(
            "A filter needs one kernel for each channel of the picture: with channels last, the picture is "
            f"{format_shape(picture.shape)} and the filter {format_shape(weights.shape)}."
        )
    return zip(np.moveaxis(picture.astype(np.float64), 2, 0), np.moveaxis(weights, 2, 0), strict=True)


def _pad(picture: Picture, weights: Kernel, padding: Padding) -> Picture:
    """Return the padded picture: (H, W, C) -> (H + F_h - 1, W + F_w - 1, C); the picture itself for "valid"."""
    if padding == "valid":
        if weights.shape[0] > picture.shape[0] or weights.shape[1] > picture.shape[1]:
            raise KernelError(
                f"The kernel covers {format_shape(weights.shape)} pixels and the picture has only "
                f"{format_shape(picture.shape[:2])}: use a smaller kernel, or padding other than valid."
            )
        return picture
    if padding not in _NUMPY_PADDING:
        raise KernelError(f"The padding must be one of {', '.join(PADDINGS)}; got {padding!r:.40}.")
    border = [((size - 1) // 2, size // 2) for size in weights.shape]
    return np.pad(picture, [*border, (0, 0)], mode=_NUMPY_PADDING[padding])


def _correlate(padded: Picture, weights: Kernel) -> Picture:
    """Correlate by the fastest of the three methods: (H, W, C) with (F_h, F_w) -> (H - F_h + 1, W - F_w + 1, C)."""
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
    """Correlate tap by tap: in a flattened picture, each weight meets the whole picture shifted by a fixed offset.

    So a tap is one BLAS call, `sum += weight * shifted`. Rows are processed in bands that stay in the cache; several
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

    taps: list[tuple[float, int]]  # each weight that is not zero, and how many numbers ahead its value lies
    lost: int  # numbers by which the output is shorter: its lost rows
    unused: int  # numbers at the end of the output that no kernel reaches: the last row's lost columns

    @classmethod
    def of(cls, kernel: Kernel, line: int, depth: int) -> "_Pass":
        """Lay out a kernel for pictures with `line` numbers per row and `depth` numbers per pixel."""
        taps = [(float(kernel[y, x]), int(y) * line + int(x) * depth) for y, x in np.argwhere(kernel)]
        return cls(taps, (kernel.shape[0] - 1) * line, (kernel.shape[1] - 1) * depth)

    def sum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the correlation of flattened values with this kernel."""
        total = np.zeros(values.size - self.lost)
        reached = total.size - self.unused
        for weight, ahead in self.taps:
            total = daxpy(values, total, reached, weight, ahead)
        return total


def _by_fft(padded: Picture, weights: Kernel) -> Picture:
    """Correlate by the convolution theorem: multiply the spectra; the conjugate of the kernel's makes it correlation.

    The transform is periodic, but the outputs that are kept never read across the border.
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
