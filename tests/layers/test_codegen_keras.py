"""The generated Keras programs are run on the torch backend, and answer as the network built in torch does.

The weights are carried over by hand, as Keras lays them out: channels last.
"""

import contextlib
import io
import os

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from core.layers.calculator import LayerError, analyze, totals
from core.layers.codegen.keras import keras_program as keras_code
from core.layers.logits import ends_in_lengths
from core.layers.reference_networks import REFERENCE_NETWORKS
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
    GroupNorm,
    InstanceNorm,
    Layer,
    LayerNorm,
    Linear,
    Network,
    Pool,
    PReLU,
    Residual,
)
from core.nets.network import build
from core.training.presets import PRESETS
from tests.examples import examples

os.environ["KERAS_BACKEND"] = "torch"
pytest.importorskip("keras", reason="keras (requirements-dev.txt) is not installed")
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Using padding=.same"),
    pytest.mark.filterwarnings("ignore:You are using a softmax over axis"),
]


def run(code: str) -> dict[str, object]:
    """The names that the program leaves behind."""
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()), torch.device("cpu"):
        exec(compile(code, "generated.py", "exec"), names)  # our own code, which is what is tested
    return names


def keras_weights(layers: Network, built: nn.Sequential, shape: tuple[int, ...]) -> list[np.ndarray]:
    """The torch network's weights in the order and layout of a Keras model's."""
    weights: list[np.ndarray] = []
    plane: tuple[int, ...] | None = None  # (C, H, W) of what the last Flatten laid out, for the first Linear behind it
    for row, module in zip(analyze(layers, shape), built, strict=True):
        held = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
        match row.layer:
            case Flatten():
                plane = row.input_shape if len(row.input_shape) == 3 else plane
            case Conv() | ConvTranspose():
                weights += [held["weight"].transpose(2, 3, 1, 0)]
                weights += [held["bias"]] if "bias" in held else []
            case Linear():
                order = laid_out(plane)
                weights += [held["weight"][:, order].T]
                weights += [held["bias"]] if "bias" in held else []
                plane = None
            case Residual():
                for way, inner in ((row.layer.body, module.body), (row.layer.shortcut, module.shortcut)):
                    weights += keras_weights(way, inner, row.input_shape)
            case BatchNorm():
                names = ("weight", "bias", "running_mean", "running_var")
                order = laid_out(plane) if len(row.input_shape) == 1 else slice(None)
                weights += [held[name][order] for name in names if name in held]
            case GroupNorm() | InstanceNorm() | LayerNorm() | PReLU():
                for value in held.values():
                    if value.ndim == 3:
                        weights += [value.transpose(1, 2, 0)]
                    elif len(row.input_shape) == 1:
                        weights += [value[laid_out(plane)] if len(value) > 1 else value]
                    else:
                        weights += [value.reshape(1, 1, -1) if isinstance(row.layer, PReLU) else value]
    return weights


def laid_out(plane: tuple[int, ...] | None) -> np.ndarray | slice:
    """The places in torch's flat list, in the order of Keras's: channels last."""
    return slice(None) if plane is None else np.arange(np.prod(plane)).reshape(plane).transpose(1, 2, 0).ravel()


def assert_same_answer(layers: Network, shape: tuple[int, int, int]) -> None:
    built = build(layers, shape).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in built.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.1)
    names = run(keras_code(layers, shape))
    network = names["network"]
    network.set_weights(keras_weights(layers, built, shape))
    picture = torch.rand(2, *shape, generator=generator) * 2 - 1
    with torch.inference_mode():
        theirs = network(picture.permute(0, 2, 3, 1)).cpu()
        ours = built(picture)
    if theirs.dim() == 4:
        theirs = theirs.permute(0, 3, 1, 2)
    elif any(isinstance(layer, Flatten) for layer in layers) and not any(isinstance(layer, Linear) for layer in layers):
        theirs, ours = theirs.sort().values, ours.sort().values  # the same numbers in another order
    torch.testing.assert_close(theirs, ours, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", PRESETS)
def test_every_presets_program(name: str) -> None:
    layers = PRESETS[name].experiment.layers
    if ends_in_lengths(layers):
        with pytest.raises(LayerError, match="capsules"):
            keras_code(layers, (1, 28, 28))
    else:
        assert_same_answer(layers, (1, 28, 28))


@pytest.mark.parametrize("name", ["lenet-5", "cifar-exercise"])
def test_famous_networks_programs(name: str) -> None:
    assert_same_answer(REFERENCE_NETWORKS[name].layers, REFERENCE_NETWORKS[name].input_shape)


@pytest.mark.parametrize(
    "layers",
    [
        (Conv(4, (3, 5), padding=(1, 2)), Conv(4, 2, padding="same"), Conv(4, 3, stride=2, padding=1, groups=2)),
        (Conv(4, 3, dilation=2, padding=2, bias=False), Conv(4, 3, padding=2)),
        (ConvTranspose(3, 4, stride=2, padding=1), ConvTranspose(2, 2, stride=3, output_padding=2, bias=False)),
        (ConvTranspose(3, 3, dilation=2, padding=1), ConvTranspose(2, 1, stride=2)),
        (Pool("max", 3, 2, 1), Pool("max", 2, ceil=True), Pool("max", 2, 3, 1, ceil=True)),
        (Pool("average", 3, 2, 1), Pool("average", (2, 1), ceil=False)),
        (Pool("max", 2, stride=1), BlurPool(), BlurPool(4, (1, 3)), BlurPool(1)),
        (AdaptivePool("average", (4, 3)), AdaptivePool("max", 2), GlobalPool("max"), GlobalPool()),
        tuple(
            Activation(kind) for kind in ("relu6", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "softmax")
        ),
        (BatchNorm(), Dropout(0.5), Flatten(), BatchNorm(), Linear(5, bias=False), BatchNorm(), Activation("softmax")),
    ],
)
def test_what_keras_does_in_its_own_way(layers: Network) -> None:
    assert_same_answer(layers, (2, 12, 13))


@examples(150)
@given(data=st.data())
def test_random_stacks_programs(
    stacks: st.SearchStrategy[tuple[Network, tuple[int, int, int]]], data: st.DataObject
) -> None:
    layers, shape = data.draw(stacks)
    try:
        if not layers or totals(analyze(layers, shape)).activation_bytes > 2**20:
            return
        keras_code(layers, shape)
    except LayerError:
        return
    assert_same_answer(layers, shape)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Conv(4, 3, stride=2, dilation=2), "layer 1: .*dilation"),
        (ConvTranspose(4, 3, groups=2), "layer 1: .*groups"),
        (ConvTranspose(4, 3, dilation=2, output_padding=1), "layer 1: .*output_padding"),
        (Pool("average", 2, ceil=True), "layer 1: .*ceil"),
        (Conv(4, 30), "layer 1: a 30 × 30 kernel"),
    ],
)
def test_what_keras_cannot_do_is_said(layer: Layer, message: str) -> None:
    with pytest.raises(LayerError, match=message):
        keras_code((layer,), (2, 13, 13))


def test_the_program_reads_as_written_by_hand() -> None:
    code = keras_code((Conv(24, 5, padding=2), Activation(), Pool("max", 2), Flatten(), Linear(10)), (1, 28, 28))
    assert '        layers.Conv2D(24, 5, padding="same"),  # 28 × 28 × 24; 624 parameters\n' in code
    assert "        layers.MaxPooling2D(2),  # 14 × 14 × 24\n" in code
    assert "        layers.Dense(10),  # 10; 47,050 parameters\n" in code
    assert "ops" not in code.split("network =")[0]


def test_a_block_in_keras_answers_as_in_torch() -> None:
    body: Network = (Conv(4, 3, padding=1, bias=False), BatchNorm(), Activation(), Conv(4, 3, padding=1))
    layers = (Conv(4, 3), Residual(body), Activation(), Residual((Conv(6, 3, 2, 1),), (Conv(6, 1, 2),)), GlobalPool())
    assert_same_answer(layers, (3, 12, 12))
