"""What an image is: a block of numbers, H x W (gray) or H x W x 3 (color), 0 black and 1 white; color and its parts."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

Picture = NDArray[np.floating[Any]]

LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601: how much of the brightness the eye sees in red, green and blue
LARGEST_SIDE = 512  # px; what the pages work on


class PictureError(ValueError):
    """A picture that cannot be read or used; the message is a sentence for the person who gave it."""


def check_picture(image: ArrayLike) -> Picture:
    """`image` as an array (H, W) or (H, W, C) of floats: float32 stays, every other type becomes float64, unscaled.

    Raises PictureError for another number of dimensions, an empty picture or values that are not numbers.
    """
    picture = np.asarray(image)
    if picture.ndim not in (2, 3):
        raise PictureError(f"A picture has 2 dimensions (gray) or 3 (color, channels last), not {picture.ndim}.")
    if picture.size == 0:
        raise PictureError(f"The picture is empty: {' x '.join(map(str, picture.shape))}.")
    if picture.dtype == np.float32:
        return picture
    if picture.dtype.kind not in "buif":
        raise PictureError(f"A picture holds numbers, not {picture.dtype}.")
    return picture.astype(np.float64, copy=False)


def to_grey(image: ArrayLike, weights: tuple[float, float, float] = LUMINANCE) -> Picture:
    """The brightness picture (H, W): red, green and blue weighed and summed. A gray picture is returned as it is.

    The weights are used as given: they sum to 1 if the result is to stay within [0, 1].
    Raises PictureError unless the picture has 1 or 3 channels.
    """
    picture = check_picture(image)
    if picture.ndim == 2:
        return picture
    if picture.shape[2] == 1:
        return picture[:, :, 0]
    if picture.shape[2] != 3:
        raise PictureError(f"Luminance weighs 3 channels; this picture has {picture.shape[2]}.")
    grey: Picture = picture @ np.asarray(weights, dtype=picture.dtype)  # (H, W, 3) @ (3,) -> (H, W)
    return grey


def channels(image: ArrayLike) -> tuple[Picture, ...]:
    """The cube pulled apart: one picture (H, W) a channel, red first."""
    picture = check_picture(image)
    if picture.ndim == 2:
        return (picture,)
    return tuple(np.ascontiguousarray(plane) for plane in np.moveaxis(picture, 2, 0))


def center_square(image: ArrayLike, size: int) -> Picture:
    """The middle of the picture, as wide as high, resized (bicubic, antialiased) to `size` x `size`, within [0, 1].

    Two pictures brought to one size can be added: hybrid images need that.
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
    """The middle of the picture at the size and depth that a network takes: `shape` is (C, H, W), C 1 or 3.

    Answers (H, W) for C = 1, in gray, else (H, W, 3), of a gray picture three times the same. Raises PictureError for
    another depth.
    """
    depth, height, width = shape
    if depth not in (1, 3):
        raise PictureError(f"This network takes pictures of {depth} channels: choose one of its test set.")
    picture = to_grey(image) if depth == 1 else check_picture(image)
    resized = center_square(picture, max(height, width))
    top, left = (len(resized) - height) // 2, (len(resized) - width) // 2
    cut: Picture = resized[top : top + height, left : left + width]
    return np.repeat(cut[:, :, None], 3, axis=2) if depth == 3 and cut.ndim == 2 else cut
