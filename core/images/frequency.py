"""Analyze pictures as sums of waves, and filter them by frequency.

Frequencies are in cycles per pixel (at most 1/2 along an axis: bright, dark, bright, ...) or in cycles per image.
Spectra and masks are centered: the zero frequency, the mean, is at [H // 2, W // 2]. Color pictures are filtered
channel by channel, and analyzed in gray.
"""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from core.images.analysis import transfer_function
from core.images.kernels import convolve
from core.images.pictures import Picture, PictureError, check_picture, to_grey
from core.shapes import format_shape

Real = NDArray[np.float64]
MaskKind = Literal["ideal", "gaussian", "butterworth"]
MASKS: tuple[MaskKind, ...] = get_args(MaskKind)


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

        >>> np.abs(fourier_coefficients(np.ones((4, 4)))).round(2)[2]
        array([ 0.,  0., 16.,  0.])
        >>> np.abs(fourier_coefficients(grating(4, cycles=1))).round(2)[2]
        array([0., 4., 8., 4.])
    """
    gray = to_grey(image).astype(np.float64)
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


def low_pass(shape: tuple[int, ...], cutoff: float, kind: MaskKind = "gaussian", order: int = 2) -> Real:
    """Return a low-pass mask: the gain of each wave, from 0 to 1. The matching high-pass mask is 1 minus it.

    Args:
        shape: Shape of the picture, (H, W) or (H, W, C).
        cutoff: Radius in cycles along the longer side.
        kind: "ideal" cuts off sharply, which causes ringing: a sharp edge in the spectrum is a wave in the picture.
            "gaussian", exp(-r^2 / (2 cutoff^2)), never rings. "butterworth", 1 / (1 + (r / cutoff)^(2 order)), lies
            between the two: 1/2 at the cutoff.
        order: Steepness of "butterworth".

    Returns:
        Gains, (H, W), centered.

    Raises:
        PictureError: The kind is unknown.

    References:
        Gonzalez and Woods, "Digital image processing", 4th edition, section 4.8.

    Examples:
        The middle row from the zero frequency to the right; the cutoff is at 2 cycles:

        >>> for kind in MASKS:
        ...     print(kind, low_pass((8, 8), cutoff=2, kind=kind)[4, 4:].round(2))
        ideal [1. 1. 1. 0.]
        gaussian [1.   0.88 0.61 0.32]
        butterworth [1.   0.94 0.5  0.16]
    """
    if kind not in MASKS:
        raise PictureError(f"The filter must be one of {', '.join(MASKS)}; got {kind!r:.40}.")
    cutoff = max(cutoff, 1e-3)  # far below the slowest wave: only the mean is left, and no formula divides by 0
    ratio = radius(shape) / cutoff
    gain: Real
    if kind == "ideal":
        gain = (ratio <= 1).astype(np.float64)
    elif kind == "gaussian":
        gain = np.exp(-(ratio**2) / 2)
    else:
        gain = 1 / (1 + ratio ** (2 * order))
    return gain


def band_pass(shape: tuple[int, ...], inner: float, outer: float, kind: MaskKind = "gaussian", order: int = 2) -> Real:
    """Return a mask that keeps the waves between two radii: the low pass at `outer` minus the one at `inner`.

    Args:
        shape: Shape of the picture, (H, W) or (H, W, C).
        inner: Inner radius in cycles along the longer side.
        outer: Outer radius.
        kind: As in `low_pass`.
        order: As in `low_pass`.

    Returns:
        Gains, (H, W), centered.

    Raises:
        PictureError: `inner` is larger than `outer`, or the kind is unknown.

    Examples:
        >>> band_pass((8, 8), inner=1, outer=2, kind="ideal")[4, 4:].tolist()
        [0.0, 0.0, 1.0, 0.0]
    """
    if inner > outer:
        raise PictureError(
            f"The inner radius of the band, {inner:g}, must not be larger than the outer one, {outer:g}."
        )
    return low_pass(shape, outer, kind, order) - low_pass(shape, inner, kind, order)


def apply_mask(image: ArrayLike, mask: ArrayLike) -> Real:
    """Multiply each wave of a picture by a mask.

    Each wave of a real picture is a pair of opposite frequencies; where the mask differs between the two, their mean is
    used. The output is not clipped.

    Args:
        image: The picture, (H, W) or (H, W, C).
        mask: Centered gains, (H, W).

    Returns:
        The filtered picture, in the picture's shape, float64.

    Raises:
        PictureError: The picture is invalid, or the mask has another size.

    Examples:
        Without its wave, a grating is uniform gray:

        >>> wave = grating(8, cycles=2)
        >>> apply_mask(wave, low_pass(wave.shape, cutoff=1, kind="ideal"))[0].round(2)
        array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    """
    picture = check_picture(image)
    weights = np.asarray(mask, np.float64)
    if weights.shape != picture.shape[:2]:
        raise PictureError(
            f"The mask must be as large as the picture, {format_shape(picture.shape[:2])}; it is "
            f"{format_shape(weights.shape)}."
        )
    aligned = scipy.fft.ifftshift(weights)
    return _multiplied(picture, (aligned + _mirrored(aligned)) / 2)


def _mirrored(waves: NDArray[Any]) -> NDArray[Any]:
    """Return the value at the opposite frequency for each frequency; the zero frequency is first."""
    return np.roll(waves[::-1, ::-1], (1, 1), axis=(0, 1))


def _multiplied(picture: Picture, factor: NDArray[Any]) -> Real:
    """Multiply each wave of a picture by `factor`, (H, W), zero frequency first.

    Factors at opposite frequencies must be conjugate, so that the result is real; half the spectrum is then enough.
    """
    half = factor[:, : picture.shape[1] // 2 + 1]
    waves = scipy.fft.rfft2(picture.astype(np.float64), axes=(0, 1))
    waves *= half if picture.ndim == 2 else half[:, :, None]
    product: Real = scipy.fft.irfft2(waves, s=picture.shape[:2], axes=(0, 1))
    return product


class Split(NamedTuple):
    """A picture as the sum of its slow and its fast changes."""

    low: Real
    high: Real


def split(image: ArrayLike, mask: ArrayLike) -> Split:
    """Split a picture into what a low-pass mask keeps, and the rest, which is the picture through 1 - mask.

    low + high equals the picture exactly for a float32 picture in [0, 1] whose values are 0 or above 1e-8, because
    `low` is rounded to float32 and the difference is then exact in float64. For other pictures it does to 1e-16.

    Args:
        image: The picture, (H, W) or (H, W, C).
        mask: Centered gains, (H, W).

    Returns:
        The two parts, float64.

    Raises:
        PictureError: The picture is invalid, or the mask has another size.

    Examples:
        >>> picture = grating(8, cycles=3)
        >>> low, high = split(picture, low_pass(picture.shape, cutoff=2, kind="ideal"))
        >>> bool((low + high == picture).all()), low[0].round(2).tolist()
        (True, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    """
    picture = check_picture(image).astype(np.float64)
    low = apply_mask(picture, mask).astype(np.float32).astype(np.float64)
    return Split(low, picture - low)


def hybrid(far: ArrayLike, near: ArrayLike, cutoff: float, kind: MaskKind = "gaussian") -> Real:
    """Combine two pictures into one that looks like `far` from a distance and like `near` close up.

    It has the slow waves of one and the fast waves of the other. The output is not clipped.

    Args:
        far: Picture whose low frequencies are kept.
        near: Picture of the same shape, whose high frequencies are kept.
        cutoff: Radius in cycles along the longer side.
        kind: As in `low_pass`.

    Returns:
        The combined picture, float64.

    Raises:
        PictureError: The pictures have different shapes, or are invalid.

    References:
        Oliva, Torralba and Schyns, "Hybrid images", 2006.

    Examples:
        >>> slow, fast = grating(8, cycles=1), grating(8, cycles=4)
        >>> mixed = hybrid(far=slow, near=fast, cutoff=2, kind="ideal")
        >>> np.allclose(mixed, slow + fast - 0.5)
        True
    """
    blurred, fine = check_picture(far), check_picture(near)
    if blurred.shape != fine.shape:
        raise PictureError(
            f"A hybrid needs two pictures of the same shape; these are {format_shape(blurred.shape)} and "
            f"{format_shape(fine.shape)}."
        )
    # low(far) + near - low(near) is one filtering, not two.
    return fine + apply_mask(blurred - fine, low_pass(blurred.shape, cutoff, kind))


class TopCoefficients(NamedTuple):
    """A picture reconstructed from its strongest Fourier coefficients."""

    image: Real
    energy: float  # the share of the sum of squares that is kept, 0 to 1
    coefficients: int  # how many were kept


def keep_largest(image: ArrayLike, n: int) -> TopCoefficients:
    """Reconstruct a picture from its strongest Fourier coefficients; the others are set to zero.

    A coefficient and its conjugate at the opposite frequency make up one real wave and stay together, so one extra may
    be kept. In a color picture, a frequency is kept for all channels or for none, by its strength summed over channels.
    The output is not clipped.

    Args:
        image: The picture, (H, W) or (H, W, C).
        n: Number of coefficients to keep, of H x W.

    Returns:
        The picture, the share of energy (sum of squares) that it keeps, and the number of coefficients kept.

    Raises:
        PictureError: The picture is invalid.

    Examples:
        Three of 64 coefficients describe a grating: its mean, and its wave as a conjugate pair.

        >>> top = keep_largest(grating(8, cycles=2), 3)
        >>> top.coefficients, round(top.energy, 6)
        (3, 1.0)
    """
    picture = check_picture(image).astype(np.float64)
    planes = picture[:, :, None] if picture.ndim == 2 else picture
    waves = scipy.fft.fft2(planes, axes=(0, 1))  # (H, W, C)
    strength = (np.abs(waves) ** 2).sum(axis=2)
    n = min(max(n, 0), strength.size)
    keep = np.zeros(strength.size, dtype=bool)
    if n:
        keep[np.argpartition(strength, strength.size - n, axis=None)[strength.size - n :]] = True
    keep = keep.reshape(strength.shape)
    keep |= _mirrored(keep)
    kept = _multiplied(planes, keep)
    total = strength.sum()
    energy = float(strength[keep].sum() / total) if total else 1.0
    return TopCoefficients(kept if picture.ndim == 3 else kept[:, :, 0], energy, int(keep.sum()))


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


class SpectrumFiltering(NamedTuple):
    """One filter applied by multiplying spectra, compared with sliding it over the picture."""

    image: Real  # by multiplying spectra
    response: Real  # (H, W) what each wave's strength is multiplied with, centered
    difference: float  # the largest difference between the two ways


def filter_in_spectrum(image: ArrayLike, kernel: ArrayLike) -> SpectrumFiltering:
    """Filter a picture by multiplying spectra: by the convolution theorem this equals `convolve(padding="wrap")`.

    Args:
        image: The picture, (H, W) or (H, W, C).
        kernel: The weights, (F_h, F_w).

    Returns:
        The filtered picture, the gain of each wave, and the largest difference from `convolve`.

    Raises:
        PictureError: The picture is invalid.
        KernelError: The kernel is invalid.

    Examples:
        >>> result = filter_in_spectrum(grating(8, cycles=1), [[0, 1, 0], [1, -4, 1], [0, 1, 0]])
        >>> result.difference < 1e-12
        True
    """
    picture = check_picture(image).astype(np.float64)
    factor = transfer_function(kernel, picture.shape[:2])
    product = _multiplied(picture, factor)
    difference = np.abs(product - convolve(picture, kernel, padding="wrap")).max()
    return SpectrumFiltering(product, np.abs(scipy.fft.fftshift(factor)), float(difference))
