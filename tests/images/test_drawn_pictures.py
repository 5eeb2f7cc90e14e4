import numpy as np
import pytest

from core.images import drawn_pictures
from core.images.convolution import convolve
from core.images.kernel_catalogue import CATALOGUE


def test_a_filters_answer_to_a_dot_is_its_kernel_turned():
    kernel = CATALOGUE["emboss"].kernel()
    answer = convolve(drawn_pictures.dot(9), kernel)
    np.testing.assert_array_equal(answer[3:6, 3:6], kernel[::-1, ::-1])
    np.testing.assert_array_equal(convolve(drawn_pictures.dot(9), kernel, flip=True)[3:6, 3:6], kernel)


@pytest.mark.parametrize("size", [8, 64, 101])
def test_drawn_pictures_have_the_size_asked_for(size):
    for draw in (
        drawn_pictures.step,
        drawn_pictures.dot,
        drawn_pictures.disc,
        drawn_pictures.checkerboard,
        drawn_pictures.zone_plate,
        drawn_pictures.color_wheel,
    ):
        picture = draw(size)
        assert picture.shape[:2] == (size, size)
        assert picture.dtype == np.float32
        assert picture.min() >= 0
        assert picture.max() <= 1


def test_the_zone_plate_reaches_half_a_cycle_a_pixel_at_its_sides():
    row = drawn_pictures.zone_plate(256)[128] - 0.5
    turns = np.flatnonzero(np.diff(np.sign(row)) != 0)
    assert np.diff(turns)[:3].max() == 1, "at the border every pixel changes sign"
    assert row[128] == 0.5
