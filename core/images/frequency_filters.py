"""Filter pictures by frequency: multiply each of their waves by a gain.

Masks are centered, as spectra in `core.images.spectrum` are. Color pictures are filtered channel by channel.
"""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray

from core.images.convolution import convolve
from core.images.kernel_analysis import transfer_function
from core.images.pictures import Picture, PictureError, check_picture
from core.images.spectrum import Real, radius
from core.size_text import format_shape

MaskKind = Literal["ideal", "gaussian", "butterworth"]
MASKS: tuple[MaskKind, ...] = get_args(MaskKind)


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

        >>> from core.images.aliasing import grating
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
        >>> from core.images.aliasing import grating
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
        >>> from core.images.aliasing import grating
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

        >>> from core.images.aliasing import grating
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
        >>> from core.images.aliasing import grating
        >>> result = filter_in_spectrum(grating(8, cycles=1), [[0, 1, 0], [1, -4, 1], [0, 1, 0]])
        >>> result.difference < 1e-12
        True
    """
    picture = check_picture(image).astype(np.float64)
    factor = transfer_function(kernel, picture.shape[:2])
    product = _multiplied(picture, factor)
    difference = np.abs(product - convolve(picture, kernel, padding="wrap")).max()
    return SpectrumFiltering(product, np.abs(scipy.fft.fftshift(factor)), float(difference))
