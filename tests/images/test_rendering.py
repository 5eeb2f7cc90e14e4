import io

import numpy as np
import pytest
from PIL import Image
from skimage.color import hsv2rgb

from core.images.pictures import PictureError
from core.images.rendering import (
    NEGATIVE_COLOR,
    POSITIVE_COLOR,
    angle_as_hue,
    hue,
    signed_colors,
    stretch,
    to_bytes,
    to_png,
)


def test_pictures_are_clipped_for_the_screen():
    np.testing.assert_array_equal(to_bytes([[-1, 0, 0.5, 1, 7, np.nan]]), [[0, 0, 128, 255, 255, 0]])
    assert to_bytes(np.zeros((2, 3, 3), np.float32)).shape == (2, 3, 3)


def test_stretched_fills_the_scale():
    np.testing.assert_allclose(stretch([[-2.0, 0, 2]]), [[0, 0.5, 1]])
    np.testing.assert_array_equal(stretch(np.full((2, 2), 7.0)), np.zeros((2, 2)))


def test_signed_values_are_blue_and_orange_and_zero_is_the_pages_own_background():
    colors = signed_colors([[-2.0, -1, 0, 1, 2]])
    assert [tuple(color[:3]) for color in colors[0]] == [
        NEGATIVE_COLOR,
        NEGATIVE_COLOR,
        POSITIVE_COLOR,
        POSITIVE_COLOR,
        POSITIVE_COLOR,
    ]
    assert list(colors[0, :, 3]) == [255, 128, 0, 128, 255]
    assert list(signed_colors([[-2.0, 1]], limit=4)[0, :, 3]) == [128, 64]
    assert not signed_colors(np.zeros((2, 2)))[:, :, 3].any()
    with pytest.raises(PictureError, match="one plane"):
        signed_colors(np.zeros((2, 2, 3)))


def test_hues_are_scikit_images():
    angle = np.linspace(-np.pi, np.pi, 60).reshape(6, 10)
    hsv = np.stack([angle / (2 * np.pi) % 1, np.ones_like(angle), np.ones_like(angle)], axis=2)
    np.testing.assert_allclose(hue(angle), hsv2rgb(hsv), atol=1e-12)
    hsv[:, :, 2] = strength = np.random.default_rng(0).random((6, 10))
    np.testing.assert_allclose(angle_as_hue(strength, angle, limit=1), hsv2rgb(hsv), atol=1e-12)
    np.testing.assert_allclose(angle_as_hue([[0, 2]], [[1, 0]]), [[[0, 0, 0], [1, 0, 0]]])


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3), (4, 5, 4)])
def test_a_png_holds_what_the_screen_shows(shape):
    values = np.random.default_rng(0).random(shape) * 1.4 - 0.2
    with Image.open(io.BytesIO(to_png(values))) as image:
        np.testing.assert_array_equal(np.asarray(image), to_bytes(values))
    levels = to_bytes(values)
    assert to_png(levels) == to_png(values)
