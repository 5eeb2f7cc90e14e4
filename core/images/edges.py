"""Where a picture changes: brightness along a line, and the strength and direction of its edges."""

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from core.images.catalogue import CATALOGUE
from core.images.kernels import convolve
from core.images.pictures import PictureError, check_picture, to_grey

GradientKind = Literal["sobel", "prewitt", "scharr"]
GRADIENTS: tuple[GradientKind, ...] = get_args(GradientKind)


class Profile(NamedTuple):
    """The values along a line."""

    distance: NDArray[np.float64]  # (n,) px from the start
    values: NDArray[np.float64]  # (n,), or (n, C) for a picture with channels

    @property
    def steepest(self) -> int:
        """The index before the largest change between neighbors, summed over channels: the strongest edge."""
        change = np.abs(np.diff(self.values, axis=0))
        return int(change.reshape(len(change), -1).sum(axis=1).argmax())


def line_profile(
    image: ArrayLike, start: tuple[float, float], end: tuple[float, float], n: int | None = None
) -> Profile:
    """Brightness at `n` evenly spaced places from `start` to `end`, both (row, column) in pixels.

    Without `n`, about one place a pixel, at least two. Between pixels it is interpolated linearly.
    Raises PictureError for an end that is not on the picture, or fewer than 2 places.
    """
    picture = check_picture(image)
    last = picture.shape[0] - 1, picture.shape[1] - 1
    on_it = all(0 <= place <= most for point in (start, end) for place, most in zip(point, last, strict=True))
    if not on_it or (n is not None and n < 2):
        raise PictureError(
            f"A line has both ends on the picture (rows 0 to {last[0]}, columns 0 to {last[1]}) and at least 2 places."
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
    """How steep the picture is at each pixel, and in which direction it gets brighter."""

    magnitude: NDArray[np.float64]  # (H, W), brightness a pixel
    angle: NDArray[np.float64]  # (H, W), radians in (-pi, pi]: 0 brighter to the right, pi / 2 brighter upward


def gradient(image: ArrayLike, kind: GradientKind = "sobel") -> Gradient:
    """Strength and direction of edges, from an x and a y kernel of the catalogue; a color picture is taken as gray.

    The kernels are scaled so that an even slope of 0.1 a pixel has the magnitude 0.1 with each of them.
    """
    if kind not in GRADIENTS:
        raise PictureError(f"The gradient is one of {', '.join(GRADIENTS)}; got {kind!r:.40}.")
    gray = to_grey(image).astype(np.float64)
    x, y = (CATALOGUE[f"{kind}_{axis}"].kernel() for axis in "xy")
    scale = 2 * x[:, 2].sum()  # right and left are two pixels apart
    across = convolve(gray, x / scale, padding="edge")
    down = convolve(gray, y / scale, padding="edge")
    return Gradient(np.hypot(across, down), np.arctan2(0 - down, across))
