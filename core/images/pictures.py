"""Pictures as arrays: H x W (gray) or H x W x 3 (color), 0 black and 1 white; gray values, channels, size."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from core.size_text import format_shape

Picture = NDArray[np.floating[Any]]

LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601: how much of the brightness the eye sees in red, green and blue
LARGEST_SIDE = 512  # px, of the pictures that the pages use


class PictureError(ValueError):
    """Raised for a picture that cannot be read or used. The message is a sentence for the user."""


def check_picture(image: ArrayLike) -> Picture:
    """Return a picture as an array of floats: float32 stays, every other type becomes float64, unscaled.

    Args:
        image: (H, W) or (H, W, C).

    Returns:
        The array, in the same shape.

    Raises:
        PictureError: It has another number of dimensions, is empty, or holds something other than numbers.
    """
    picture = np.asarray(image)
    if picture.ndim not in (2, 3):
        raise PictureError(f"A picture must have 2 dimensions (gray) or 3 (channels last); this has {picture.ndim}.")
    if picture.size == 0:
        raise PictureError(f"The picture is empty: {format_shape(picture.shape)}.")
    if picture.dtype == np.float32:
        return picture
    if picture.dtype.kind not in "buif":
        raise PictureError(f"A picture must hold numbers, not {picture.dtype}.")
    return picture.astype(np.float64, copy=False)


def to_gray(image: ArrayLike, weights: tuple[float, float, float] = LUMINANCE) -> Picture:
    """Return the brightness of a picture: a weighted sum of red, green and blue.

    Args:
        image: (H, W), which is returned as it is, or (H, W, 1) or (H, W, 3).
        weights: Weights of red, green and blue; with sum 1 the result stays within [0, 1].

    Returns:
        The gray picture, (H, W).

    Raises:
        PictureError: The picture has another number of channels, or is invalid.

    Examples:
        Green looks brighter than blue:

        >>> to_gray([[[0, 1, 0], [0, 0, 1]]]).tolist()
        [[0.587, 0.114]]
    """
    picture = check_picture(image)
    if picture.ndim == 2:
        return picture
    if picture.shape[2] == 1:
        return picture[:, :, 0]
    if picture.shape[2] != 3:
        raise PictureError(f"Luminance needs 1 or 3 channels; this picture has {picture.shape[2]}.")
    gray: Picture = picture @ np.asarray(weights, dtype=picture.dtype)  # (H, W, 3) @ (3,) -> (H, W)
    return gray


def channels(image: ArrayLike) -> tuple[Picture, ...]:
    """Return the channels of a picture, (H, W) each, red first.

    Args:
        image: (H, W) or (H, W, C).

    Returns:
        C planes; one for a gray picture.

    Raises:
        PictureError: The picture is invalid.
    """
    picture = check_picture(image)
    if picture.ndim == 2:
        return (picture,)
    return tuple(np.ascontiguousarray(plane) for plane in np.moveaxis(picture, 2, 0))


def center_square(image: ArrayLike, size: int) -> Picture:
    """Crop a picture to its middle square and resize that (bicubic, antialiased), within [0, 1].

    Args:
        image: (H, W) or (H, W, C).
        size: Height and width of the result in pixels.

    Returns:
        The picture, (size, size) or (size, size, C).

    Raises:
        PictureError: The picture is invalid.
    """
    picture = check_picture(image)
    side = min(picture.shape[:2])
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    planes = [
        np.asarray(Image.fromarray(plane.astype(np.float32)).resize((size, size), Image.Resampling.BICUBIC))
        for plane in channels(picture[top : top + side, left : left + side])
    ]
    resized = planes[0] if picture.ndim == 2 else np.stack(planes, axis=2)
    clipped: Picture = np.clip(resized, 0, 1).astype(picture.dtype)
    return clipped


def fit_to_network(image: ArrayLike, shape: tuple[int, int, int]) -> Picture:
    """Crop and resize a picture to a network's input.

    Args:
        image: (H, W) or (H, W, 3).
        shape: The network's input, (C, H, W), C 1 or 3.

    Returns:
        (H, W) in gray for C = 1; else (H, W, 3), a gray picture three times the same.

    Raises:
        PictureError: The network takes another number of channels, or the picture is invalid.
    """
    depth, height, width = shape
    if depth not in (1, 3):
        raise PictureError(f"This network takes pictures with {depth} channels: choose one from its test set.")
    picture = to_gray(image) if depth == 1 else check_picture(image)
    resized = center_square(picture, max(height, width))
    top, left = (len(resized) - height) // 2, (len(resized) - width) // 2
    cut: Picture = resized[top : top + height, left : left + width]
    return np.repeat(cut[:, :, None], 3, axis=2) if depth == 3 and cut.ndim == 2 else cut
