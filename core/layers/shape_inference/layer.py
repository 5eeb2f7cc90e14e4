"""Infer one layer's output shape, cost and step of the receptive field."""

import itertools
import math

from core.layers import specs
from core.layers.setting_checks import LayerError
from core.layers.shape_inference import window_layers
from core.layers.shape_inference.inferred_layer import LayerShapes, Shape
from core.layers.shape_inference.input_checks import (
    check_norm_groups,
    checked_output_shape,
    refuse_capsules,
    require_capsules,
    require_planes,
)
from core.layers.shape_inference.reach import IDENTITY_STEP, Step
from core.layers.specs import Layer, pair
from core.size_text import describe_shape, format_shape


def infer(layer: Layer, index: int, shape: Shape, picture: Shape = ()) -> LayerShapes:
    """Return one layer's output shape and cost.

    Args:
        layer: The layer, not a block.
        index: Its position, for the error message.
        shape: Shape of its input, (C, H, W), (capsules, dimensions), or (N,) after a Flatten.
        picture: Shape of the network's input, (C, H, W), which a decoder draws.

    Returns:
        Output shape, weights, biases, buffers, MACs, steps of the receptive field, unread pixels.

    Raises:
        LayerError: The layer does not fit its input.
    """
    match layer:
        case specs.Conv():
            return window_layers.conv(layer, index, require_planes(index, "a convolution", shape))
        case specs.ConvTranspose():
            return window_layers.conv_transpose(layer, index, require_planes(index, "a transposed convolution", shape))
        case specs.Pool():
            return window_layers.pool(layer, index, require_planes(index, "pooling", shape))
        case specs.LPPool():
            window = specs.Pool("average", layer.kernel, layer.stride, ceil=layer.ceil)
            return window_layers.pool(window, index, require_planes(index, "Lp pooling", shape))
        case specs.BlurPool():
            return window_layers.blur_pool(layer, index, require_planes(index, "blur pooling", shape))
        case specs.Upsample():
            return _upsample(layer, index, require_planes(index, "upsampling", shape))
        case specs.PixelShuffle():
            return _pixel_shuffle(layer, index, require_planes(index, "a pixel shuffle", shape))
        case specs.Pad():
            return _pad(layer, index, require_planes(index, "padding", shape))
        case specs.AdaptivePool():
            return window_layers.adaptive_pool(layer, require_planes(index, "adaptive pooling", shape))
        case specs.GlobalPool():
            channels, height, width = require_planes(index, "global pooling", shape)
            return LayerShapes((channels, 1, 1), steps=(Step(height, height - 1), Step(width, width - 1)))
        case specs.Flatten():
            return LayerShapes((math.prod(shape),))
        case specs.Unflatten():
            planes = checked_output_shape(index, layer.channels, pair(layer.plane))
            if len(shape) != 1 or math.prod(planes) != shape[0]:
                raise LayerError(
                    index,
                    f"unflattening to {format_shape(planes)} needs a list of {math.prod(planes):,} numbers, but its "
                    f"input is {describe_shape(shape)}.",
                )
            return LayerShapes(planes)
        case specs.PrimaryCapsules():
            return window_layers.primary_capsules(
                layer, index, require_planes(index, "a layer of primary capsules", shape)
            )
        case specs.RoutedCapsules():
            count, size = require_capsules(index, "a layer of routed capsules", shape)
            products = count * layer.capsules * size * layer.dimensions
            return LayerShapes(
                (layer.capsules, layer.dimensions),
                weights=products // count if layer.shared else products,
                macs=products,
            )
        case specs.CapsuleDecoder():
            count, size = require_capsules(index, "a decoder", shape)
            units = (count * size, layer.first, layer.second, math.prod(picture))
            weights = sum(before * after for before, after in itertools.pairwise(units))
            return LayerShapes(shape, weights=weights, biases=sum(units[1:]), macs=weights)
        case specs.CapsuleLengths():
            return LayerShapes((require_capsules(index, "a layer of lengths", shape)[0],))
        case specs.Linear():
            refuse_capsules(index, "a fully connected layer", shape)
            if len(shape) == 3:
                raise LayerError(
                    index,
                    f"a fully connected layer needs a flat input, but gets {describe_shape(shape)}: add a Flatten "
                    "before it.",
                )
            weights = shape[0] * layer.units
            return LayerShapes((layer.units,), weights=weights, biases=layer.units * layer.bias, macs=weights)
        case specs.BatchNorm():
            refuse_capsules(index, "a batch norm", shape)
            trained = shape[0] * layer.affine
            return LayerShapes(shape, weights=trained, biases=trained, buffers=2 * shape[0])
        case specs.GroupNorm() | specs.InstanceNorm() | specs.LayerNorm():
            return _norm(layer, index, shape)
        case specs.PReLU():
            refuse_capsules(index, "an activation function", shape)
            return LayerShapes(shape, weights=shape[0] if layer.per_channel else 1)
        case specs.Activation() | specs.Dropout():
            refuse_capsules(
                index, "an activation function" if isinstance(layer, specs.Activation) else "dropout", shape
            )
            if isinstance(layer, specs.Dropout) and layer.kind == "channels":
                require_planes(index, "dropout of whole channels", shape)
            return LayerShapes(shape)
        case specs.Residual():
            raise AssertionError("core.layers.calculator infers a block layer by layer")


def _upsample(layer: specs.Upsample, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer an upsampling: each output is a mean of at most two (bilinear) or four (bicubic) inputs on each axis."""
    channels, height, width = shape
    scale = pair(layer.scale)
    if layer.corners and layer.kind == "nearest":
        raise LayerError(index, "corners can stay where they are only with bilinear or bicubic: leave it out.")
    taps = {"nearest": 1, "bilinear": 2, "bicubic": 4}[layer.kind]
    output = checked_output_shape(index, channels, (height * scale[0], width * scale[1]))
    down, right = (
        Step(n - 1, (taps - 1) * (count - 1) + count - 2, count - 1)  # a neighbor lies (n - 1) / (count - 1) further
        if layer.corners and count > 1
        else Step(1, taps * s - 1, s)
        for n, count, s in zip((height, width), output[1:], scale, strict=True)
    )
    return LayerShapes(output, steps=(down, right))


def _pixel_shuffle(layer: specs.PixelShuffle, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer a pixel shuffle."""
    channels, height, width = shape
    if channels % layer.factor**2:
        raise LayerError(
            index,
            f"a pixel shuffle by {layer.factor} makes one plane of {layer.factor**2:,}, but {channels:,} are not a "
            "multiple of it: change the filters before it.",
        )
    output = checked_output_shape(index, channels // layer.factor**2, (height * layer.factor, width * layer.factor))
    step = Step(1, layer.factor - 1, layer.factor)
    return LayerShapes(output, steps=(step, step))


def _pad(layer: specs.Pad, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer a padding; what mirrors or repeats the plane can't reach further than the plane does."""
    channels, *plane = shape
    for n, added in zip(plane, (pair(layer.rows), pair(layer.columns)), strict=True):
        most = {"reflect": n - 1, "circular": n}.get(layer.kind, max(added))
        if max(added) > most:
            raise LayerError(
                index, f"{layer.kind} padding of {max(added)} is too large for {n} pixels: use at most {most}."
            )
    output = plane[0] + sum(pair(layer.rows)), plane[1] + sum(pair(layer.columns))
    around = layer.kind == "circular"  # two neighbors can lie at opposite ends of the plane
    steps = tuple(
        Step(n, n - 1) if around and any(pair(added)) else IDENTITY_STEP
        for n, added in zip(plane, (layer.rows, layer.columns), strict=True)
    )
    return LayerShapes(checked_output_shape(index, channels, output), steps=(steps[0], steps[1]))


def _norm(layer: specs.GroupNorm | specs.InstanceNorm | specs.LayerNorm, index: int, shape: Shape) -> LayerShapes:
    """Infer a normalization within one picture: each output depends on all that is normalized together."""
    refuse_capsules(index, "a normalization", shape)
    whole = [Step(n, n - 1) for n in shape[1:]] or [IDENTITY_STEP, IDENTITY_STEP]
    if isinstance(layer, specs.LayerNorm):
        if layer.axes > len(shape):
            raise LayerError(
                index, f"axes is {layer.axes}, but its input is {describe_shape(shape)}: use {len(shape)}."
            )
        numbers = math.prod(shape[-layer.axes :])
        _check_several(index, numbers, "put it where a list or a plane has several, or remove it")
        steps = (whole[0] if layer.axes > 1 else IDENTITY_STEP, whole[1])
        trained = numbers * layer.affine
        return LayerShapes(shape, weights=trained, biases=trained * layer.bias, steps=steps)
    if isinstance(layer, specs.InstanceNorm):
        require_planes(index, "an instance norm", shape)
    groups = layer.groups if isinstance(layer, specs.GroupNorm) else shape[0]
    check_norm_groups(index, groups, shape[0])
    smaller = "use fewer groups" if isinstance(layer, specs.GroupNorm) and groups > 1 else "put it before the pooling"
    _check_several(index, math.prod(shape) // groups, f"{smaller}, or remove it")
    trained = shape[0] * layer.affine
    return LayerShapes(shape, weights=trained, biases=trained, steps=(whole[0], whole[1]))


def _check_several(index: int, numbers: int, advice: str) -> None:
    """Raise LayerError for a normalization of single numbers."""
    if numbers == 1:
        raise LayerError(index, f"it would normalize single numbers, which are then all 0: {advice}.")
