"""The calculator against torch: shapes, parameters, refusals, pixels read; and against the published totals."""

import math
import time
from fractions import Fraction
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from core.layers.calculator import MAX_PARAMETERS, LayerError, Totals, analyze, check_buildable, totals
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    CapsuleDecoder,
    CapsuleLengths,
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
    LPPool,
    Pad,
    PixelShuffle,
    Pool,
    PReLU,
    PrimaryCapsules,
    RoutedCapsules,
    Upsample,
    pair,
)
from core.nets import capsule
from tests.examples import examples
from tests.layers.windows import WINDOWS

stacked = examples(800)


def torch_module(layer: Layer, x: torch.Tensor, pixels: int) -> nn.Module:
    """The layer written straight in torch for the input `x`: nothing here reads the calculator."""
    device, channels = "meta", x.shape[1]
    match layer:
        case Conv(filters, kernel, stride, padding, dilation, groups, bias):
            return nn.Conv2d(channels, filters, kernel, stride, padding, dilation, groups, bias, device=device)
        case ConvTranspose(filters, kernel, stride, padding, dilation, groups, bias, extra):
            kernels = torch.zeros(1, 1, *pair(kernel))  # the meta device does not look at output_padding; the CPU does
            torch.conv_transpose2d(torch.zeros(1, 1, 9, 9), kernels, None, stride, 0, extra, 1, dilation)
            return nn.ConvTranspose2d(
                channels, filters, kernel, stride, padding, extra, groups, bias, dilation, device=device
            )
        case Pool("max", kernel, stride, padding, ceil, dilation):
            return nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil)
        case Pool(_, kernel, stride, padding, ceil, dilation):
            if dilation != 1:
                raise ValueError("nn.AvgPool2d has none")
            return nn.AvgPool2d(kernel, stride, padding, ceil_mode=ceil)
        case LPPool(norm, kernel, stride, ceil):
            return nn.LPPool2d(norm, kernel, stride, ceil)
        case Upsample(scale, kind, corners):
            return nn.Upsample(scale_factor=scale, mode=kind, align_corners=None if kind == "nearest" else corners)
        case PixelShuffle(factor):
            return nn.PixelShuffle(factor)
        case Pad(rows, columns, kind):
            kinds = {"zeros": "Zero", "reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}
            return getattr(nn, f"{kinds[kind]}Pad2d")((*pair(columns), *pair(rows)))
        case GroupNorm(groups, affine):
            return nn.GroupNorm(groups, channels, affine=affine, device=device)
        case InstanceNorm(affine):
            if x.dim() != 4:
                raise ValueError("it needs planes")
            return nn.InstanceNorm2d(channels, affine=affine, device=device)
        case LayerNorm(axes, affine, bias):
            if axes >= x.dim():
                raise ValueError("there are not so many")
            return nn.LayerNorm(x.shape[-axes:], elementwise_affine=affine, bias=bias, device=device)
        case PReLU(per_channel):
            return nn.PReLU(channels if per_channel else 1, device=device)
        case BlurPool(kernel, stride):
            blur = nn.Sequential(nn.ReflectionPad2d([(kernel - 1) // 2, kernel // 2] * 2), nn.AvgPool2d(kernel, stride))
            blur.register_buffer("kernel", torch.empty(kernel, kernel, device=device))
            return blur
        case AdaptivePool(kind, size):
            return (nn.AdaptiveMaxPool2d if kind == "max" else nn.AdaptiveAvgPool2d)(size)
        case GlobalPool(kind):
            return (nn.AdaptiveMaxPool2d if kind == "max" else nn.AdaptiveAvgPool2d)(1)
        case Flatten():
            return nn.Flatten()
        case Linear(units, bias):
            return nn.Linear(channels, units, bias, device=device)
        case BatchNorm(affine):
            return (nn.BatchNorm2d if x.dim() == 4 else nn.BatchNorm1d)(channels, affine=affine, device=device)
        case PrimaryCapsules(types, dimensions, kernel, stride, padding):
            return capsule.PrimaryCapsules(channels, types, dimensions, kernel, stride, padding).to(device)
        case RoutedCapsules(capsules, dimensions, iterations, through, shared):
            inputs = tuple(x.shape[1:])
            return capsule.RoutedCapsules(inputs, capsules, dimensions, iterations, through, shared).to(device)
        case CapsuleDecoder(first, second):
            return capsule.CapsuleDecoder(tuple(x.shape[1:]), first, second, pixels).to(device)
        case CapsuleLengths():
            return capsule.CapsuleLengths()
    return nn.Identity()


@pytest.mark.timeout(3600)  # 20,000 of them, in the nightly profile, take some minutes
@pytest.mark.filterwarnings("ignore:Using padding=.same")
@stacked
@given(data=st.data())
def test_random_stacks_have_torchs_shapes_and_parameters_and_are_refused_where_torch_refuses(
    stacks: st.SearchStrategy[tuple[tuple[Layer, ...], tuple[int, int, int]]], data: st.DataObject
) -> None:
    layers, shape = data.draw(stacks)
    try:
        rows, refused = analyze(layers, shape), None
    except LayerError as error:
        refused = error.index
        rows = analyze(layers[:refused], shape)
    x = torch.empty(2, *shape, device="meta")
    for row in rows:
        assert tuple(x.shape[1:]) == row.input_shape
        module = torch_module(row.layer, x, math.prod(shape))
        x = module(x)
        assert tuple(x.shape[1:]) == row.output_shape
        assert sum(p.numel() for p in module.parameters()) == row.parameters
        assert sum(b.numel() for b in module.buffers() if b.dim()) == row.buffers
    if refused is not None:
        try:
            y = torch_module(layers[refused], x, math.prod(shape))(x)
        except (RuntimeError, ValueError):
            return
        # Two things more than torch are refused: a normalization of single numbers, and a transposed convolution whose
        # padding cuts everything away, where torch refuses an output of -1 pixels but, on some devices, returns one
        # of 0.
        layer = layers[refused]
        if isinstance(layer, GroupNorm):
            assert layer.groups == math.prod(x.shape[1:])
        elif isinstance(layer, LayerNorm):
            assert math.prod(x.shape[-layer.axes :]) == 1
        else:
            assert isinstance(layer, ConvTranspose)
            assert y.numel() == 0


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (ConvTranspose(16, 4, stride=2, padding=1), (3, 8, 8), (16, 16, 16)),
        (Pool("max", 2, 3, 1, ceil=True), (1, 5, 5), (1, 2, 2)),
        (Pool("max", 2), (1, 7, 7), (1, 3, 3)),
        (Pool("max", 2, ceil=True), (1, 7, 7), (1, 4, 4)),
        (Conv(96, 11, stride=4), (3, 224, 224), (96, 54, 54)),
        (Conv(64, 11, stride=4, padding=2), (3, 224, 224), (64, 55, 55)),
    ],
)
def test_the_examples_of_the_facts(layer: Layer, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert analyze([layer], shape)[0].output_shape == expected


def test_a_transposed_convolution_works_once_for_every_input_position() -> None:
    assert analyze([ConvTranspose(16, 4, stride=2, padding=1)], (3, 8, 8))[0].macs == 49_152


LENET_5 = (
    *(Conv(6, 5), Activation("tanh"), Pool("average", 2)),
    *(Conv(16, 5), Activation("tanh"), Pool("average", 2), Flatten()),
    *(Linear(120), Activation("tanh"), Linear(84), Activation("tanh"), Linear(10)),
)


def vgg_16() -> tuple[Layer, ...]:
    trunk: list[Layer] = []
    for convolutions, filters in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        trunk += [Conv(filters, 3, padding=1), Activation()] * convolutions + [Pool("max", 2)]
    head = (Linear(4096), Activation(), Dropout(), Linear(4096), Activation(), Dropout(), Linear(1000))
    return (*trunk, AdaptivePool("average", 7), Flatten(), *head)


def test_lenet_5_has_its_published_totals() -> None:
    rows = analyze(LENET_5, (1, 32, 32))
    assert totals(rows) == Totals(
        parameters=61_706,
        weights=61_470,
        biases=236,
        buffers=0,
        macs=416_520,
        bias_additions=6 * 28 * 28 + 16 * 10 * 10 + 120 + 84 + 10,
        activation_bytes=4 * (2 * 6 * 784 + 6 * 196 + 2 * 1600 + 2 * 400 + 2 * 120 + 2 * 84 + 10),
    )
    assert rows[-1].receptive_field == 32


@pytest.mark.clock
def test_vgg_16_has_its_published_totals_in_under_2_milliseconds() -> None:
    layers = vgg_16()
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        rows = analyze(layers, (3, 224, 224))
        seconds.append(time.perf_counter() - start)
    assert totals(rows).parameters == 138_357_544
    assert totals(rows).macs == 15_470_264_320
    assert rows[30].receptive_field == 212  # the last pooling, as published by Araujo et al. 2019
    assert rows[30].jump == 32
    assert min(seconds) < 0.002


def test_batch_norm_counts_trainable_and_running_numbers_apart() -> None:
    row = analyze([BatchNorm()], (64, 8, 8))[0]
    assert (row.weights, row.biases, row.buffers, row.parameters, row.macs) == (64, 64, 128, 128, 0)


def influence(layers: tuple[Layer, ...], size: int, unit: int | None = None) -> list[int]:
    """Columns of a size x size picture that reach the output (or its unit in row and column `unit`), by autograd."""
    x = torch.zeros(1, 1, size, size, requires_grad=True)
    y = x
    for layer in layers:
        if isinstance(layer, Conv):
            weights = torch.ones(1, 1, *pair(layer.kernel))
            y = torch.conv2d(y, weights, None, layer.stride, layer.padding, layer.dilation)
        elif isinstance(layer, ConvTranspose):
            weights = torch.ones(1, 1, *pair(layer.kernel))
            y = torch.conv_transpose2d(y, weights, None, layer.stride, layer.padding)
        elif isinstance(layer, AdaptivePool):
            y = nn.AdaptiveAvgPool2d(layer.size)(y)
        elif isinstance(layer, BlurPool):
            y = nn.ReflectionPad2d([(layer.kernel - 1) // 2, layer.kernel // 2] * 2)(y)
            y = nn.AvgPool2d(layer.kernel, layer.stride)(y)
        elif isinstance(layer, Pool):
            y = nn.AvgPool2d(layer.kernel, layer.stride, layer.padding, ceil_mode=layer.ceil)(y)
    (y.sum() if unit is None else y[0, 0, unit, unit]).backward()
    return x.grad[0, 0].sum(dim=0).nonzero().flatten().tolist()


@examples(150)
@given(layer=WINDOWS, size=st.integers(2, 14))
def test_unused_pixels_are_those_whose_gradient_is_zero(layer: Layer, size: int) -> None:
    try:
        row = analyze([layer], (1, size, size))[0]
    except LayerError:
        return
    read = influence((layer,), size)
    unread = size - 1 - read[-1] if read else size
    assert row.unused == (unread, unread)


@pytest.mark.parametrize(
    "layers",
    [
        (Conv(1, 5), Pool("average", 2), Conv(1, 3)),
        (Conv(1, 3, stride=2), Conv(1, 3, dilation=2), Pool("average", 3, 2)),
        (Conv(1, 3, padding="same"), Conv(1, 3, stride=3), Conv(1, 1), Pool("average", 2, 1)),
        (ConvTranspose(1, 4, stride=2, padding=1),),
        (ConvTranspose(1, 2, stride=2), Conv(1, 3)),
        (Pool("average", 2), ConvTranspose(1, 3, stride=2), Conv(1, 3)),
        (Pool("average", 3), ConvTranspose(1, 2, stride=3), Conv(1, 2), ConvTranspose(1, 3, stride=2)),
        (Conv(1, 3), AdaptivePool("average", 20), Conv(1, 2)),
        (Pool("average", 3), AdaptivePool("average", 8)),
        (Conv(1, 3), Pool("average", 2, 1), BlurPool(3), BlurPool(5, 1), BlurPool(4, 2)),
    ],
)
def test_a_receptive_field_is_as_wide_as_what_moves_the_widest_unit(layers: tuple[Layer, ...]) -> None:
    rows = analyze(layers, (1, 48, 48))
    middle = rows[-1].output_shape[-1] // 2
    seen = [influence(layers, 48, unit) for unit in range(middle, middle + 4)]
    assert max(columns[-1] - columns[0] + 1 for columns in seen) == rows[-1].receptive_field


def test_receptive_field_and_jump_of_both_axes() -> None:
    rows = analyze([Conv(4, (3, 5), stride=(1, 2)), Pool("max", 2), ConvTranspose(2, 2, stride=4)], (1, 20, 30))
    assert [row.receptive_field for row in rows] == [(3, 5), (4, 7), (4, 7)]
    assert [row.jump for row in rows] == [(1, 2), (2, 4), (Fraction(1, 2), 1)]


def test_sizes_stay_bounded() -> None:
    with pytest.raises(LayerError, match=r"layer 3: .* 2,160,\d+ × 2,160,\d+,.* 1,000,000"):
        analyze([ConvTranspose(1, 60, stride=60)] * 4, (1, 10, 10))
    with pytest.raises(LayerError, match="at most 1,000 layers"):
        analyze([Activation()] * 1_001, (1, 10, 10))


def test_what_is_too_large_to_build_is_analyzed_and_named() -> None:
    rows = analyze([Flatten(), Linear(1_000_000), Linear(10)], (1, 28, 28))
    assert totals(rows).parameters > MAX_PARAMETERS
    with pytest.raises(LayerError, match=r"layer 2: .* 795,000,010 parameters") as caught:
        check_buildable(rows)
    assert caught.value.index == 1
    with pytest.raises(LayerError, match=r"layer 1: .* need 1.87\u202fGiB, .* is 1.00\u202fGiB"):
        check_buildable(analyze([Conv(1, 3, padding=10_000), Pool("max", 2)], (1, 28, 28)))


def test_rows_join_up_and_weights_and_biases_are_apart() -> None:
    rows = analyze(LENET_5, (1, 32, 32))
    assert all(before.output_shape == after.input_shape for before, after in pairwise(rows))
    assert (rows[0].weights, rows[0].biases) == (150, 6)
    assert rows[0].activation_bytes == 4 * math.prod(rows[0].output_shape)
    assert analyze([], (1, 32, 32)) == []
    assert totals([]).parameters == 0
