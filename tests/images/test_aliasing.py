import numpy as np
import pytest

from core.images.aliasing import apparent_cycles, grating, subsample
from core.images.drawn_pictures import zone_plate
from core.images.pictures import PictureError
from core.images.spectrum import fourier_coefficients


def noise(shape, seed=0):
    return np.random.default_rng(seed).random(shape)


@pytest.mark.parametrize(("cycles", "degrees", "place"), [(5, 0, (0, 5)), (7, 90, (-7, 0)), (5, 180, (0, -5))])
@pytest.mark.parametrize("size", [64, 65])
def test_a_grating_is_one_wave_of_the_spectrum(cycles, degrees, place, size):
    waves = np.abs(fourier_coefficients(grating(size, cycles, degrees, contrast=0.6)))
    middle = size // 2
    found = {tuple(index) for index in (np.argwhere(waves > 1e-3 * size**2) - middle).tolist()}
    assert found == {(0, 0), place, (-place[0], -place[1])}
    assert waves[middle, middle] / size**2 == pytest.approx(0.5)
    assert waves[middle + place[0], middle + place[1]] / size**2 == pytest.approx(0.6 / 4, rel=1e-5)


def test_a_grating_at_a_slant_and_its_contrast():
    wave = grating(128, 12, 30, contrast=0.5)
    waves = np.abs(fourier_coefficients(wave))
    waves[64, 64] = 0
    row, column = np.unravel_index(waves[:, 65:].argmax(), (128, 63))
    assert np.hypot(row - 64, column + 1) == pytest.approx(12, abs=0.8)
    assert np.degrees(np.arctan2(64 - row, column + 1)) == pytest.approx(30, abs=4)
    assert wave.max() == pytest.approx(0.75)
    assert wave.min() == pytest.approx(0.25, abs=0.01)
    assert grating(8, 3, contrast=0).std() == 0
    assert grating(8, 1)[4, 4] == 1
    assert grating(8, 1, phase=0.5)[4, 4] == 0
    for contrast in (-0.1, 1.5, float("nan")):
        with pytest.raises(PictureError, match="between 0 and 1"):
            grating(8, 1, contrast=contrast)


@pytest.mark.parametrize("cycles", [3, 10, 20, 27, 40, 60])
def test_subsampling_aliases_and_a_blur_first_prevents_it(cycles):
    size, factor = 128, 4
    kept = size // factor
    wave = grating(size, cycles).astype(float)
    plain, blurred = (subsample(wave, factor, blur)[0] - 0.5 for blur in (False, True))
    strongest = np.abs(np.fft.rfft(plain)).argmax()
    assert strongest == apparent_cycles(cycles, kept)
    assert np.abs(plain).max() == pytest.approx(0.5, abs=0.03), "at full contrast"
    inside = slice(2, -2)
    if cycles > kept / 2:
        assert np.abs(blurred[inside]).max() < 0.5 * 0.25
    if cycles < kept / 8:
        assert np.abs(blurred[inside]).max() > 0.5 * 0.8


def test_subsampling_keeps_every_nth_pixel():
    image = noise((9, 10, 3)).astype(np.float32)
    np.testing.assert_array_equal(subsample(image, 3, False), image[::3, ::3])
    np.testing.assert_array_equal(subsample(image, 1, True), image)
    assert subsample(image, 3, True).shape == (3, 4, 3)
    assert subsample(zone_plate(64), 4, True).dtype == np.float32
    with pytest.raises(PictureError):
        subsample(image, 0, True)
