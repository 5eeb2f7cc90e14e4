import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from core.images.aliasing import grating
from core.images.convolution import convolve
from core.images.drawn_pictures import step
from core.images.frequency_filters import (
    MASKS,
    apply_mask,
    band_pass,
    filter_in_spectrum,
    hybrid,
    keep_largest,
    low_pass,
    split,
)
from core.images.kernel_catalogue import CATALOGUE
from core.images.pictures import PictureError
from core.images.sample_pictures import sample

shapes = st.tuples(st.integers(1, 17), st.integers(1, 17))


def noise(shape, seed=0):
    return np.random.default_rng(seed).random(shape)


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("shape", [(32, 32), (31, 40)])
def test_masks_at_their_cutoff(kind, shape):
    mask = low_pass(shape, 6, kind)
    row = mask[shape[0] // 2, shape[1] // 2 :]
    assert mask.shape == shape
    assert row[0] == 1
    assert (np.diff(row) <= 0).all()
    at = np.interp(6, np.arange(len(row)) * max(shape) / shape[1], row)
    assert at == pytest.approx({"ideal": 1, "gaussian": np.exp(-0.5), "butterworth": 0.5}[kind])
    np.testing.assert_allclose(low_pass(shape, 0, kind), low_pass(shape, 0.5, "ideal"), atol=1e-11)


@given(shapes, st.sampled_from(MASKS), st.floats(0, 12), st.floats(0, 12), st.booleans())
def test_low_band_and_high_are_the_picture(shape, kind, one, other, color):
    image = noise((*shape, 3) if color else shape)
    inner, outer = sorted((one, other))
    masks = low_pass(shape, inner, kind), band_pass(shape, inner, outer, kind), 1 - low_pass(shape, outer, kind)
    assert min(mask.min() for mask in masks) >= 0
    np.testing.assert_allclose(sum(apply_mask(image, mask) for mask in masks), image, atol=1e-12)


@given(shapes, st.sampled_from(MASKS), st.floats(0, 12), st.integers(0, 2**32 - 1))
def test_low_plus_high_is_the_picture_to_the_last_bit(shape, kind, cutoff, seed):
    levels = np.random.default_rng(seed).integers(0, 256, (*shape, 3))
    image = levels.astype(np.float32) / np.float32(255)
    mask = low_pass(shape, cutoff, kind)
    low, high = split(image, mask)
    np.testing.assert_array_equal(low + high, image)
    np.testing.assert_allclose(low, apply_mask(image, mask), atol=1e-6)
    np.testing.assert_allclose(high, apply_mask(image, 1 - mask), atol=1e-6)


@pytest.mark.parametrize("key", ["cat", "camera", "zone_plate"])
def test_low_plus_high_is_the_picture_for_samples_too(key):
    image = sample(key)
    low, high = split(image, low_pass(image.shape, 20))
    np.testing.assert_array_equal(low + high, image)


def test_a_gaussian_low_pass_is_a_gaussian_blur():
    image = noise((64, 64))
    cutoff = 8.0
    sigma = 64 / (2 * np.pi * cutoff)
    blurred = ndimage.gaussian_filter(image, sigma, mode="wrap", truncate=8)
    np.testing.assert_allclose(apply_mask(image, low_pass((64, 64), cutoff)), blurred, atol=1e-4)


def test_a_sharp_border_in_the_spectrum_rings_and_a_soft_one_does_not():
    edge = step(128).astype(float)
    over = {kind: apply_mask(edge, low_pass(edge.shape, 16, kind)).max() - 0.8 for kind in MASKS}
    assert over["ideal"] > 0.08 * 0.6, "Gibbs: about 9 % of the step"
    assert over["gaussian"] < 1e-4
    assert over["gaussian"] < over["butterworth"] < over["ideal"]


def test_a_hybrid_is_one_picture_from_afar_and_the_other_close_up():
    far, near = sample("astronaut", 64), sample("astronaut", 64)[::-1, ::-1]
    mixed = hybrid(far, near, 6)
    mask = low_pass(far.shape, 6)
    np.testing.assert_allclose(mixed, apply_mask(far, mask) + near - apply_mask(near, mask), atol=1e-6)
    np.testing.assert_allclose(hybrid(far, far, 6), far, atol=1e-6)
    with pytest.raises(PictureError, match="×"):
        hybrid(far, near[:, :, 0], 6)


@given(shapes, st.integers(0, 300), st.booleans(), st.integers(0, 2**32 - 1))
def test_keeping_the_largest_coefficients(shape, n, color, seed):
    image = noise((*shape, 3) if color else shape, seed)
    kept = keep_largest(image, n)
    total = shape[0] * shape[1]
    assert min(n, total) <= kept.coefficients <= min(n + 1, total)
    assert kept.energy == pytest.approx((kept.image**2).sum() / (image**2).sum(), abs=1e-12)
    # What is kept and what is not are orthogonal, so the error is the energy that is missing.
    assert ((image - kept.image) ** 2).sum() == pytest.approx((1 - kept.energy) * (image**2).sum(), abs=1e-9)
    if n >= total:
        np.testing.assert_allclose(kept.image, image, atol=1e-12)


def test_the_largest_are_kept_and_not_others():
    image = noise((16, 16))
    strengths = np.sort(np.abs(np.fft.fft2(image)).ravel() ** 2)[::-1]
    for n in (1, 3, 40):
        kept = keep_largest(image, n)
        assert kept.energy == pytest.approx(strengths[: kept.coefficients].sum() / strengths.sum())
    assert keep_largest(np.zeros((4, 4)), 3).energy == 1
    assert keep_largest(grating(32, 4), 3).coefficients == 3
    np.testing.assert_allclose(keep_largest(grating(32, 4), 3).image, grating(32, 4), atol=1e-6)


@pytest.mark.parametrize("key", CATALOGUE)
def test_any_kernel_is_a_filter_in_the_spectrum(key):
    entry = CATALOGUE[key]
    for size in (entry.sizes[0], entry.sizes[-1]):
        for image in (sample("cat", 48), noise((31, 24)), noise((5, 7))):
            result = filter_in_spectrum(image, entry.kernel(size))
            assert result.difference < 1e-12
            np.testing.assert_allclose(result.image, convolve(image, entry.kernel(size), padding="wrap"), atol=1e-5)
            assert result.response.shape == image.shape[:2]


@given(st.integers(1, 6), st.integers(1, 6))
def test_even_kernels_too(rows, columns):
    assert filter_in_spectrum(noise((7, 8)), noise((rows, columns), 1)).difference < 1e-12


def test_what_cannot_be_is_refused():
    with pytest.raises(PictureError, match="ideal, gaussian, butterworth"):
        low_pass((4, 4), 1, "sharp")
    with pytest.raises(PictureError, match="inner radius"):
        band_pass((4, 4), 3, 2)
    with pytest.raises(PictureError, match=r"4 × 5.* 5 × 4"):
        apply_mask(noise((4, 5)), np.ones((5, 4)))


@given(shapes, st.integers(0, 2**32 - 1))
def test_any_mask_is_applied_as_numpys_whole_transform_would(shape, seed):
    image, mask = noise(shape, seed), noise(shape, seed + 1)
    theirs = np.fft.ifft2(np.fft.fft2(image) * np.fft.ifftshift(mask)).real
    np.testing.assert_allclose(apply_mask(image, mask), theirs, atol=1e-12)
