import numpy as np
import pytest
from skimage.color import rgb2gray

from core.images.pictures import PictureError, center_square, channels, check_picture, fit_to_network, to_gray
from core.images.sample_pictures import sample


def test_luminance_weighs_the_channels():
    image = np.random.default_rng(0).random((5, 6, 3)).astype(np.float32)
    gray = to_gray(image)
    assert gray.shape == (5, 6)
    assert gray.dtype == np.float32
    np.testing.assert_allclose(gray, 0.299 * image[..., 0] + 0.587 * image[..., 1] + 0.114 * image[..., 2], atol=1e-6)
    np.testing.assert_allclose(to_gray(image, (0.2125, 0.7154, 0.0721)), rgb2gray(image), atol=1e-6)
    np.testing.assert_allclose(to_gray(image, (0, 1, 0)), image[..., 1], atol=1e-7)


def test_a_gray_picture_is_gray_already():
    image = np.random.default_rng(0).random((5, 6))
    np.testing.assert_array_equal(to_gray(image), image)
    np.testing.assert_array_equal(to_gray(image[:, :, None]), image)
    with pytest.raises(PictureError, match=r"3 channels.* 4"):
        to_gray(np.zeros((2, 2, 4)))


def test_the_cube_pulled_apart_and_put_together():
    image = np.random.default_rng(0).random((5, 6, 3))
    np.testing.assert_array_equal(np.stack(channels(image), axis=2), image)
    assert len(channels(image[:, :, 0])) == 1


@pytest.mark.parametrize("shape", [(30, 50), (50, 30, 3), (7, 7, 3), (1, 9)])
def test_square_cuts_the_middle_and_resizes(shape):
    image = np.random.default_rng(0).random(shape).astype(np.float32)
    out = center_square(image, 12)
    assert out.shape == (12, 12, *shape[2:])
    assert out.dtype == np.float32
    assert out.min() >= 0
    assert out.max() <= 1
    same = center_square(image, min(shape[:2]))
    top, left = ((length - min(shape[:2])) // 2 for length in shape[:2])
    np.testing.assert_allclose(same, image[top : top + min(shape[:2]), left : left + min(shape[:2])], atol=1e-6)


def test_making_smaller_is_antialiased():
    image = np.indices((64, 64)).sum(axis=0) % 2.0  # every other pixel white: beyond what 16 pixels can show
    np.testing.assert_allclose(center_square(image, 16)[2:-2, 2:-2], 0.5, atol=0.02)


def test_a_picture_of_another_type_keeps_its_numbers():
    assert check_picture(np.ones((2, 2), np.float16)).dtype == np.float64
    assert check_picture(np.full((2, 2), 255, np.uint8)).max() == 255
    assert check_picture(sample("cat", 32)).dtype == np.float32


def test_a_picture_fitted_to_a_network_is_its_middle_at_that_size_and_depth():
    color = sample("astronaut")
    np.testing.assert_allclose(fit_to_network(color, (1, 28, 28)), center_square(to_gray(color), 28))
    np.testing.assert_allclose(fit_to_network(color, (3, 32, 32)), center_square(color, 32))
    gray = fit_to_network(to_gray(color), (3, 32, 32))
    assert gray.shape == (32, 32, 3)
    assert (gray[..., :1] == gray).all()
    np.testing.assert_allclose(fit_to_network(color, (3, 16, 24)), center_square(color, 24)[4:20])
    with pytest.raises(PictureError, match="2 channels"):
        fit_to_network(color, (2, 8, 8))
