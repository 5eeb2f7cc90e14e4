"""The page's layer against PyTorch's convolution, and the weights of three ways of wiring against PyTorch's layers."""

import dataclasses

import numpy as np
import pytest

from core.images.filter_layer import count_weights
from core.ui.components.filter_layer import Edit, StackFilter
from core.ui.views.filters.layer import KERNELS, MIXES, SIZES, Layer, grid

RANDOM = np.random.default_rng(5)


def layer(in_color: bool, **changes: object) -> Layer:
    """A layer of every second kernel, on a small picture."""
    picture = RANDOM.uniform(size=(17, 23, 3) if in_color else (17, 23)).astype(np.float32)
    size = int(changes.get("size", 3))  # type: ignore[call-overload]
    mix = next(iter(MIXES))
    filters = []
    for key in list(KERNELS)[::2]:
        base = grid(key, size)
        weights = np.asarray(MIXES[mix].shares)[:, None, None] * base if in_color else base[None]
        filters.append(StackFilter(key, key, "", weights, base=base, mix=mix))
    plain = Layer(picture, picture, "A test picture", tuple(filters), {}, 3, 1, "zero", False)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def with_torch(one: Layer) -> np.ndarray:
    import torch

    picture = torch.from_numpy(np.atleast_3d(one.picture).astype(np.float64)).permute(2, 0, 1)[None]
    weights = torch.from_numpy(np.stack([one.weights(f) for f in one.filters]))
    biases = torch.tensor([one.bias(f) for f in one.filters], dtype=torch.float64)
    block = torch.nn.functional.conv2d(picture, weights, biases, stride=one.stride, padding=one.border)
    own = {key for key, edit in one.edits.items() if edit.relu is not None and edit.relu != one.relu}
    rectified = torch.tensor([one.relu != (f.key in own) for f in one.filters])[:, None, None]
    return torch.where(rectified, block.relu(), block)[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize("in_color", [False, True])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"size": 5},
        {"size": 7, "stride": 2},
        {"stride": 3},
        {"padding": "valid"},
        {"relu": True, "padding": "valid", "stride": 2},
        {"edits": {"sobel_x": Edit(bias=0.5), "identity": Edit(bias=-1.0)}, "relu": True},
        {"edits": {"sobel_x": Edit(relu=True), "identity": Edit(bias=-0.5, relu=True)}},
        {"edits": {"sobel_x": Edit(relu=False)}, "relu": True},
    ],
)
def test_the_block_is_what_pytorch_puts_out(in_color: bool, changes: dict) -> None:
    ours = layer(in_color, **changes)
    np.testing.assert_allclose(ours.block(), with_torch(ours), atol=1e-5)
    height, width, depth = ours.block().shape
    assert ours.row().output_shape == (depth, height, width)


def test_the_parameters_are_those_of_pytorch() -> None:
    import torch

    for in_color in (False, True):
        ours = layer(in_color, size=5)
        conv = torch.nn.Conv2d(ours.depth, len(ours.filters), 5)
        assert ours.row().parameters == sum(p.numel() for p in conv.parameters())


def test_edits_of_weights_and_of_colors_count() -> None:
    changed = tuple(tuple(tuple(row) for row in plane) for plane in RANDOM.normal(size=(3, 3, 3)).tolist())
    edits = {"identity": Edit(weights=changed), "gaussian": Edit(mix="red_green"), "sharpen": Edit(mix="nonsense")}
    ours = layer(True, edits=edits)
    by_key = {one.key: ours.weights(one) for one in ours.filters}
    np.testing.assert_allclose(by_key["identity"], changed)
    np.testing.assert_allclose(by_key["gaussian"][0], -by_key["gaussian"][1])
    given = next(one for one in ours.filters if one.key == "sharpen").weights
    np.testing.assert_allclose(by_key["sharpen"], given)


def test_weights_of_another_size_are_left_aside() -> None:
    edits = {"identity": Edit(weights=((((1.0,) * 5,) * 5),))}
    ours = layer(False, edits=edits)
    np.testing.assert_allclose(ours.weights(ours.filters[0]), ours.filters[0].weights)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", KERNELS)
def test_every_kernel_comes_in_every_size_of_the_layer(key: str, size: int) -> None:
    weights = grid(key, size)
    assert weights.shape == (size, size)
    assert np.isfinite(weights).all()
    if KERNELS[key].sizes == (3,):
        np.testing.assert_allclose(weights[size // 2 - 1 : size // 2 + 2, size // 2 - 1 : size // 2 + 2], grid(key, 3))


def test_the_three_numbers_of_weights_are_those_of_pytorch() -> None:
    import torch

    side, size = 6, 3
    needed = count_weights((side, side), (size, size))
    assert needed.shared == torch.nn.Conv2d(1, 1, size, bias=False).weight.numel()
    assert needed.full == torch.nn.Linear(side**2, side**2, bias=False).weight.numel()
    assert needed.local == side**2 * size**2


def test_a_filter_flattened_for_a_gray_picture() -> None:
    """The grid behind its three planes, or the sum of planes that the person wrote."""
    changed = tuple(tuple(tuple(row) for row in plane) for plane in RANDOM.normal(size=(3, 3, 3)).tolist())
    ours = layer(True, edits={"identity": Edit(weights=changed), "gaussian": Edit(mix="red_green")})
    np.testing.assert_allclose(ours.flat("gaussian")[0], grid("gaussian", 3))
    np.testing.assert_allclose(ours.flat("identity")[0], np.sum(changed, axis=0))
