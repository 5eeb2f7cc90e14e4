import numpy as np
import pytest
from skimage.measure import profile_line

from core.images import drawn_pictures
from core.images.edges import GRADIENTS, gradient, line_profile
from core.images.pictures import PictureError


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3)])
@pytest.mark.parametrize(("start", "end"), [((3, 4), (15, 25)), ((0, 0), (0, 29)), ((19, 29), (2, 1))])
def test_a_profile_is_scikit_images(shape, start, end):
    image = np.random.default_rng(0).random(shape)
    theirs = profile_line(image, start, end, order=1, mode="nearest")
    ours = line_profile(image, start, end, n=len(theirs))
    length = np.hypot(end[0] - start[0], end[1] - start[1])
    assert ours.distance[-1] == pytest.approx(length)
    if length == len(theirs) - 1:  # scikit-image goes in steps of one pixel, to just beyond the end
        np.testing.assert_allclose(ours.values, theirs, atol=1e-12)
    np.testing.assert_allclose(ours.values[0], image[start], atol=1e-12)
    np.testing.assert_allclose(ours.values[-1], image[end], atol=1e-12)


def test_the_steepest_place_of_a_profile_is_the_edge_the_derivative_finds():
    image = drawn_pictures.step(32)
    profile = line_profile(image, (10, 4), (10, 28))
    assert len(profile.values) == 25
    assert profile.distance[profile.steepest] + 4 == 15  # between the columns 15 and 16
    magnitude = gradient(image).magnitude[10]
    assert set(np.flatnonzero(magnitude == magnitude.max())) == {15, 16}


def test_a_line_of_no_length_and_one_outside_the_picture():
    image = drawn_pictures.step(8)
    np.testing.assert_allclose(line_profile(image, (2, 2), (2, 2)).values, 0.2, atol=1e-7)
    assert len(line_profile(image, (2, 2), (2, 2)).values) == 2
    for start, end, n in (
        ((0, 0), (1, 1), 1),
        ((0, 0), (np.nan, 1), None),
        ((0, 0), (0, 8), 5),
        ((-1e9, 0), (0, 0), 2),
    ):
        with pytest.raises(PictureError, match="rows 0 to 7"):
            line_profile(image, start, end, n)


@pytest.mark.parametrize("kind", GRADIENTS)
@pytest.mark.parametrize("degrees", [0, 30, 90, 135, 180, -60])
def test_the_gradient_of_an_even_slope(kind, degrees):
    angle = np.radians(degrees)
    y, x = np.mgrid[:12, :15].astype(float)
    ramp = 0.01 * (np.cos(angle) * x - np.sin(angle) * y)  # rows count downward
    magnitude, found = gradient(ramp, kind)
    np.testing.assert_allclose(magnitude[1:-1, 1:-1], 0.01, atol=1e-12)
    np.testing.assert_allclose(np.exp(1j * found[1:-1, 1:-1]), np.exp(1j * angle), atol=1e-9)


def test_a_color_picture_is_taken_as_gray_and_an_unknown_kind_refused():
    color = np.random.default_rng(0).random((6, 6, 3))
    assert gradient(color).magnitude.shape == (6, 6)
    with pytest.raises(PictureError, match="sobel, prewitt, scharr"):
        gradient(color, "canny")
