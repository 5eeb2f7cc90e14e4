"""Measure where a picture changes: brightness along a line, and the strength and direction of edges."""

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from core.images.convolution import convolve
from core.images.kernel_catalogue import CATALOGUE
from core.images.pictures import PictureError, check_picture, to_gray

GradientKind = Literal["sobel", "prewitt", "scharr"]
GRADIENTS: tuple[GradientKind, ...] = get_args(GradientKind)


class Profile(NamedTuple):
    """The values of a picture along a line."""

    distance: NDArray[np.float64]  # (n,) px from the start
    values: NDArray[np.float64]  # (n,), or (n, C) for a picture with channels

    @property
    def steepest(self) -> int:
        """The index before the largest change between neighboring samples, summed over channels: the strongest edge."""
        change = np.abs(np.diff(self.values, axis=0))
        return int(change.reshape(len(change), -1).sum(axis=1).argmax())


def line_profile(
    image: ArrayLike, start: tuple[float, float], end: tuple[float, float], n: int | None = None
) -> Profile:
    """Return the brightness along a line, interpolated linearly between pixels.

    Args:
        image: The picture, (H, W) or (H, W, C).
        start: First end as (row, column) in pixels.
        end: Second end as (row, column) in pixels.
        n: Number of evenly spaced samples, at least 2; about one per pixel if None.

    Returns:
        The distance of each sample from `start` in pixels, and its values.

    Raises:
        PictureError: An end lies outside the picture, or there are fewer than 2 samples.

    Examples:
        >>> profile = line_profile([[0, 0, 1, 1]], (0, 0), (0, 3))
        >>> profile.distance.tolist(), profile.values.tolist()
        ([0.0, 1.0, 2.0, 3.0], [0.0, 0.0, 1.0, 1.0])
        >>> profile.steepest  # the edge lies between samples 1 and 2
        1
    """
    picture = check_picture(image)
    last = picture.shape[0] - 1, picture.shape[1] - 1
    inside = all(0 <= place <= most for point in (start, end) for place, most in zip(point, last, strict=True))
    if not inside or (n is not None and n < 2):
        raise PictureError(
            f"A line must have both ends on the picture (rows 0 to {last[0]}, columns 0 to {last[1]}) and at least 2 "
            "samples."
        )
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    n = max(2, int(np.ceil(length)) + 1) if n is None else n
    places = np.linspace(start, end, n).T  # (2, n)
    planes = picture[:, :, None] if picture.ndim == 2 else picture
    values = np.stack(
        [
            ndimage.map_coordinates(plane, places, np.float64, order=1, mode="nearest")
            for plane in planes.transpose(2, 0, 1)
        ],
        axis=1,
    )
    return Profile(np.linspace(0, length, n), values[:, 0] if picture.ndim == 2 else values)


class Gradient(NamedTuple):
    """The strength of the edge at each pixel, and the direction in which the picture gets brighter."""

    magnitude: NDArray[np.float64]  # (H, W), brightness a pixel
    angle: NDArray[np.float64]  # (H, W), radians in (-pi, pi]: 0 brighter to the right, pi / 2 brighter upward


def gradient(image: ArrayLike, kind: GradientKind = "sobel") -> Gradient:
    """Return the strength and the direction of edges, from a horizontal and a vertical derivative kernel.

    The kernels are scaled so that a uniform slope of 0.1 per pixel has the magnitude 0.1 with each of them.

    Args:
        image: The picture, (H, W) or (H, W, 3); color is converted to gray.
        kind: "sobel", "prewitt" or "scharr".

    Returns:
        Magnitude (brightness per pixel) and angle (radians), (H, W) each.

    Raises:
        PictureError: The picture or the kind is invalid.

    References:
        Sobel and Feldman, "A 3x3 isotropic gradient operator for image processing", 1968.
        Scharr, "Optimale Operatoren in der digitalen Bildverarbeitung", 2000.

    Examples:
        A slope of 0.1 per pixel to the right, and the same slope upward:

        >>> slope = np.tile(np.arange(5) * 0.1, (5, 1))
        >>> edge = gradient(slope)
        >>> float(edge.magnitude[2, 2].round(3)), float(np.degrees(edge.angle[2, 2]))
        (0.1, 0.0)
        >>> round(float(np.degrees(gradient(np.rot90(slope)).angle[2, 2])))
        90
    """
    if kind not in GRADIENTS:
        raise PictureError(f"The gradient must be one of {', '.join(GRADIENTS)}; got {kind!r:.40}.")
    gray = to_gray(image).astype(np.float64)
    x, y = (CATALOGUE[f"{kind}_{axis}"].kernel() for axis in "xy")
    scale = 2 * x[:, 2].sum()  # right and left are two pixels apart
    across = convolve(gray, x / scale, padding="edge")
    down = convolve(gray, y / scale, padding="edge")
    return Gradient(np.hypot(across, down), np.arctan2(0 - down, across))
