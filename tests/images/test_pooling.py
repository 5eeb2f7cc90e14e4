import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

from core.images.pictures import PictureError
from core.images.pooling import POOLS, global_pool, pool, pooling_loss, unpool
from core.images.pooling_windows import windows
from tests.images.channels_first import as_picture, as_torch

TOLERANCE = {np.float64: 1e-12, np.float32: 1e-6}


def torch_pool(image, kind, window, stride=None, padding=0, ceil=False):
    x, settings = as_torch(image), {"stride": stride, "padding": padding, "ceil_mode": ceil}
    if kind == "max":
        out = F.max_pool2d(x, window, **settings)
    elif kind == "min":
        out = -F.max_pool2d(-x, window, **settings)
    elif kind == "average":
        out = F.avg_pool2d(x, window, **settings)
    else:  # lp_pool2d has no padding of its own
        height, width = (padding, padding) if isinstance(padding, int) else padding
        out = F.lp_pool2d(F.pad(x, (width, width, height, height)), 2.0, window, stride, ceil_mode=ceil)
    return as_picture(out, image)


@st.composite
def cases(draw):
    """Anything PyTorch takes: sizes, strides and borders as a number or a pair."""

    def size(strategy):
        return draw(st.one_of(strategy, st.tuples(strategy, strategy)))

    window = size(st.integers(1, 5))
    height, width = window if isinstance(window, tuple) else (window, window)
    stride = draw(st.one_of(st.none(), st.just(0)))
    stride = stride if stride is None else size(st.integers(1, 4))
    padding = draw(st.tuples(st.integers(0, height // 2), st.integers(0, width // 2)))
    shape = draw(st.integers(1, 14)), draw(st.integers(1, 14))
    ceil = draw(st.booleans())
    try:
        F.max_pool2d(torch.zeros(1, 1, *shape), window, stride, padding, ceil_mode=ceil)
    except RuntimeError:  # "Output size is too small"
        with pytest.raises(PictureError, match="does not fit"):
            windows(shape, window, stride, padding, ceil)
        assume(False)
    channels = draw(st.sampled_from([None, 1, 3]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image = rng.normal(size=shape if channels is None else (*shape, channels))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    return image.astype(dtype), {"window": window, "stride": stride, "padding": padding, "ceil": ceil}


@pytest.mark.parametrize("kind", POOLS)
@given(case=cases())
def test_pooling_is_pytorchs(kind, case):
    image, settings = case
    if kind == "l2" and settings["ceil"]:
        settings["padding"] = 0  # to lp_pool2d, padding is part of the picture: windows may start in it
        try:
            windows(image.shape, **settings)
        except PictureError:  # without its padding the window does not fit
            assume(False)
    ours, theirs = pool(image, kind, **settings), torch_pool(image, kind, **settings)
    assert ours.dtype == image.dtype
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE[image.dtype.type])


def test_a_window_larger_than_the_picture_reads_what_is_there_in_ceil_mode():
    image = np.arange(30.0).reshape(6, 5)
    assert pool(image, "max", 7, 4, ceil=True) == 29
    assert pool(image, "average", 7, 4, ceil=True) == 14.5
    np.testing.assert_allclose(pool(image, "l2", 7, 4, ceil=True), 7 * np.sqrt((image**2).mean()))
    with pytest.raises(PictureError, match="does not fit"):
        pool(image, "max", 7, 4)


@pytest.mark.parametrize("kind", POOLS)
@pytest.mark.parametrize("shape", [(7, 9), (7, 9, 3), (300, 200, 3), (1, 1)])
def test_global_pooling_is_one_number_a_plane(kind, shape):
    image = np.random.default_rng(0).normal(size=shape)
    x = as_torch(image).flatten(2)[0]
    theirs = {"max": x.amax(1), "min": x.amin(1), "average": x.mean(1), "l2": x.norm(dim=1)}[kind]
    np.testing.assert_allclose(global_pool(image, kind), theirs.numpy(), atol=1e-12)


@pytest.mark.parametrize("kind", POOLS)
@given(case=cases())
def test_unpooling_puts_each_answer_back_where_it_came_from(kind, case):
    image, settings = case
    pooled = pool(image, kind, **settings)
    back = unpool(pooled, image.shape, kind, **settings)
    assert back.shape == image.shape
    assert back.dtype == image.dtype
    grid = windows(image.shape, **settings)
    x = torch.zeros(1, 1, *image.shape[:2], dtype=torch.float64, requires_grad=True)
    settings = {"kernel_size": grid.size, "stride": grid.stride, "padding": grid.padding, "ceil_mode": settings["ceil"]}
    # PyTorch's gradient of average pooling spreads each answer over its window, divided by the window's area.
    spread = [
        torch.autograd.grad(F.avg_pool2d(x, **settings), x, as_torch(answers * grid.areas()))[0][0, 0].numpy()
        for answers in (np.ones(grid.count), pooled if image.ndim == 2 else pooled[:, :, 0])
    ]
    expected = spread[1] / np.maximum(spread[0], 1) / (np.sqrt(np.prod(grid.size)) if kind == "l2" else 1)
    np.testing.assert_allclose(back if image.ndim == 2 else back[:, :, 0], expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("kind", POOLS)
@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 1), (3, 2), (4, 4)])
def test_a_constant_picture_loses_nothing(kind, window, stride):
    image = np.full((13, 13, 3), 0.6)
    answer = pooling_loss(image, kind, window, stride)
    reached = (answer.pooled.shape[0] - 1) * stride + window
    np.testing.assert_allclose(answer.difference[:reached, :reached], 0, atol=1e-12)
    np.testing.assert_allclose(answer.difference[reached:], 0.6)  # never read, so nothing is known of it


def test_what_is_lost_is_the_rest():
    image = np.arange(16.0).reshape(4, 4)
    pooled, kept, difference = pooling_loss(image, "max", 2)
    np.testing.assert_array_equal(pooled, [[5, 7], [13, 15]])
    np.testing.assert_array_equal(kept, [[5, 5, 7, 7], [5, 5, 7, 7], [13, 13, 15, 15], [13, 13, 15, 15]])
    np.testing.assert_array_equal(kept + difference, image)
    overlapping = unpool(np.array([[1.0, 3.0]]), (2, 3), "max", 2, 1)
    np.testing.assert_array_equal(overlapping, [[1, 2, 3], [1, 2, 3]])


@pytest.mark.parametrize(
    "settings",
    [
        {"window": 0},
        {"window": 2.5},
        {"window": (2, 2, 2)},
        {"window": "2"},
        {"stride": 0},
        {"stride": -1},
        {"padding": -1},
        {"window": 3, "padding": 2},
        {"window": 9},
        {"kind": "median"},
    ],
)
def test_what_cannot_be_pooled_is_refused_with_a_sentence(settings):
    image = np.zeros((6, 6))
    with pytest.raises(PictureError, match=r"\.$"):
        pool(image, **settings)


def test_pooled_values_that_do_not_fit_are_refused():
    with pytest.raises(PictureError, match="×"):
        unpool(np.zeros((2, 2)), (6, 6), "max", 2)
