import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.images.aliasing import grating
from core.images.pictures import to_gray
from core.images.sample_pictures import sample
from core.images.spectrum import frequency_axes, radial_profile, radius, spectrum

shapes = st.tuples(st.integers(1, 17), st.integers(1, 17))


def noise(shape, seed=0):
    return np.random.default_rng(seed).random(shape)


@given(shapes, st.booleans())
def test_the_spectrum_is_centered_and_its_axes_are_numpys(shape, color):
    image = noise((*shape, 3) if color else shape)
    assert spectrum(image).shape == shape
    zero = spectrum(image)[shape[0] // 2, shape[1] // 2]
    assert zero == pytest.approx(np.log10(1 + to_gray(image).sum()))
    found = frequency_axes(shape)
    np.testing.assert_allclose(found.vertical_per_pixel, np.fft.fftshift(np.fft.fftfreq(shape[0])), atol=1e-15)
    np.testing.assert_allclose(found.horizontal_per_pixel, np.fft.fftshift(np.fft.fftfreq(shape[1])), atol=1e-15)
    np.testing.assert_allclose(found.horizontal_cycles, found.horizontal_per_pixel * shape[1], atol=1e-12)


@given(shapes)
def test_the_radial_profile_holds_all_the_power(shape):
    image = noise(shape)
    profile = radial_profile(image)
    assert (profile.power * profile.waves).sum() == pytest.approx((image**2).sum())  # Parseval
    assert profile.waves.sum() == image.size
    assert profile.power[0] == pytest.approx(image.sum() ** 2 / image.size)


def test_photographs_fall_with_frequency_and_noise_does_not():
    def slope(image):
        profile = radial_profile(image)
        rings = slice(4, 200)
        return np.polyfit(np.log(profile.cycles[rings]), np.log(profile.power[rings]), 1)[0]

    assert -3.5 < slope(sample("camera")) < -1.5
    assert abs(slope(noise((512, 512)))) < 0.1
    profile = radial_profile(grating(64, 9))
    assert profile.cycles[1:][profile.power[1:].argmax()] == 9
    assert profile.per_pixel[9] == 9 / 64


def test_one_pixel_has_a_spectrum():
    assert spectrum([[0.5]]).shape == (1, 1)
    assert len(radial_profile(np.array([[0.5]])).power) == 1
    assert radius((1, 1)).item() == 0
