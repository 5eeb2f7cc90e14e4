"""Analyze pictures as sums of waves: their frequencies, strengths and power.

Frequencies are in cycles per pixel (at most 1/2 along an axis: bright, dark, bright, ...) or in cycles per image.
Spectra are centered: the zero frequency, the mean, is at [H // 2, W // 2]. Color pictures are analyzed in gray.
"""

from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray

from core.images.pictures import to_gray

Real = NDArray[np.float64]


class FrequencyAxes(NamedTuple):
    """The frequency of each row and column of a centered spectrum. Cycles per image count along that axis alone."""

    vertical_cycles: Real  # (H,) cycles an image
    horizontal_cycles: Real  # (W,)
    vertical_per_pixel: Real  # (H,) cycles a pixel, from -1/2
    horizontal_per_pixel: Real  # (W,)


def frequency_axes(shape: tuple[int, ...]) -> FrequencyAxes:
    """Return the axes of the spectrum of an H x W picture.

    Args:
        shape: Shape of the picture, (H, W) or (H, W, C).

    Returns:
        Frequencies of the H rows and of the W columns.

    Examples:
        >>> axes = frequency_axes((4, 6))
        >>> axes.horizontal_cycles.tolist(), axes.vertical_per_pixel.tolist()
        ([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0], [-0.5, -0.25, 0.0, 0.25])
    """
    vertical, horizontal = (np.arange(length, dtype=np.float64) - length // 2 for length in shape[:2])
    return FrequencyAxes(vertical, horizontal, vertical / shape[0], horizontal / shape[1])


def radius(shape: tuple[int, ...]) -> Real:
    """Return the frequency of each wave of the spectrum, whatever its direction.

    Equal cycles per pixel have equal radii: circles in the spectrum of a square picture, ellipses otherwise.

    Args:
        shape: Shape of the picture, (H, W) or (H, W, C).

    Returns:
        Radii in cycles along the picture's longer side, (H, W).

    Examples:
        >>> radius((4, 4)).round(1)
        array([[2.8, 2.2, 2. , 2.2],
               [2.2, 1.4, 1. , 1.4],
               [2. , 1. , 0. , 1. ],
               [2.2, 1.4, 1. , 1.4]])
    """
    _, _, vertical, horizontal = frequency_axes(shape)
    return np.hypot(vertical[:, None], horizontal[None, :]) * max(shape[:2])


def fourier_coefficients(image: ArrayLike) -> NDArray[np.complex128]:
    """Return the centered discrete Fourier transform of a picture in gray: amplitude and phase of each wave.

    Args:
        image: The picture, (H, W) or (H, W, 3).

    Returns:
        Complex coefficients, (H, W). Their amplitudes grow with the number of pixels: the middle one is the picture's
        sum.

    Raises:
        PictureError: The picture is invalid.

    Examples:
        A constant picture consists of its mean alone; a wave of 1 cycle is a pair of opposite frequencies:

        >>> from core.images.aliasing import grating
        >>> np.abs(fourier_coefficients(np.ones((4, 4)))).round(2)[2]
        array([ 0.,  0., 16.,  0.])
        >>> np.abs(fourier_coefficients(grating(4, cycles=1))).round(2)[2]
        array([0., 4., 8., 4.])
    """
    gray = to_gray(image).astype(np.float64)
    centered: NDArray[np.complex128] = scipy.fft.fftshift(scipy.fft.fft2(gray))
    return centered


def spectrum(image: ArrayLike) -> Real:
    """Return the strength of each wave of a picture in gray: log10(1 + |F|), centered.

    The logarithm is needed because the mean is much stronger than all other waves.

    Args:
        image: The picture, (H, W) or (H, W, 3).

    Returns:
        Strengths, (H, W).

    Raises:
        PictureError: The picture is invalid.

    Examples:
        >>> from core.images.aliasing import grating
        >>> spectrum(grating(8, cycles=2))[4].round(2)
        array([0.  , 0.  , 1.23, 0.  , 1.52, 0.  , 1.23, 0.  ])
    """
    strength: Real = np.log10(1 + np.abs(fourier_coefficients(image)))
    return strength


class RadialProfile(NamedTuple):
    """The power of a picture by frequency, averaged over directions."""

    cycles: Real  # (n,) cycles along the longer side, 0, 1, 2, ...
    per_pixel: Real  # (n,) the same in cycles a pixel
    power: Real  # (n,) mean of |F|^2 / (H W) in the ring
    waves: NDArray[np.int64]  # (n,) how many lie in the ring; power * waves sums to the picture's sum of squares


def radial_profile(image: ArrayLike) -> RadialProfile:
    """Return the mean power in rings of the spectrum that are one cycle wide.

    In photographs it falls roughly as 1 / frequency^2 (Field 1987); white noise has a flat profile.

    Args:
        image: The picture, (H, W) or (H, W, 3).

    Returns:
        One entry per ring that contains a wave.

    Raises:
        PictureError: The picture is invalid.

    References:
        Field, "Relations between the statistics of natural images and the response properties of cortical cells", 1987.

    Examples:
        >>> from core.images.aliasing import grating
        >>> profile = radial_profile(grating(8, cycles=2))
        >>> profile.cycles.tolist()
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
        >>> profile.power.round(2).tolist()  # the mean, and the wave of 2 cycles
        [16.0, 0.0, 0.67, 0.0, 0.0, 0.0, 0.0]
    """
    waves = fourier_coefficients(image)
    rings = radius(waves.shape).round().astype(np.int64).ravel()
    power = (np.abs(waves) ** 2 / waves.size).ravel()
    count = np.bincount(rings)
    filled = count > 0  # in a narrow picture some rings hold no wave
    cycles = np.flatnonzero(filled).astype(np.float64)
    mean = np.bincount(rings, weights=power)[filled] / count[filled]
    return RadialProfile(cycles, cycles / max(waves.shape), mean, count[filled])
