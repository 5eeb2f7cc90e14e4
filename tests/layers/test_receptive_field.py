"""Receptive fields against torch's own gradients: what a unit sees is what its gradient reaches."""

import numpy as np
import pytest
import torch
from torch import nn

from core import nets
from core.insight.pretrained import network
from core.layers.calculator import analyse
from core.layers.receptive_field import receptive_fields
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    CapsuleDecoder,
    CapsuleLengths,
    Conv,
    ConvTranspose,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Network,
    Pool,
    PrimaryCapsules,
    Residual,
    RoutedCapsules,
)

STACKS: dict[str, tuple[Network, tuple[int, int, int]]] = {
    "valid": ((Conv(2, 3), Pool("max", 2), Conv(3, 5)), (1, 28, 28)),
    "padded": ((Conv(2, 7, stride=2, padding=3), Conv(2, 3, padding=1), Pool("max", 2)), (3, 32, 32)),
    "same, even": ((Conv(2, 4, padding="same"), Conv(2, (2, 5), padding="same")), (1, 12, 15)),
    "dilated": ((Conv(2, 3, dilation=(1, 3), padding=(0, 2)), Pool("average", (2, 3))), (1, 14, 17)),
    "ceil": ((Pool("max", 3, stride=2, padding=1, ceil=True), Conv(2, 2)), (2, 12, 13)),
    "blurred": ((Conv(2, 3), Pool("max", 2, stride=1), BlurPool(4), BlurPool(3, (1, 2))), (1, 15, 14)),
    "adaptive": ((Conv(2, 3), AdaptivePool("average", (3, 4)), Activation("relu")), (1, 13, 12)),
    "up": ((Conv(2, 3, stride=2), ConvTranspose(2, 3, stride=2, padding=1, output_padding=1)), (1, 15, 15)),
    "stamps apart": ((ConvTranspose(1, 2, stride=3), Conv(1, 2)), (1, 5, 6)),
    "padding alone": ((Conv(1, 2, padding=3), Conv(1, 2)), (1, 5, 5)),
    "blocks": (
        (
            Residual((Conv(2, 3, stride=2, padding=1), BatchNorm(), Conv(2, 3, padding=1)), (Conv(2, 1, stride=2),)),
            Residual((Conv(2, 5, padding=2),)),
        ),
        (1, 13, 16),
    ),
    "global": ((Conv(2, 3), GlobalPool("max"), Flatten(), Linear(4)), (1, 9, 8)),
    "capsules": (
        (Conv(2, 3), PrimaryCapsules(2, 3, (2, 3), (2, 1), (1, 0)), CapsuleDecoder(4, 4), CapsuleLengths(), Flatten()),
        (1, 9, 8),
    ),
    "flattened capsules": (
        (PrimaryCapsules(2, 3, 3, 2), Flatten(), Activation("relu"), BatchNorm(), Linear(2)),
        (1, 9, 7),
    ),
    "routed capsules": (
        (PrimaryCapsules(2, 3, 3), RoutedCapsules(3, 2), Residual((RoutedCapsules(3, 2, 1),)), CapsuleLengths()),
        (1, 6, 8),
    ),
    "flat": ((Flatten(), Activation("relu"), Linear(3), Linear(2)), (2, 4, 5)),
    "flat after planes": ((Conv(3, 3), Flatten(), Activation("softmax")), (1, 6, 7)),
    **{
        name: (network(name).experiment.layers, (3, 32, 32) if "cifar" in name else (1, 28, 28))
        for name in ("mnist-cnn", "cifar-cnn")
    },
}


def averaging(layer: Layer) -> Layer:
    """A layer that reads the same and whose gradient is zero nowhere in its window."""
    match layer:
        case Pool():
            return Pool("average", layer.kernel, layer.stride, layer.padding, layer.ceil)
        case AdaptivePool():
            return AdaptivePool("average", layer.size)
        case GlobalPool():
            return GlobalPool("average")
        case Activation("softmax"):
            return Linear(1)  # mixes all, as a softmax does
        case Activation():
            return Activation("leaky_relu")
    return layer


@pytest.mark.parametrize("name", STACKS)
def test_a_unit_sees_what_its_gradient_reaches(name: str) -> None:
    layers, shape = STACKS[name]
    fields = receptive_fields(layers, shape)
    model = nets.build([averaging(layer) for layer in layers], shape).double().eval()
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.5)
    rng = np.random.default_rng(0)
    assert len(fields) == len(layers)
    for place, known in enumerate(fields):
        picture = torch.rand(1, *shape, dtype=torch.float64, requires_grad=True)
        out = model[: place + 1](picture).flatten()
        for unit in {0, len(out) - 1, *rng.integers(len(out), size=2).tolist()}:
            if isinstance(layers[place], Activation) and len(out) == 1:
                unit = 0
            (gradient,) = torch.autograd.grad(out[unit], picture, retain_graph=True)
            reached = gradient[0].abs().sum(dim=0) > 0
            rows, columns = reached.any(dim=1).nonzero().flatten(), reached.any(dim=0).nonzero().flatten()
            top, bottom, left, right = known.box(unit)
            if len(rows) == 0:
                assert top == bottom or left == right, (place, unit)
            else:
                assert (top, bottom, left, right) == (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1), (place, unit)


@pytest.mark.parametrize("name", ["valid", "mnist-cnn"])
def test_the_size_is_the_calculators_away_from_the_border(name: str) -> None:
    layers, shape = STACKS[name]
    for row, known in zip(analyse(layers, shape), receptive_fields(layers, shape), strict=True):
        if len(row.output_shape) == 3:
            sizes = known.rows[:, 1] - known.rows[:, 0]
            assert set(sizes.tolist()) == {row.receptive_field}
            assert set(np.diff(known.rows[:, 0]).tolist()) <= {row.jump}


def test_lists_from_planes_of_two_sizes_see_the_whole_of_both() -> None:
    block = Residual((Conv(4, 2, stride=2), Flatten()), (Conv(1, 1), Flatten()))
    assert receptive_fields((block,), (1, 4, 4))[0].box(5) == (0, 4, 0, 4)


def test_a_fully_connected_unit_sees_the_whole_picture() -> None:
    assert receptive_fields((Flatten(), Linear(3)), (1, 6, 9))[-1].box(2) == (0, 6, 0, 9)


def test_a_flattened_unit_sees_what_it_saw_on_its_plane() -> None:
    layers = (Conv(4, 3), Flatten())
    planes, flat = receptive_fields(layers, (1, 6, 9))
    assert flat.box(2 * 28 + 7 + 3) == planes.box(2 * 28 + 7 + 3) == (1, 4, 3, 6)
