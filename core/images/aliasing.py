"""Sample waves: gratings of any frequency, and what becomes of those that are too fast for the pixels."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from core.images.pictures import Picture, PictureError, check_picture


def grating(size: int, cycles: float, degrees: float = 0, contrast: float = 1, phase: float = 0) -> NDArray[np.float32]:
    """Return a wave of brightness around 0.5.

    Args:
        size: Height and width in pixels.
        cycles: Number of waves across the width; above size / 2 they alias.
        degrees: Direction in which brightness changes: 0 to the right, 90 upward.
        contrast: (brightest - darkest) / (brightest + darkest), 0 to 1.
        phase: Shift in cycles; at 0 the middle pixel is brightest.

    Returns:
        The picture, (size, size), float32 in [0, 1].

    Raises:
        PictureError: The contrast is not between 0 and 1.

    Examples:
        Two waves in eight pixels; the fastest possible wave has one per two pixels:

        >>> grating(8, cycles=2)[0].round(2)
        array([1. , 0.5, 0. , 0.5, 1. , 0.5, 0. , 0.5], dtype=float32)
        >>> grating(8, cycles=4)[0].round(2)
        array([1., 0., 1., 0., 1., 0., 1., 0.], dtype=float32)
    """
    if not 0 <= contrast <= 1:
        raise PictureError(f"The contrast must be between 0 and 1; got {contrast:g}.")
    place = (np.arange(size) - size // 2) / size
    angle = np.radians(degrees)
    along = np.cos(angle) * place[None, :] - np.sin(angle) * place[:, None]
    wave: NDArray[np.float32] = (0.5 + 0.5 * contrast * np.cos(2 * np.pi * (cycles * along - phase))).astype(np.float32)
    return wave


def apparent_cycles(cycles: float, samples: int) -> float:
    """Return the frequency at which a sampled wave appears: aliasing folds it below half the sampling rate.

    Args:
        cycles: True frequency in cycles per image.
        samples: Pixels per image.

    Returns:
        Apparent frequency in cycles per image, at most samples / 2.

    References:
        Shannon, "Communication in the presence of noise", 1949.

    Examples:
        >>> apparent_cycles(20, samples=64)
        20.0
        >>> apparent_cycles(60, samples=64)
        4.0
    """
    return abs((cycles + samples / 2) % samples - samples / 2)


def subsample(image: ArrayLike, factor: int, blur: bool) -> Picture:
    """Keep every n-th pixel of every n-th row.

    Without a blur first, waves above 1 / (2 factor) cycles per pixel return as slow waves that are not in the picture
    (aliasing). A Gaussian blur of sigma = factor / 2 pixels removes nearly all of them.

    Args:
        image: The picture, (H, W) or (H, W, C).
        factor: n, at least 1.
        blur: Blur the picture first.

    Returns:
        The smaller picture, (ceil(H / factor), ceil(W / factor)) or the same with C channels.

    Raises:
        PictureError: The picture is invalid, or the factor is below 1.

    Examples:
        The fastest wave, bright and dark in turn, becomes uniformly bright; blurred first, it becomes gray:

        >>> stripes = grating(8, cycles=4)
        >>> subsample(stripes, 2, blur=False)[0]
        array([1., 1., 1., 1.], dtype=float32)
        >>> subsample(stripes, 2, blur=True)[0].round(2)
        array([0.51, 0.51, 0.51, 0.51], dtype=float32)
    """
    picture = check_picture(image)
    if factor < 1:
        raise PictureError(f"The subsampling factor must be a whole number from 1; got {factor}.")
    if blur and factor > 1:
        sigma = (factor / 2, factor / 2, 0)[: picture.ndim]
        picture = ndimage.gaussian_filter(picture, sigma, mode="mirror")
    return np.ascontiguousarray(picture[::factor, ::factor])
