"""Convert numbers to what a screen shows: 8-bit pictures, signed values in two colors, angles as hue, PNG files."""

import io

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from core.images.pictures import LUMINANCE, Picture, PictureError, check_picture

Bytes = NDArray[np.uint8]

NOISE = 1e-6
"""Sizes below this are rounding, not signal: 1/4000 of a gray level. Every picture and sentence has this one floor."""

NEGATIVE_COLOR, POSITIVE_COLOR = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)  # Okabe-Ito blue below zero, orange above


def to_bytes(image: ArrayLike) -> Bytes:
    """Return a picture as 8-bit levels: clipped to [0, 1], then scaled to 0 to 255.

    Args:
        image: (H, W) or (H, W, C); NaN becomes 0.

    Returns:
        Levels in the same shape, uint8.

    Raises:
        PictureError: The picture is invalid.

    Examples:
        >>> to_bytes([[-0.5, 0, 0.5, 1, 7]]).tolist()
        [[0, 0, 128, 255, 255]]
    """
    levels: Bytes = (np.clip(np.nan_to_num(check_picture(image)), 0, 1) * 255).round().astype(np.uint8)
    return levels


def full_size(values: ArrayLike, percentile: float = 100) -> float:
    """Return the size that a picture draws in full color or white, so that rounding errors are never stretched to it.

    Args:
        values: Numbers of any shape.
        percentile: Of the sizes, in percent, that lie within the scale.

    Returns:
        That percentile of the sizes; the largest if it is below the floor `NOISE`; 1 if all are.

    Examples:
        >>> full_size([-4, 1]), full_size([0.0] * 999 + [0.5], 99), full_size([1e-16, -2e-16])
        (4.0, 0.5, 1.0)
    """
    sizes = np.abs(np.asarray(values))
    for limit in (float(np.percentile(sizes, percentile)) if percentile < 100 else 0.0, float(sizes.max(initial=0))):
        if limit >= NOISE:
            return limit
    return 1.0


def stretch(image: ArrayLike) -> Picture:
    """Return a picture with its smallest value at 0 and its largest at 1; a constant one becomes 0.

    Args:
        image: (H, W) or (H, W, C).

    Returns:
        The picture in [0, 1], in the same shape.

    Raises:
        PictureError: The picture is invalid.

    Examples:
        >>> stretch([[-1, 0, 3]]).tolist()
        [[0.0, 0.25, 1.0]]
    """
    picture = check_picture(image)
    low, high = picture.min(), picture.max()
    scaled: Picture = (picture - low) / (high - low if high - low >= NOISE else 1)
    return scaled


def signed_colors(values: ArrayLike, limit: float | None = None) -> Bytes:
    """Return signed numbers as colors: blue below zero, orange above, more opaque the larger they are.

    Zero is transparent, so it shows the page's background in light and dark mode.

    Args:
        values: One plane, (H, W).
        limit: Absolute value that is fully opaque; the largest one if None. Use one limit to compare pictures.

    Returns:
        RGBA levels, (H, W, 4), uint8.

    Raises:
        PictureError: `values` is not one plane.

    Examples:
        >>> signed_colors([[-1, 0, 0.5]]).tolist()
        [[[0, 114, 178, 255], [213, 94, 0, 0], [213, 94, 0, 128]]]
    """
    plane = check_picture(values)
    if plane.ndim != 2:
        raise PictureError("Signed colors show one plane at a time, H × W: pick a channel.")
    limit = full_size(plane if limit is None else limit)
    colors = np.empty((*plane.shape, 4), np.uint8)
    colors[:, :, :3] = np.where(
        (plane < 0)[:, :, None], np.array(NEGATIVE_COLOR, np.uint8), np.array(POSITIVE_COLOR, np.uint8)
    )
    colors[:, :, 3] = to_bytes(np.abs(plane) / limit)
    return colors


def hue(angle: ArrayLike) -> NDArray[np.float64]:
    """Return angles as fully saturated colors: one turn goes once around the color wheel of HSV.

    Args:
        angle: (H, W), radians.

    Returns:
        RGB colors, (H, W, 3) in [0, 1].

    Examples:
        >>> hue([[0, 2 * np.pi / 3, -2 * np.pi / 3]]).round(2).tolist()
        [[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]]
    """
    sixths = np.asarray(angle, np.float64)[:, :, None] * (3 / np.pi)
    # Each channel is the same curve of the hue, a third of a turn apart: 1 within a sixth of its peak, 0 opposite.
    colors: NDArray[np.float64] = np.clip(2 - np.abs((sixths - np.array([0, 2, 4]) + 3) % 6 - 3), 0, 1)
    return colors


def angle_as_hue(magnitude: ArrayLike, angle: ArrayLike, limit: float | None = None) -> NDArray[np.float64]:
    """Return edge direction as hue and edge strength as brightness.

    Args:
        magnitude: (H, W).
        angle: (H, W), radians: 0 is red, a third of a turn green, two thirds blue.
        limit: Magnitude shown at full brightness; the largest one if None.

    Returns:
        RGB colors, (H, W, 3) in [0, 1].
    """
    strength = np.asarray(magnitude, np.float64)
    limit = full_size(strength if limit is None else limit)
    colors = hue(angle)
    colors *= np.clip(strength / limit, 0, 1)[:, :, None]
    return colors


def to_png(image: ArrayLike | Bytes) -> bytes:
    """Return a PNG file of a picture.

    Args:
        image: (H, W), (H, W, 3) or (H, W, 4): uint8 as it is, floats as `to_bytes` shows them.

    Returns:
        The file's content.
    """
    levels = image if isinstance(image, np.ndarray) and image.dtype == np.uint8 else to_bytes(image)
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "PNG", compress_level=1)  # a third of the time, and a tenth larger
    return file.getvalue()


GRAY_PROJECTIONS: dict[str, tuple[str, tuple[float, float, float]]] = {
    "mean": ("mean of the three", (1 / 3, 1 / 3, 1 / 3)),
    "luminance": ("luminance", LUMINANCE),
    "red_green": ("red against green", (1.0, -1.0, 0.0)),
    "blue_yellow": ("blue against yellow", (-0.5, -0.5, 1.0)),
}


def downscale(picture: Picture, side: int) -> Picture:
    """Return a picture with its longer side at most `side` pixels (antialiased), in the 256 levels of a screen.

    Args:
        picture: (H, W) or (H, W, 3) in [0, 1].
        side: Pixels; a smaller picture keeps its size.

    Returns:
        The picture, float32 in [0, 1].
    """
    image = Image.fromarray(to_bytes(picture))
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32) / np.float32(255)
