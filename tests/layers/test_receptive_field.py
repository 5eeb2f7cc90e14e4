"""Receptive fields against torch's own gradients: what a unit sees is what its gradient reaches."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from core.insight.pretrained import network
from core.layers.calculator import analyze
from core.layers.receptive_field import receptive_fields
from core.layers.setting_checks import LayerError
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
    GroupNorm,
    Layer,
    LayerNorm,
    Linear,
    LPPool,
    Network,
    Pad,
    PixelShuffle,
    Pool,
    PrimaryCapsules,
    Residual,
    RoutedCapsules,
    Unflatten,
    Upsample,
    pair,
)
from core.nets.network import build

STACKS: dict[str, tuple[Network, tuple[int, int, int]]] = {
    "valid": ((Conv(2, 3), Pool("max", 2), Conv(3, 5)), (1, 28, 28)),
    "padded": ((Conv(2, 7, stride=2, padding=3), Conv(2, 3, padding=1), Pool("max", 2)), (3, 32, 32)),
    "same, even": ((Conv(2, 4, padding="same"), Conv(2, (2, 5), padding="same")), (1, 12, 15)),
    "dilated": ((Conv(2, 3, dilation=(1, 3), padding=(0, 2)), Pool("average", (2, 3))), (1, 14, 17)),
    "ceil": ((Pool("max", 3, stride=2, padding=1, ceil=True), Conv(2, 2)), (2, 12, 13)),
    "blurred": ((Conv(2, 3), Pool("max", 2, stride=1), BlurPool(4), BlurPool(3, (1, 2))), (1, 15, 14)),
    "adaptive": ((Conv(2, 3), AdaptivePool("average", (3, 4)), Activation("relu")), (1, 13, 12)),
    "up": ((Conv(2, 3, stride=2), ConvTranspose(2, 3, stride=2, padding=1, output_padding=1)), (1, 15, 15)),
    "enlarged": ((Conv(2, 3), Upsample((2, 3), "bilinear"), Conv(2, 2), Upsample(2, "bicubic")), (1, 8, 7)),
    "to the corners": ((Upsample((3, 2), "bilinear", True), Upsample(2), Conv(2, 2)), (1, 6, 5)),
    "mirrored": ((Pad((1, 2), (0, 3), "reflect"), Conv(2, 3), Pad(2, 1, "circular"), Conv(2, 2)), (1, 7, 8)),
    "repeated": ((Pad(2, (1, 0), "replicate"), Conv(2, 2), Pad((0, 2), 1), Conv(2, 3)), (1, 6, 6)),
    "shuffled": ((Conv(8, 2), PixelShuffle(2), LPPool(2.0, (2, 3), 2)), (1, 6, 7)),
    "apart": ((Conv(2, 2), Pool("max", (3, 2), 2, 1, dilation=(2, 1)), Conv(2, 2)), (1, 13, 12)),
    "unflattened": ((Conv(2, 3), Flatten(), Unflatten(2, (5, 4)), Conv(1, 2)), (1, 7, 6)),
    "from a list": ((Flatten(), Linear(32), Unflatten(2, 4), Conv(1, 3)), (1, 4, 5)),
    "normalized": ((Conv(4, 3), GroupNorm(2), Conv(1, 2)), (1, 7, 6)),
    "normalized by row": ((Conv(2, 3), LayerNorm(1), Conv(1, 2)), (1, 7, 6)),
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
            if layer.dilation != 1:
                return Conv(2, layer.kernel, layer.stride or layer.kernel, layer.padding, layer.dilation, 2)
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
    model = build([averaging(layer) for layer in layers], shape).double().eval()
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
                edges = [*rows[[0, -1]].tolist(), *columns[[0, -1]].tolist()]
                assert [top, bottom - 1, left, right - 1] == edges, (place, unit)


@pytest.mark.parametrize("name", ["valid", "mnist-cnn"])
def test_the_size_is_the_calculators_away_from_the_border(name: str) -> None:
    layers, shape = STACKS[name]
    for row, known in zip(analyze(layers, shape), receptive_fields(layers, shape), strict=True):
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


ISSUE: list[tuple[Network, tuple[int, int, int], int | tuple[int, int]]] = [
    ((AdaptivePool("average", 5), Flatten(), Linear(10)), (3, 32, 32), 32),
    ((AdaptivePool("average", 5), Conv(4, 4)), (3, 32, 32), 26),
    ((Pool("max", 3, stride=2, ceil=True), Flatten(), Linear(10)), (3, 8, 8), 8),
    (
        (
            ConvTranspose(3, 3, stride=3),
            Conv(4, 3, stride=(1, 3), padding=(1, 0), dilation=(1, 2)),
            Conv(5, 1, stride=(3, 2)),
        ),
        (2, 6, 6),
        2,
    ),
    (
        (Pool("average", 3, stride=3, padding=1, ceil=True), ConvTranspose(2, 3, stride=3, dilation=(1, 2))),
        (1, 9, 9),
        3,
    ),
]


def reached(layers: Sequence[Layer], shape: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Return which pixels move each unit of the last layer, (units, H, W), by torch's gradient."""
    model = build([averaging(layer) for layer in layers], shape).double().eval()
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.5)  # all positive: nothing cancels
    picture = torch.rand(1, *shape, dtype=torch.float64, requires_grad=True)
    out = model(picture).flatten()
    (gradients,) = torch.autograd.grad(out, picture, torch.eye(len(out), dtype=out.dtype), is_grads_batched=True)
    moved: NDArray[np.bool_] = (gradients[:, 0].abs().sum(dim=1) > 0).numpy()
    return moved


def extents(moved: NDArray[np.bool_]) -> list[tuple[int, int, int, int]]:
    """Return (top, bottom, left, right) of the pixels that move each unit; zeros where none does."""
    boxes = []
    for one in moved:
        rows, columns = one.any(axis=1).nonzero()[0], one.any(axis=0).nonzero()[0]
        boxes.append((rows[0], rows[-1] + 1, columns[0], columns[-1] + 1) if len(rows) else (0, 0, 0, 0))
    return boxes


def check(layers: Sequence[Layer], shape: tuple[int, int, int]) -> None:
    """Compare every unit of the last layer, and the size in the table, with torch's gradient."""
    row, known = analyze(layers, shape)[-1], receptive_fields(layers, shape)[-1]
    boxes = extents(reached(layers, shape))
    for unit, box in enumerate(boxes):
        top, bottom, left, right = known.box(unit)
        found = (top, bottom, left, right) if top < bottom and left < right else (0, 0, 0, 0)
        assert found == box, (layers, shape, unit)
    largest = max(box[1] - box[0] for box in boxes), max(box[3] - box[2] for box in boxes)
    assert row.is_exact
    assert pair(row.receptive_field) == largest, (layers, shape)


@pytest.mark.parametrize(("layers", "shape", "expected"), ISSUE)
def test_adaptive_ceil_and_gaps_are_exact(
    layers: Network, shape: tuple[int, int, int], expected: int | tuple[int, int]
) -> None:
    assert analyze(layers, shape)[-1].receptive_field == expected
    check(layers, shape)


def random_layer(rng: np.random.Generator) -> Layer:
    """Return a layer of any kind that keeps planes, with sizes that differ by axis."""

    def size(low: int, high: int) -> tuple[int, int]:
        first, second = rng.integers(low, high + 1, size=2).tolist()
        return first, second

    kernel, extra = size(1, 4), size(0, 1)
    match rng.integers(8):
        case 0 | 1:
            return Conv(2, kernel, size(1, 3), size(0, 2), size(1, 3))
        case 2 | 3:
            return ConvTranspose(2, kernel, size(1, 4), size(0, 3), size(1, 3), output_padding=extra)
        case 4:
            padding = (extra[0] * (kernel[0] // 2), extra[1] * (kernel[1] // 2))
            return Pool("average", kernel, size(1, 4), padding, ceil=bool(rng.integers(2)))
        case 5:
            return AdaptivePool("average", size(1, 7))
        case 6:
            return BlurPool(int(rng.integers(1, 5)), size(1, 3))
    return Residual((Conv(2, 3, padding=1), Conv(2, 3, padding="same", dilation=2)), (Conv(2, 1),))


def test_random_stacks_of_all_kinds_see_what_their_gradient_reaches() -> None:
    rng = np.random.default_rng(17)
    done = 0
    while done < 150:
        height, width = rng.integers(2, 12, size=2).tolist()
        layers = [random_layer(rng) for _ in range(rng.integers(1, 5))]
        heads: tuple[Network, ...] = ((), (Flatten(),), (Flatten(), Linear(2)))
        layers += heads[rng.integers(3)]
        try:
            outputs = analyze(layers, (1, height, width))[-1].output_shape
        except LayerError:
            continue
        if 0 < math.prod(outputs) <= 600:
            check(layers, (1, height, width))
            done += 1


def test_a_very_large_plane_has_a_bound_instead() -> None:
    row = analyze([Conv(1, 3, padding=1)] * 3, (1, 3, 100_000))[-1]
    assert (row.receptive_field, row.is_exact, row.fields) == ((3, 7), False, None)
    with pytest.raises(LayerError, match=r"layer 1: .*2,048"):
        receptive_fields([Conv(1, 3)], (1, 3, 100_000))


def test_cropped_inputs_of_a_transposed_convolution_are_unused() -> None:
    assert analyze([ConvTranspose(1, 2, stride=2, padding=(2, 4))], (1, 5, 6))[0].unused == (2, 1)
    rng = np.random.default_rng(3)
    done = 0
    while done < 60:
        kernel, stride, padding, dilation, height, width = rng.integers(1, 6, size=6).tolist()
        layer = ConvTranspose(1, (kernel, 2), stride, padding - 1, (dilation, 1))
        try:
            row = analyze([layer], (1, height, width))[0]
        except LayerError:
            continue
        moved = reached([layer], (1, height, width)).max(axis=0)
        rows, columns = moved.any(axis=1).nonzero()[0], moved.any(axis=0).nonzero()[0]
        unread = (width - 1 - columns[-1], height - 1 - rows[-1]) if len(rows) else None
        assert unread is None or row.unused == unread, (layer, height, width)
        done += 1
