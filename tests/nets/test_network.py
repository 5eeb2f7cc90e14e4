"""The torch module is the same reading of the tuple as the calculator's."""

import pytest
import torch

from core.layers.calculator import LayerError, analyze
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Pool,
    Residual,
)
from core.nets.network import build

EVERY_KIND: tuple[Layer, ...] = (
    Conv(8, (3, 5), stride=(1, 2), padding=(1, 0), dilation=(2, 1)),
    BatchNorm(),
    *(
        Activation(kind)
        for kind in ("relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "softmax")
    ),
    Conv(16, 3, padding="same", groups=4, bias=False),
    Pool("max", 3, 2, 1, ceil=True),
    ConvTranspose(6, 4, stride=2, padding=1, groups=2, output_padding=1),
    BlurPool(3, 1),
    Pool("average", (2, 3)),
    AdaptivePool("average", (5, 4)),
    AdaptivePool("max", 3),
    Conv(4, 1),
    GlobalPool("max"),
    GlobalPool("average"),
    Flatten(),
    BatchNorm(),
    Dropout(0.25),
    Linear(12, bias=False),
    Linear(10),
    Activation("softmax"),
)


def test_every_kind_has_the_calculators_shapes_and_parameters() -> None:
    rows = analyze(EVERY_KIND, (2, 20, 24))
    network = build(EVERY_KIND, (2, 20, 24))
    x = torch.zeros(3, 2, 20, 24)
    for row, module in zip(rows, network, strict=True):
        x = module(x)
        assert tuple(x.shape[1:]) == row.output_shape, row
        assert sum(p.numel() for p in module.parameters()) == row.parameters
        assert sum(b.numel() for b in module.buffers() if b.dim()) == row.buffers


def test_the_settings_are_those_of_the_spec() -> None:
    conv, pool, transposed = build(
        [
            Conv(8, (3, 5), (1, 2), (1, 0), (2, 1), 2, False),
            Pool("average", 3, 2, 1, True),
            ConvTranspose(6, 3, 2, 1, 2, 2, False, 1),
        ],
        (2, 20, 24),
    )
    assert (conv.stride, conv.padding, conv.dilation, conv.groups, conv.bias) == ((1, 2), (1, 0), (2, 1), 2, None)
    assert (pool.stride, pool.padding, pool.ceil_mode) == (2, 1, True)
    assert (transposed.stride, transposed.padding, transposed.dilation) == ((2, 2), (1, 1), (2, 2))
    assert (transposed.groups, transposed.bias, transposed.output_padding) == (2, None, (1, 1))


def test_a_block_adds_its_two_ways() -> None:
    (block,) = build([Residual((Conv(3, 1),), (Conv(3, 1, bias=False),))], (2, 4, 5))
    weights, past = (block.state_dict()[name][:, :, 0, 0] for name in ("body.0.weight", "shortcut.0.weight"))
    x = torch.randn(2, 2, 4, 5)
    wanted = torch.einsum("kc,nchw->nkhw", weights + past, x) + block.state_dict()["body.0.bias"].view(3, 1, 1)
    torch.testing.assert_close(block(x), wanted)


def test_softmax_is_over_the_channels_of_planes_and_the_units_of_a_vector() -> None:
    planes, vector = build([Activation("softmax")], (3, 4, 5)), build([Flatten(), Activation("softmax")], (3, 1, 1))
    torch.testing.assert_close(planes(torch.randn(2, 3, 4, 5)).sum(dim=1), torch.ones(2, 4, 5))
    torch.testing.assert_close(vector(torch.randn(2, 3, 1, 1)).sum(dim=1), torch.ones(2))


def test_a_state_dict_is_named_by_the_layers_places() -> None:
    assert list(build([Conv(2, 3), Activation(), Flatten(), Linear(3)], (1, 5, 5)).state_dict()) == [
        "0.weight",
        "0.bias",
        "3.weight",
        "3.bias",
    ]


@pytest.mark.parametrize(
    ("layers", "index"),
    [
        ((Conv(2, 3), Linear(3)), 1),
        ((Conv(2, 9),), 0),
        ((Flatten(), Linear(1_000_000)), 1),
    ],
)
def test_what_is_refused_by_the_calculator_or_too_large_is_not_built(layers: tuple[Layer, ...], index: int) -> None:
    with pytest.raises(LayerError) as caught:
        build(layers, (10, 7, 7) if index == 0 else (10, 28, 28))
    assert caught.value.index == index
