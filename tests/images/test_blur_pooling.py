import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.images.blur_pooling import blur_pool
from core.images.kernels import binomial
from core.images.pictures import PictureError
from tests.images.channels_first import as_picture, as_torch


def zhang(x, kind, window, stride, blur):
    """The published module's forward pass: a dense pool, reflection padding, a binomial filter a channel, a stride."""
    dense = F.max_pool2d(x, window, 1) if kind == "max" else F.avg_pool2d(x, window, 1)
    row = torch.tensor({1: [1.0], 2: [1, 1], 3: [1, 2, 1], 4: [1, 3, 3, 1], 5: [1, 4, 6, 4, 1]}[blur]).double()
    weights = (row[:, None] * row[None, :] / row.sum() ** 2)[None, None].repeat(x.shape[1], 1, 1, 1)
    before, after = (blur - 1) // 2, -(-(blur - 1) // 2)
    padded = F.pad(dense, (before, after, before, after), mode="reflect")
    return F.conv2d(padded, weights, stride=stride, groups=x.shape[1])


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("blur", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("window", "stride", "shape"), [(2, 2, (12, 14, 3)), (3, 2, (11, 9)), (3, 3, (16, 17, 2))])
def test_blur_pooling_is_zhangs(kind, blur, window, stride, shape):
    image = np.random.default_rng(0).random(shape)
    theirs = as_picture(zhang(as_torch(image), kind, window, stride, blur), image)
    np.testing.assert_allclose(blur_pool(image, kind, window, stride, blur), theirs, rtol=0, atol=1e-12)


def test_the_binomial_blur_keeps_the_mean():
    for size in range(1, 8):
        assert binomial(size).sum() == pytest.approx(1)
        np.testing.assert_allclose(blur_pool(np.full((9, 9), 0.4), blur=size), 0.4, atol=1e-12)


@pytest.mark.parametrize("blur", [0, 8])
def test_a_blur_of_another_size_is_refused(blur):
    with pytest.raises(PictureError, match="1 to 7 rows"):
        blur_pool(np.zeros((6, 6)), blur=blur)
