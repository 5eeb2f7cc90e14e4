"""From filters to a layer: each filter makes one plane, and the planes are stacked into depth."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from core.images.kernels import KernelError, Padding, convolve, convolve_depth
from core.images.pictures import Picture, check_picture, to_grey


def convolution_layer(
    image: ArrayLike,
    filters: Sequence[ArrayLike],
    biases: Sequence[float] | None = None,
    *,
    relu: bool | Sequence[bool] = False,
    stride: int | tuple[int, int] = 1,
    padding: Padding = "zero",
) -> Picture:
    """The output block of K filters: (H, W) or (H, W, C) -> (H', W', K), with a bias a plane, and ReLU if wanted.

    A filter (F_h, F_w, C) is as deep as the picture; a filter (F_h, F_w) looks at its luminance. With padding, filters
    may differ in size. Where `relu` holds, said of all planes or of each, what is below zero becomes zero. Raises
    KernelError or PictureError.
    """
    picture = check_picture(image)
    if not filters:
        raise KernelError("A layer needs at least one filter.")
    offsets = [0.0] * len(filters) if biases is None else list(biases)
    if len(offsets) != len(filters) or not np.isfinite(offsets).all():
        raise KernelError(f"Each filter has one bias, a number: {len(filters)} filters, {len(offsets)} biases.")
    gray = to_grey(picture) if any(np.ndim(weights) == 2 for weights in filters) else picture
    stack = [
        convolve(gray, weights, stride=stride, padding=padding)
        if np.ndim(weights) == 2
        else convolve_depth(picture, weights, stride=stride, padding=padding)
        for weights in filters
    ]
    if len({plane.shape for plane in stack}) > 1:
        raise KernelError("Without padding, filters of different sizes make planes of different sizes: use one size.")
    block: Picture = np.stack(stack, axis=2) + np.asarray(offsets, dtype=picture.dtype)
    rectified: Picture = np.where(relu, np.maximum(block, 0), block)  # K switches, or one, against (H', W', K)
    return rectified


class WeightCounts(NamedTuple):
    """How many weights one layer needs in three ways of connecting it, biases left out."""

    shared: int  # a convolution: one filter, the same at every place
    local: int  # locally connected: the same windows, each place with weights of its own
    full: int  # fully connected: every output reads every input


def count_weights(shape: tuple[int, ...], window: tuple[int, int], filters: int = 1) -> WeightCounts:
    """The weights between an H x W x C picture and K planes of its size, through F_h x F_w windows.

    shape: (H, W) or (H, W, C). For one output unit alone: a window's F_h * F_w * C against all H * W * C.
    """
    height, width, depth = (*shape, 1)[:3]
    per_filter = window[0] * window[1] * depth
    places = height * width
    return WeightCounts(
        shared=filters * per_filter,
        local=filters * per_filter * places,
        full=filters * places * height * width * depth,
    )
