import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import ndimage
from scipy.signal import convolve2d

from core.images import convolution
from core.images.convolution import PADDINGS, convolve
from core.images.kernels import KernelError
from core.images.pictures import PictureError

TORCH_MODE = {"zero": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
SCIPY_MODE = {"zero": "constant", "reflect": "mirror", "edge": "nearest", "wrap": "wrap"}
TOLERANCE = {np.float64: 1e-12, np.float32: 1e-6}


def torch_convolve(image, kernel, stride=1, padding="zero", flip=False, dilation=1):
    """What PyTorch computes for the same settings, in float64: pad by its own padding modes, then conv2d."""
    x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(np.atleast_3d(image), 2, 0)).astype(np.float64))[:, None]
    w = torch.from_numpy(np.ascontiguousarray(kernel[::-1, ::-1] if flip else kernel).astype(np.float64))[None, None]
    if padding != "valid":
        steps = dilation if isinstance(dilation, tuple) else (dilation, dilation)
        reach = [step * (size - 1) for step, size in zip(steps, w.shape[2:], strict=True)]
        (top, bottom), (left, right) = ((length // 2, length - length // 2) for length in reach)
        x = F.pad(x, (left, right, top, bottom), mode=TORCH_MODE[padding])
    out = F.conv2d(x, w, stride=stride, dilation=dilation)[:, 0].numpy()
    return out[0] if image.ndim == 2 else np.moveaxis(out, 0, 2)


@st.composite
def cases(draw):
    """A picture, a kernel and settings that PyTorch takes too: its reflection reaches at most one picture far."""
    height, width = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    padding = draw(st.sampled_from(PADDINGS))
    dilation = draw(st.sampled_from([1, 1, 1, 2, 3, (1, 2)]))
    steps = dilation if isinstance(dilation, tuple) else (dilation, dilation)
    sizes = []
    for length, step in zip((height, width), steps, strict=True):
        reach = {"valid": length - 1, "reflect": 2 * (length - 1), "wrap": 2 * length}.get(padding, 99)
        sizes.append(draw(st.integers(1, min(11, reach // step + 1))))
    channels = draw(st.sampled_from([None, 1, 3, 5]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    image = rng.random((height, width) if channels is None else (height, width, channels)).astype(dtype)
    kind = draw(st.sampled_from(["dense", "separable", "sparse"]))
    if kind == "separable":
        kernel = np.outer(rng.uniform(-1, 1, sizes[0]), rng.uniform(-1, 1, sizes[1]))
    else:
        kernel = rng.uniform(-1, 1, sizes) * (rng.random(sizes) < 0.3 if kind == "sparse" else 1)
    stride = draw(st.sampled_from([1, 1, 2, 3, (1, 3), (4, 2)]))
    return image, kernel, {"stride": stride, "padding": padding, "flip": draw(st.booleans()), "dilation": dilation}


@given(cases())
def test_convolve_is_pytorchs_conv2d(case):
    image, kernel, settings = case
    ours = convolve(image, kernel, **settings)
    theirs = torch_convolve(image, kernel, **settings)
    assert ours.dtype == image.dtype
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE[image.dtype.type])


@given(cases())
def test_convolve_is_scipys_correlate(case):
    image, kernel, settings = case
    assume(settings["padding"] != "valid" and settings["dilation"] == 1)
    down, across = settings["stride"] if isinstance(settings["stride"], tuple) else (settings["stride"],) * 2
    weights = kernel[::-1, ::-1] if settings["flip"] else kernel
    origin = [0 if size % 2 else -1 for size in kernel.shape]
    planes = [
        ndimage.correlate(plane.astype(np.float64), weights, mode=SCIPY_MODE[settings["padding"]], origin=origin)
        for plane in np.moveaxis(np.atleast_3d(image), 2, 0)
    ]
    theirs = np.stack(planes, axis=2)[::down, ::across].reshape(convolve(image, kernel, **settings).shape)
    np.testing.assert_allclose(convolve(image, kernel, **settings), theirs, rtol=0, atol=TOLERANCE[image.dtype.type])


@given(cases())
def test_flip_is_convolution_as_mathematics_has_it(case):
    image, kernel, _ = case
    assume(image.ndim == 2 and all(k <= i for k, i in zip(kernel.shape, image.shape, strict=True)))
    ours = convolve(image, kernel, padding="valid", flip=True)
    np.testing.assert_allclose(ours, convolve2d(image, kernel, mode="valid"), rtol=0, atol=1e-5)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [3, 11, 12, 13, 31])
@pytest.mark.parametrize("outer", [True, False])
def test_the_three_ways_agree_on_a_large_picture(padding, dtype, size, outer, monkeypatch):
    rng = np.random.default_rng(size)
    image = rng.random((97, 83, 3)).astype(dtype)
    kernel = np.outer(rng.normal(size=size), rng.normal(size=size)) if outer else rng.normal(size=(size, size))
    kernel /= np.abs(kernel).sum()
    ours = convolve(image, kernel, padding=padding)
    np.testing.assert_allclose(ours, torch_convolve(image, kernel, padding=padding), rtol=0, atol=TOLERANCE[dtype])
    monkeypatch.setattr(convolution, "separable", lambda *_, **__: None)
    for fft_from in (0, size**2 + 1):
        monkeypatch.setattr(convolution, "_FFT_FROM", fft_from)
        np.testing.assert_allclose(convolve(image, kernel, padding=padding), ours, rtol=0, atol=TOLERANCE[dtype])


def test_each_way_is_taken_where_it_is_faster(monkeypatch):
    taken = []
    by_taps, by_fft = convolution._by_taps, convolution._by_fft
    monkeypatch.setattr(convolution, "_by_taps", lambda image, parts: taken.append(len(parts)) or by_taps(image, parts))
    monkeypatch.setattr(convolution, "_by_fft", lambda image, weights: taken.append("fft") or by_fft(image, weights))
    rng = np.random.default_rng(0)
    image = rng.random((40, 40))
    for kernel in (rng.normal(size=(9, 9)), np.ones((11, 11)), np.eye(11), rng.normal(size=(11, 11))):
        convolve(image, kernel)
    assert taken == [1, 2, 1, "fft"]


@pytest.mark.parametrize("shape", [(1, 20_000), (20_000, 1), (3, 12_000, 3), (1, 1), (1, 1, 3)])
@pytest.mark.parametrize("padding", ["zero", "edge", "reflect", "wrap"])
def test_pictures_of_odd_shapes(shape, padding):
    """Rows longer than a band, and borders that reach around a picture more than once (which PyTorch refuses)."""
    image = np.random.default_rng(0).random(shape)
    kernel = np.random.default_rng(1).random((4, 5))
    plane = image if image.ndim == 2 else image[:, :, 0]
    theirs = ndimage.correlate(plane, kernel, mode=SCIPY_MODE[padding], origin=(-1, 0))
    ours = convolve(image, kernel, padding=padding)
    np.testing.assert_allclose(ours if image.ndim == 2 else ours[:, :, 0], theirs, rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_an_even_kernel_pads_as_pytorchs_same_does():
    rng = np.random.default_rng(0)
    image, kernel = rng.random((9, 8)), rng.random((4, 2))
    theirs = F.conv2d(torch.from_numpy(image)[None, None], torch.from_numpy(kernel)[None, None], padding="same")
    np.testing.assert_allclose(convolve(image, kernel), theirs[0, 0].numpy(), rtol=0, atol=1e-12)


def test_the_answer_is_not_clipped_and_the_picture_not_changed():
    image = np.full((5, 5), 0.5, np.float32)
    before = image.copy()
    assert convolve(image, [[-8.0]]).min() == -4
    assert convolve(image, [[8.0]]).max() == 4
    np.testing.assert_array_equal(image, before)


def test_other_number_types_are_taken_as_they_are():
    image = np.arange(9, dtype=np.uint8).reshape(3, 3)
    out = convolve(image, [[2]])
    assert out.dtype == np.float64
    np.testing.assert_array_equal(out, 2.0 * image)
    np.testing.assert_array_equal(convolve(image[:, ::-1].T, [[1]]), image[:, ::-1].T)  # any memory layout


@given(st.integers(0, 2**32 - 1), st.sampled_from(PADDINGS), st.integers(1, 3), st.integers(1, 4))
def test_a_filter_as_deep_as_the_picture_is_a_conv_layers_filter(seed, padding, stride, depth):
    rng = np.random.default_rng(seed)
    image, kernel = rng.random((9, 11, depth)), rng.normal(size=(3, 5, depth))
    summed = sum(torch_convolve(image[..., channel], kernel[..., channel], stride, padding) for channel in range(depth))
    np.testing.assert_allclose(convolve(image, kernel, stride=stride, padding=padding), summed, rtol=0, atol=1e-12)
    if padding == "zero":
        x, w = (torch.from_numpy(np.moveaxis(a, 2, 0).copy())[None] for a in (image, kernel))
        theirs = F.conv2d(x, w, stride=stride, padding=(1, 2))[0, 0].numpy()
        np.testing.assert_allclose(convolve(image, kernel, stride=stride), theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "settings",
    [{"stride": 0}, {"stride": 1.5}, {"stride": (1, 2, 3)}, {"dilation": -1}, {"padding": "same"}, {"padding": 1}],
)
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(KernelError):
        convolve(np.zeros((5, 5)), np.ones((3, 3)), **settings)


@pytest.mark.parametrize(
    "image", [np.zeros(5), np.zeros((0, 5)), np.zeros((2, 2, 2, 2)), np.array([["a"]]), np.zeros((2, 2)) * 1j]
)
def test_what_is_no_picture_is_refused(image):
    with pytest.raises(PictureError):
        convolve(image, [[1]])


def test_a_kernel_larger_than_the_picture_fits_nowhere_without_padding():
    with pytest.raises(KernelError, match=r"5 × 5 .* 4 × 9"):
        convolve(np.zeros((4, 9)), np.ones((3, 3)), dilation=2, padding="valid")
    with pytest.raises(KernelError, match="channel"):
        convolve(np.zeros((4, 9, 3)), np.ones((3, 3, 2)))
