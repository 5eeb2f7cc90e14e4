import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from core.images.convolution import convolve
from core.images.filter_layer import convolution_layer, count_weights
from core.images.kernel_catalogue import CATALOGUE
from core.images.kernels import KernelError
from core.images.pictures import to_gray
from core.images.sample_pictures import sample
from core.layers.calculator import analyze
from core.layers.specs import Conv, Flatten, Linear


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 4),
    st.integers(1, 5),
    st.integers(1, 3),
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.booleans(),
)
def test_the_planes_are_a_conv_layers_output(seed, depth, filters, stride, relu, padded):
    rng = np.random.default_rng(seed)
    image, weights, biases = (
        rng.random((9, 10, depth)),
        rng.normal(size=(filters, 3, 5, depth)),
        rng.normal(size=filters),
    )
    ours = convolution_layer(
        image, list(weights), biases.tolist(), relu=relu[:filters], stride=stride, padding="zero" if padded else "valid"
    )
    x, w = torch.from_numpy(np.moveaxis(image, 2, 0).copy())[None], torch.from_numpy(np.moveaxis(weights, 3, 1).copy())
    out = F.conv2d(x, w, torch.from_numpy(biases), stride=stride, padding=(1, 2) if padded else 0)
    out = torch.where(torch.tensor(relu[:filters])[:, None, None], F.relu(out), out)
    np.testing.assert_allclose(ours, np.moveaxis(out[0].numpy(), 0, 2), rtol=0, atol=1e-12)


def test_flat_filters_look_at_luminance_and_may_differ_in_size():
    image = sample("cat", 40)
    keys = ("sobel_x", "gaussian", "log")
    block = convolution_layer(image, [CATALOGUE[key].kernel() for key in keys], relu=True)
    assert block.shape == (*image.shape[:2], 3)
    assert block.dtype == np.float32
    for number, key in enumerate(keys):
        np.testing.assert_allclose(block[..., number], np.maximum(convolve(to_gray(image), CATALOGUE[key].kernel()), 0))


@pytest.mark.parametrize(
    ("filters", "settings", "says"),
    [
        ([], {}, "one filter"),
        ([np.ones((3, 3))], {"biases": [1, 2]}, "1 filters, 2 biases"),
        ([np.ones((3, 3))], {"biases": [np.nan]}, "a number"),
        ([np.ones((3, 3)), np.ones((5, 5))], {"padding": "valid"}, "different sizes"),
        ([np.ones((3, 3, 4))], {}, "channel"),
    ],
)
def test_what_is_no_layer_is_refused(filters, settings, says):
    with pytest.raises(KernelError, match=says):
        convolution_layer(np.zeros((8, 8, 3)), filters, **settings)


@pytest.mark.parametrize(
    ("shape", "window", "filters"), [((28, 28, 1), (5, 5), 6), ((32, 32, 3), (3, 3), 16), ((9, 8), (3, 1), 2)]
)
def test_the_weights_are_the_layer_calculators(shape, window, filters):
    height, width, depth = (*shape, 1)[:3]
    needed = count_weights(shape, window, filters)
    conv, *_ = analyze((Conv(filters, window, padding="same", bias=False),), (depth, height, width))
    full = analyze((Flatten(), Linear(filters * height * width, bias=False)), (depth, height, width))[-1]
    assert needed.shared == conv.parameters
    assert needed.local == conv.macs  # a weight for every multiplication
    assert needed.full == full.parameters
