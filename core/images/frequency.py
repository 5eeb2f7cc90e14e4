"""What "frequency" means in a picture: it is a sum of waves, and a filter turns each wave up or down.

A frequency is counted in cycles a pixel (at most 1/2 along an axis: bright, dark) or in cycles an image. Spectra and
masks are centered: the zero frequency, the mean, is at [H // 2, W // 2]. Color pictures are filtered channel by
channel, and analyzed as gray.
"""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from core.images.analysis import transfer_function
from core.images.kernels import convolve
from core.images.pictures import Picture, PictureError, check_picture, to_grey

Real = NDArray[np.float64]
MaskKind = Literal["ideal", "gaussian", "butterworth"]
MASKS: tuple[MaskKind, ...] = get_args(MaskKind)


def grating(size: int, cycles: float, degrees: float = 0, contrast: float = 1, phase: float = 0) -> NDArray[np.float32]:
    """A wave of brightness around 0.5: (size, size), float32 in [0, 1].

    cycles: how many fit in the picture's width; above size / 2 they alias. degrees: the direction brightness changes
    in, 0 to the right and 90 upward. contrast: 0 to 1, (brightest - darkest) / (brightest + darkest). phase: in
    cycles; at 0 the middle pixel is brightest.
    """
    if not 0 <= contrast <= 1:
        raise PictureError(f"The contrast lies between 0 and 1; got {contrast:g}.")
    place = (np.arange(size) - size // 2) / size
    angle = np.radians(degrees)
    along = np.cos(angle) * place[None, :] - np.sin(angle) * place[:, None]
    wave: NDArray[np.float32] = (0.5 + 0.5 * contrast * np.cos(2 * np.pi * (cycles * along - phase))).astype(np.float32)
    return wave


def apparent_cycles(cycles: float, samples: int) -> float:
    """The frequency, in cycles an image, at which a wave of `cycles` shows with only `samples` pixels to show it.

    Up to samples / 2 it is itself; above, it is folded back (aliasing): 60 cycles in 64 pixels look like 4.
    """
    return abs((cycles + samples / 2) % samples - samples / 2)


class FrequencyAxes(NamedTuple):
    """The frequency of each row and column of a centered spectrum. Cycles an image count along that axis alone."""

    vertical_cycles: Real  # (H,) cycles an image
    horizontal_cycles: Real  # (W,)
    vertical_per_pixel: Real  # (H,) cycles a pixel, from -1/2
    horizontal_per_pixel: Real  # (W,)


def frequency_axes(shape: tuple[int, ...]) -> FrequencyAxes:
    """The axes of the spectrum of an H x W picture."""
    vertical, horizontal = (np.arange(length, dtype=np.float64) - length // 2 for length in shape[:2])
    return FrequencyAxes(vertical, horizontal, vertical / shape[0], horizontal / shape[1])


def radius(shape: tuple[int, ...]) -> Real:
    """How fast each wave of the spectrum is, whatever its direction: cycles along the picture's longer side. (H, W).

    Equal cycles a pixel have equal radii, so circles are circles in a square picture's spectrum and ellipses otherwise.
    """
    _, _, vertical, horizontal = frequency_axes(shape)
    return np.hypot(vertical[:, None], horizontal[None, :]) * max(shape[:2])


def fourier_coefficients(image: ArrayLike) -> NDArray[np.complex128]:
    """The centered discrete Fourier transform of the gray picture: how much of each wave, and where its crests lie."""
    gray = to_grey(image).astype(np.float64)
    centered: NDArray[np.complex128] = scipy.fft.fftshift(scipy.fft.fft2(gray))
    return centered


def spectrum(image: ArrayLike) -> Real:
    """How strong each wave of the gray picture is: log10(1 + |F|), centered, (H, W).

    Without the logarithm only the mean would be seen.
    """
    strength: Real = np.log10(1 + np.abs(fourier_coefficients(image)))
    return strength


class RadialProfile(NamedTuple):
    """The power of a picture by frequency alone, averaged over directions."""

    cycles: Real  # (n,) cycles along the longer side, 0, 1, 2, ...
    per_pixel: Real  # (n,) the same in cycles a pixel
    power: Real  # (n,) mean of |F|^2 / (H W) in the ring
    waves: NDArray[np.int64]  # (n,) how many lie in the ring; power * waves sums to the picture's sum of squares


def radial_profile(image: ArrayLike) -> RadialProfile:
    """Mean power in rings one cycle wide. In photographs it falls about as 1 / frequency^2; noise is flat."""
    waves = fourier_coefficients(image)
    rings = radius(waves.shape).round().astype(np.int64).ravel()
    power = (np.abs(waves) ** 2 / waves.size).ravel()
    count = np.bincount(rings)
    filled = count > 0  # in a narrow picture some rings hold no wave
    cycles = np.flatnonzero(filled).astype(np.float64)
    mean = np.bincount(rings, weights=power)[filled] / count[filled]
    return RadialProfile(cycles, cycles / max(waves.shape), mean, count[filled])


def low_pass(shape: tuple[int, ...], cutoff: float, kind: MaskKind = "gaussian", order: int = 2) -> Real:
    """What a low pass multiplies each wave with: 1 keeps it, 0 removes it. Centered, (H, W).

    cutoff: a radius in cycles along the longer side. "ideal" cuts off there at once, which rings: a sharp border in the
    spectrum is a wave in the picture. "gaussian" falls as exp(-r^2 / (2 cutoff^2)) and never rings. "butterworth",
    1 / (1 + (r / cutoff)^(2 order)), lies between: 1/2 at the cutoff, the steeper the higher its order.
    Its high pass is 1 minus this; its band pass is the difference of two.
    """
    if kind not in MASKS:
        raise PictureError(f"The filter is one of {', '.join(MASKS)}; got {kind!r:.40}.")
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
    """The waves between two radii: the low pass at `outer` without the one at `inner`. Centered, (H, W)."""
    if inner > outer:
        raise PictureError(f"The band's inner radius, {inner:g}, is larger than its outer one, {outer:g}.")
    return low_pass(shape, outer, kind, order) - low_pass(shape, inner, kind, order)


def apply_mask(image: ArrayLike, mask: ArrayLike) -> Real:
    """The picture with each of its waves multiplied by the centered `mask` (H, W); same shape, float64, not clipped.

    A real picture's wave is a pair of opposite frequencies: of a mask that differs in the two, the mean counts.
    """
    picture = check_picture(image)
    weights = np.asarray(mask, np.float64)
    if weights.shape != picture.shape[:2]:
        raise PictureError(f"The mask is {weights.shape} and the picture's spectrum {picture.shape[:2]}.")
    aligned = scipy.fft.ifftshift(weights)
    return _multiplied(picture, (aligned + _mirrored(aligned)) / 2)


def _mirrored(waves: NDArray[Any]) -> NDArray[Any]:
    """Each frequency's value at the opposite frequency; the zero frequency is first."""
    return np.roll(waves[::-1, ::-1], (1, 1), axis=(0, 1))


def _multiplied(picture: Picture, factor: NDArray[Any]) -> Real:
    """The picture with each wave multiplied by `factor`, (H, W), zero frequency first.

    Factors at opposite frequencies must be conjugate, so that the answer is real: then half the spectrum says it all.
    """
    half = factor[:, : picture.shape[1] // 2 + 1]
    waves = scipy.fft.rfft2(picture.astype(np.float64), axes=(0, 1))
    waves *= half if picture.ndim == 2 else half[:, :, None]
    product: Real = scipy.fft.irfft2(waves, s=picture.shape[:2], axes=(0, 1))
    return product


class Split(NamedTuple):
    """A picture as the sum of two: what changes slowly and what changes fast."""

    low: Real
    high: Real


def split(image: ArrayLike, mask: ArrayLike) -> Split:
    """The picture through a low-pass `mask`, and the rest, which is the picture through 1 - mask.

    low + high is the picture to the last bit for a float32 picture in [0, 1] whose values are 0 or over 1e-8: low is
    rounded to float32, so that the difference is exact in float64. For other pictures it is to 1e-16.
    """
    picture = check_picture(image).astype(np.float64)
    low = apply_mask(picture, mask).astype(np.float32).astype(np.float64)
    return Split(low, picture - low)


def hybrid(far: ArrayLike, near: ArrayLike, cutoff: float, kind: MaskKind = "gaussian") -> Real:
    """A picture that is `far` from a distance and `near` close up: slow waves of one, fast waves of the other.

    Both of one shape, else PictureError; not clipped. After Oliva, Torralba and Schyns, "Hybrid images", 2006.
    """
    blurred, fine = check_picture(far), check_picture(near)
    if blurred.shape != fine.shape:
        raise PictureError(
            f"A hybrid needs two pictures of one shape; these are {' x '.join(map(str, blurred.shape))} and "
            f"{' x '.join(map(str, fine.shape))}."
        )
    # low(far) + near - low(near) is one filtering, not two.
    return fine + apply_mask(blurred - fine, low_pass(blurred.shape, cutoff, kind))


class TopCoefficients(NamedTuple):
    """A picture made of its strongest waves alone."""

    image: Real
    energy: float  # the share of the sum of squares that is kept, 0 to 1
    coefficients: int  # how many were kept


def keep_largest(image: ArrayLike, n: int) -> TopCoefficients:
    """The picture from the `n` strongest of its H x W coefficients, the others set to zero; not clipped.

    A coefficient and its mirror image at the opposite frequency are one real wave and stay together, so one more may be
    kept. In a color picture a frequency is kept for all channels or none, by their summed strength.
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
    """Every `factor`-th pixel of every `factor`-th row.

    Without blur first, waves above 1 / (2 factor) cycles a pixel come back as slow ones that are not in the picture
    (aliasing); with it, a Gaussian of sigma factor / 2 px, they are all but gone.
    """
    picture = check_picture(image)
    if factor < 1:
        raise PictureError(f"Every how many-th pixel to keep is a whole number from 1; got {factor}.")
    if blur and factor > 1:
        sigma = (factor / 2, factor / 2, 0)[: picture.ndim]
        picture = ndimage.gaussian_filter(picture, sigma, mode="mirror")
    return np.ascontiguousarray(picture[::factor, ::factor])


class SpectrumFiltering(NamedTuple):
    """One filter by two ways: sliding over the picture, and multiplying its spectrum."""

    image: Real  # by multiplying spectra
    response: Real  # (H, W) what each wave's strength is multiplied with, centered
    difference: float  # the largest difference between the two ways


def filter_in_spectrum(image: ArrayLike, kernel: ArrayLike) -> SpectrumFiltering:
    """The convolution theorem on this picture: `convolve(padding="wrap")` is a product of spectra."""
    picture = check_picture(image).astype(np.float64)
    factor = transfer_function(kernel, picture.shape[:2])
    product = _multiplied(picture, factor)
    difference = np.abs(product - convolve(picture, kernel, padding="wrap")).max()
    return SpectrumFiltering(product, np.abs(scipy.fft.fftshift(factor)), float(difference))
