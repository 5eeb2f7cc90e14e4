"""Measure how a downsampled picture changes when the input shifts: where it stays the same, and where it jumps."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from core.images.blur_pooling import blur_pool
from core.images.convolution import convolve
from core.images.pictures import Picture, PictureError, check_picture
from core.images.pooling import POOLS, pool
from core.size_text import format_shape

Downsampler = Literal["max", "average", "min", "l2", "blur_max", "blur_average", "strided"]
DOWNSAMPLERS: tuple[Downsampler, ...] = get_args(Downsampler)

_BLUR = 3  # rows of blur pooling's filter: Zhang's "Tri-3"


def downsample(
    image: ArrayLike, kind: Downsampler, window: int = 2, stride: int | None = None, kernel: ArrayLike = ((1.0,),)
) -> Picture:
    """Make a picture smaller by pooling, blur pooling or a strided convolution.

    Args:
        image: The picture, (H, W) or (H, W, C).
        kind: A kind of pooling; "blur_max" or "blur_average"; or "strided", a convolution with stride.
        window: Size of the pooling window, not used by "strided".
        stride: Step in pixels; the window's size if None.
        kernel: Kernel of "strided" (PyTorch's conv2d without padding); the default only keeps every `stride`-th pixel.

    Returns:
        The smaller picture.

    Raises:
        PictureError: The picture or a setting is invalid.
        KernelError: The kernel is invalid or does not fit.

    Examples:
        >>> row = [[0, 1, 2, 3, 4, 5]] * 2
        >>> downsample(row, "max").tolist(), downsample(row, "average").tolist()
        ([[1.0, 3.0, 5.0]], [[0.5, 2.5, 4.5]])
        >>> downsample(row, "strided", stride=3).tolist()
        [[0.0, 3.0]]
    """
    stride = window if stride is None else stride
    if kind == "strided":
        return convolve(image, kernel, stride=stride, padding="valid")
    if kind == "blur_max":
        return blur_pool(image, "max", window, stride, _BLUR)
    if kind == "blur_average":
        return blur_pool(image, "average", window, stride, _BLUR)
    if kind in POOLS:
        return pool(image, kind, window, stride)
    raise PictureError(f"The downsampling must be one of {', '.join(DOWNSAMPLERS)}; got {kind!r:.40}.")


class ShiftResponse(NamedTuple):
    """The change of an output as the picture shifts right by 0, 1, 2, ... pixels, relative to the output's own norm."""

    shifts: NDArray[np.int64]  # (n,) px
    change: NDArray[np.float64]  # (n,) distance from the output without a shift: 0 is invariant
    step: NDArray[np.float64]  # (n,) distance from the output one shift before: a peak is a jump
    error: NDArray[np.float64]  # (n,) distance from the unshifted output, moved by shift / stride: 0 is equivariant


def shift_response(
    image: ArrayLike,
    kind: Downsampler,
    window: int = 2,
    stride: int | None = None,
    shifts: Iterable[int] = range(9),
    kernel: ArrayLike = ((1.0,),),
) -> ShiftResponse:
    """Measure how a downsampled picture changes as the input shifts to the right, pixel by pixel, with wrap-around.

    The picture is cropped to whole strides and treated as periodic, so that no border affects the measure. Distances
    are Euclidean, divided by the norm of the output without a shift. For `error`, that output is shifted by shift /
    stride pixels, exactly, by its Fourier transform: an equivariant downsampler has error 0.

    Args:
        image: The picture, (H, W) or (H, W, C).
        kind: As in `downsample`.
        window: As in `downsample`.
        stride: As in `downsample`.
        shifts: Shifts to measure, in pixels.
        kernel: As in `downsample`.

    Returns:
        Change, step and error for each shift.

    Raises:
        PictureError: The picture is smaller than the stride, or a setting is invalid.
        KernelError: The kernel is invalid.

    References:
        Zhang, "Making convolutional networks shift-invariant again", 2019.

    Examples:
        A strided output changes when the picture shifts by 1 pixel; at a shift of a whole stride it only moves along:

        >>> picture = np.zeros((4, 8))
        >>> picture[:, 4] = 1
        >>> response = shift_response(picture, "strided", window=2, shifts=(0, 1, 2))
        >>> response.change.round(2).tolist(), response.error.round(2).tolist()
        ([0.0, 1.0, 1.41], [0.0, 0.87, 0.0])
    """
    picture = check_picture(image).astype(np.float64)
    places = np.array(list(shifts), dtype=np.int64)
    stride = window if stride is None else stride
    rows, columns = (length // stride for length in picture.shape[:2])
    if not rows or not columns:
        least = format_shape((stride, stride))
        raise PictureError(f"A stride of {stride} needs a picture of at least {least} pixels.")
    picture = picture[: rows * stride, : columns * stride]
    margin = -(-(window + max(np.shape(kernel)) + _BLUR) // stride)  # in strides: further than any window reaches
    border = [(margin * stride,) * 2, (margin * stride,) * 2, (0, 0)][: picture.ndim]

    def output(shift: int) -> NDArray[np.float64]:
        """Return the downsampled picture after a shift."""
        periodic = np.pad(np.roll(picture, shift, axis=1), border, mode="wrap")
        whole = downsample(periodic, kind, window, stride, kernel)
        return whole[margin : margin + rows, margin : margin + columns].astype(np.float64)

    rest = output(0)
    waves = np.fft.fft2(rest, axes=(0, 1))
    size = float(np.linalg.norm(rest)) or 1.0
    distances = []
    for shift in places.tolist():
        moved, before = output(shift), output(shift - 1) if shift else rest
        along = (0, shift / stride, 0)[: rest.ndim]
        ideal = np.fft.ifft2(ndimage.fourier_shift(waves, along), axes=(0, 1)).real
        distances.append([np.linalg.norm(moved - other) / size for other in (rest, before, ideal)])
    change, step, error = np.array(distances).reshape(-1, 3).T
    return ShiftResponse(places, change, step, error)
