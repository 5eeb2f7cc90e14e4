"""Combine filters into a layer: each filter makes one plane, and the planes are stacked into depth."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from core.images.convolution import Padding, convolve
from core.images.kernels import KernelError
from core.images.number_pairs import Size
from core.images.pictures import Picture, check_picture, to_gray


def convolution_layer(
    image: ArrayLike,
    filters: Sequence[ArrayLike],
    biases: Sequence[float] | None = None,
    *,
    relu: bool | Sequence[bool] = False,
    stride: Size = 1,
    padding: Padding = "zero",
) -> Picture:
    """Apply K filters to a picture, with biases and ReLU: a convolutional layer.

    Args:
        image: The picture, (H, W) or (H, W, C).
        filters: K filters: (F_h, F_w, C) with one kernel per channel, or (F_h, F_w) for the picture's luminance. With
            padding, they may differ in size.
        biases: One number per filter; zeros if None.
        relu: Set negative outputs to zero: for all planes, or one flag per plane.
        stride: As in `convolution.convolve`.
        padding: As in `convolution.convolve`.

    Returns:
        The output block, (H', W', K).

    Raises:
        KernelError: There are no filters, or they do not fit the picture, each other or the biases.
        PictureError: The picture is invalid.

    Examples:
        A vertical and a horizontal edge detector; the ReLU keeps only edges toward bright:

        >>> picture = [[0, 0, 1], [0, 0, 1], [0, 0, 1]]
        >>> x, y = [[-1, 0, 1]], [[-1], [0], [1]]
        >>> block = convolution_layer(picture, [x, y], relu=True, padding="edge")
        >>> block.shape, block[1, :, 0].tolist(), block[1, :, 1].tolist()
        ((3, 3, 2), [0.0, 1.0, 1.0], [0.0, 0.0, 0.0])
    """
    picture = check_picture(image)
    if not filters:
        raise KernelError("A layer needs at least one filter.")
    offsets = [0.0] * len(filters) if biases is None else list(biases)
    if len(offsets) != len(filters) or not np.isfinite(offsets).all():
        raise KernelError(f"Each filter needs one bias, a number: {len(filters)} filters, {len(offsets)} biases.")
    gray = to_gray(picture) if any(np.ndim(weights) == 2 for weights in filters) else picture
    stack = [
        convolve(gray if np.ndim(weights) == 2 else picture, weights, stride=stride, padding=padding)
        for weights in filters
    ]
    if len({plane.shape for plane in stack}) > 1:
        raise KernelError(
            "Without padding, filters of different sizes make planes of different sizes: use one size, or add padding."
        )
    block: Picture = np.stack(stack, axis=2) + np.asarray(offsets, dtype=picture.dtype)
    rectified: Picture = np.where(relu, np.maximum(block, 0), block)  # K switches, or one, against (H', W', K)
    return rectified


class WeightCounts(NamedTuple):
    """The number of weights of one layer in three kinds of connectivity, without biases."""

    shared: int  # a convolution: one filter, the same at every position
    local: int  # locally connected: the same windows, each position with weights of its own
    full: int  # fully connected: every output reads every input


def count_weights(shape: tuple[int, ...], window: tuple[int, int], filters: int = 1) -> WeightCounts:
    """Count the weights between a picture and K planes of its size, through windows of F_h x F_w.

    For one output unit alone they are F_h * F_w * C for a window, and H * W * C for the whole picture.

    Args:
        shape: Shape of the picture, (H, W) or (H, W, C).
        window: (F_h, F_w).
        filters: K.

    Returns:
        The weights of a convolutional, a locally connected and a fully connected layer.

    Examples:
        >>> count_weights((28, 28), (5, 5), filters=8)
        WeightCounts(shared=200, local=156800, full=4917248)
    """
    height, width, depth = (*shape, 1)[:3]
    per_filter = window[0] * window[1] * depth
    places = height * width
    return WeightCounts(
        shared=filters * per_filter,
        local=filters * per_filter * places,
        full=filters * places * height * width * depth,
    )
