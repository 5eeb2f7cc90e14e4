"""What happens to a downsampled picture when the picture moves by a pixel: where it holds still, and where it jumps."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from core.images.kernels import convolve
from core.images.pictures import Picture, PictureError, check_picture
from core.images.pooling import POOLS, blur_pool, pool

Downsampler = Literal["max", "average", "min", "l2", "blur_max", "blur_average", "strided"]
DOWNSAMPLERS: tuple[Downsampler, ...] = get_args(Downsampler)

_BLUR = 3  # rows of blur pooling's filter: Zhang's "Tri-3"


def downsample(
    image: ArrayLike, kind: Downsampler, window: int = 2, stride: int | None = None, kernel: ArrayLike = ((1.0,),)
) -> Picture:
    """The picture made smaller by any of the ways there are: pooling, blur pooling, or a convolution with a stride.

    "strided" is `kernel` at every `stride`-th place (PyTorch's conv2d without padding); without a kernel it just keeps
    every `stride`-th pixel. The others take `window`. Raises PictureError or KernelError for what does not fit.
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
    raise PictureError(f"There are {', '.join(DOWNSAMPLERS)}; got {kind!r:.40}.")


class ShiftResponse(NamedTuple):
    """How an output moves as the picture moves right by 0, 1, 2, ... pixels. All relative to the output's own size."""

    shifts: NDArray[np.int64]  # (n,) px
    change: NDArray[np.float64]  # (n,) how far the output is from the one at rest
    step: NDArray[np.float64]  # (n,) how far from the one a shift before: 0 holds still, a peak is a jump
    error: NDArray[np.float64]  # (n,) how far from the output at rest, moved along by shift / stride: 0 is equivariant


def shift_response(
    image: ArrayLike,
    kind: Downsampler,
    window: int = 2,
    stride: int | None = None,
    shifts: Iterable[int] = range(9),
    kernel: ArrayLike = ((1.0,),),
) -> ShiftResponse:
    """Move the picture right pixel by pixel (what leaves comes back on the left) and downsample it each time.

    The picture is cut to whole strides and taken as periodic, so that no border is in the measure: windows read on over
    the seam. Distances are Euclidean, divided by the size of the output at rest. For `error` the output at rest is
    moved by a fraction of a pixel, exactly, by its Fourier transform. Arguments and errors as `downsample`.
    """
    picture = check_picture(image).astype(np.float64)
    places = np.array(list(shifts), dtype=np.int64)
    stride = window if stride is None else stride
    rows, columns = (length // stride for length in picture.shape[:2])
    if not rows or not columns:
        raise PictureError(f"A stride of {stride} needs a picture of at least {stride} x {stride} pixels.")
    picture = picture[: rows * stride, : columns * stride]
    margin = -(-(window + max(np.shape(kernel)) + _BLUR) // stride)  # in strides: further than any window reaches
    border = [(margin * stride,) * 2, (margin * stride,) * 2, (0, 0)][: picture.ndim]

    def output(shift: int) -> NDArray[np.float64]:
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
