import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.images.aliasing import grating
from core.images.drawn_pictures import disc
from core.images.pictures import PictureError
from core.images.sample_pictures import sample
from core.images.shifts import DOWNSAMPLERS, downsample, shift_response


@pytest.mark.parametrize("kind", DOWNSAMPLERS)
def test_moving_by_a_whole_stride_moves_the_output_by_one_pixel(kind):
    """To the last bits, since the picture is periodic: only between whole strides does anything alias."""
    image = sample("camera", 64)[:63]
    response = shift_response(image, kind, 2)
    assert response.shifts.tolist() == list(range(9))
    assert response.change[0] == response.step[0] == 0
    np.testing.assert_allclose(response.error[::2], 0, atol=1e-12)
    assert (response.change[1:] > 0).all()
    assert (response.error[1::2] > 1e-3).all()


def test_max_pooling_holds_still_within_a_window_and_jumps_at_its_border():
    image = np.zeros((8, 32))
    image[2, 8] = 1  # at the left of a window of 4
    response = shift_response(image, "max", 4)
    np.testing.assert_allclose(response.step, [0, 0, 0, 0, np.sqrt(2), 0, 0, 0, np.sqrt(2)])
    np.testing.assert_allclose(response.change, [0, 0, 0, 0, *[np.sqrt(2)] * 5])


def test_a_strided_convolution_without_a_blur_can_lose_everything():
    image = np.zeros((8, 16))
    image[::2, 8] = 1
    response = shift_response(image, "strided", 2)
    np.testing.assert_allclose(response.change[:3], [0, 1, np.sqrt(2)])


@pytest.mark.parametrize("image", [disc(64), sample("cat", 96)[:64, :64], grating(64, 14)])
def test_blur_pooling_moves_along_better_than_pooling_alone(image):
    error = {kind: shift_response(image, kind).error[1::2].mean() for kind in DOWNSAMPLERS}
    assert error["blur_max"] < error["max"]
    assert error["blur_average"] < error["average"] < error["strided"]


def test_the_measure_against_pytorch():
    image = np.random.default_rng(0).random((12, 12))

    def pooled(shift):
        return F.max_pool2d(torch.from_numpy(np.roll(image, shift, 1))[None], 2)

    response = shift_response(image, "max", 2, shifts=[0, 1, 3])
    for place, shift in enumerate([0, 1, 3]):
        expected = (pooled(shift) - pooled(0)).norm() / pooled(0).norm()
        assert response.change[place] == pytest.approx(expected.item())
    assert response.step[2] == pytest.approx(((pooled(3) - pooled(2)).norm() / pooled(0).norm()).item())


def test_strided_is_pytorchs_convolution_with_a_stride():
    rng = np.random.default_rng(0)
    image, kernel = rng.random((9, 10)), rng.normal(size=(3, 3))
    theirs = F.conv2d(torch.from_numpy(image)[None, None], torch.from_numpy(kernel)[None, None], stride=2)
    np.testing.assert_allclose(downsample(image, "strided", 2, kernel=kernel), theirs[0, 0].numpy(), atol=1e-12)
    np.testing.assert_array_equal(downsample(image, "strided", 3), image[::3, ::3])


def test_an_empty_picture_and_an_unknown_kind():
    assert not shift_response(np.zeros((4, 4, 3)), "max").change.any()
    with pytest.raises(PictureError, match="blur_max"):
        downsample(np.zeros((4, 4)), "median")
    with pytest.raises(PictureError, match="5 × 5"):
        shift_response(np.zeros((4, 4)), "max", 5)
