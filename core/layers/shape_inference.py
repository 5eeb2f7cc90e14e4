"""Infer one layer's output shape, cost and step of the receptive field."""

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

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
    Residual,
    RoutedCapsules,
    Unflatten,
    Upsample,
    pair,
)
from core.layers.validation import (
    LIMITS,
    LayerError,
    check_groups,
    check_norm_groups,
    checked_output_shape,
    describe_misfit,
    format_size,
    refuse_capsules,
    require_capsules,
    require_planes,
    window_spans,
)
from core.shapes import describe_shape, format_shape

Shape = tuple[int, ...]  # (C, H, W), (capsules, dimensions), or (N,) after a Flatten


class Step(NamedTuple):
    """A layer's reach on one axis: L + 1 neighboring outputs see (L * multiply + add) // divide + 1 inputs."""

    multiply: int
    add: int
    divide: int = 1


IDENTITY_STEP = Step(1, 0)


class LayerShapes(NamedTuple):
    """The output shape and cost of one layer for one input shape."""

    shape: Shape
    weights: int = 0
    biases: int = 0
    buffers: int = 0
    macs: int = 0
    steps: tuple[Step, Step] = (IDENTITY_STEP, IDENTITY_STEP)  # (down, right)
    unused: tuple[int, int] = (0, 0)  # (right, bottom)
    plane: tuple[int, int] | None = None  # (H, W) of the positions, of capsules that have some


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
        case Conv():
            return _conv(layer, index, require_planes(index, "a convolution", shape))
        case ConvTranspose():
            return _conv_transpose(layer, index, require_planes(index, "a transposed convolution", shape))
        case Pool():
            return _pool(layer, index, require_planes(index, "pooling", shape))
        case LPPool():
            window = Pool("average", layer.kernel, layer.stride, ceil=layer.ceil)
            return _pool(window, index, require_planes(index, "Lp pooling", shape))
        case BlurPool():
            return _blur_pool(layer, index, require_planes(index, "blur pooling", shape))
        case Upsample():
            return _upsample(layer, index, require_planes(index, "upsampling", shape))
        case PixelShuffle():
            return _pixel_shuffle(layer, index, require_planes(index, "a pixel shuffle", shape))
        case Pad():
            return _pad(layer, index, require_planes(index, "padding", shape))
        case AdaptivePool():
            return _adaptive_pool(layer, require_planes(index, "adaptive pooling", shape))
        case GlobalPool():
            channels, height, width = require_planes(index, "global pooling", shape)
            return LayerShapes((channels, 1, 1), steps=(Step(height, height - 1), Step(width, width - 1)))
        case Flatten():
            return LayerShapes((math.prod(shape),))
        case Unflatten():
            planes = checked_output_shape(index, layer.channels, pair(layer.plane))
            if len(shape) != 1 or math.prod(planes) != shape[0]:
                raise LayerError(
                    index,
                    f"unflattening to {format_shape(planes)} needs a list of {math.prod(planes):,} numbers, but its "
                    f"input is {describe_shape(shape)}.",
                )
            return LayerShapes(planes)
        case PrimaryCapsules():
            return _primary_capsules(layer, index, require_planes(index, "a layer of primary capsules", shape))
        case RoutedCapsules():
            count, size = require_capsules(index, "a layer of routed capsules", shape)
            products = count * layer.capsules * size * layer.dimensions
            return LayerShapes(
                (layer.capsules, layer.dimensions),
                weights=products // count if layer.shared else products,
                macs=products,
            )
        case CapsuleDecoder():
            count, size = require_capsules(index, "a decoder", shape)
            units = (count * size, layer.first, layer.second, math.prod(picture))
            weights = sum(before * after for before, after in itertools.pairwise(units))
            return LayerShapes(shape, weights=weights, biases=sum(units[1:]), macs=weights)
        case CapsuleLengths():
            return LayerShapes((require_capsules(index, "a layer of lengths", shape)[0],))
        case Linear():
            refuse_capsules(index, "a fully connected layer", shape)
            if len(shape) == 3:
                raise LayerError(
                    index,
                    f"a fully connected layer needs a flat input, but gets {describe_shape(shape)}: add a Flatten "
                    "before it.",
                )
            weights = shape[0] * layer.units
            return LayerShapes((layer.units,), weights=weights, biases=layer.units * layer.bias, macs=weights)
        case BatchNorm():
            refuse_capsules(index, "a batch norm", shape)
            trained = shape[0] * layer.affine
            return LayerShapes(shape, weights=trained, biases=trained, buffers=2 * shape[0])
        case GroupNorm() | InstanceNorm() | LayerNorm():
            return _norm(layer, index, shape)
        case PReLU():
            refuse_capsules(index, "an activation function", shape)
            return LayerShapes(shape, weights=shape[0] if layer.per_channel else 1)
        case Activation() | Dropout():
            refuse_capsules(index, "an activation function" if isinstance(layer, Activation) else "dropout", shape)
            if isinstance(layer, Dropout) and layer.kind == "channels":
                require_planes(index, "dropout of whole channels", shape)
            return LayerShapes(shape)
        case Residual():
            raise AssertionError("core.layers.calculator infers a block layer by layer")


def _conv(layer: Conv, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer a convolution."""
    channels, *plane = shape
    check_groups(index, layer, channels)
    kernel, stride, dilation = pair(layer.kernel), pair(layer.stride), pair(layer.dilation)
    spans = window_spans(kernel, dilation)
    weights = layer.filters * kernel[0] * kernel[1] * (channels // layer.groups)
    if layer.padding == "same":
        if stride != (1, 1):
            near = format_size(tuple((span - 1) // 2 for span in spans))
            reason = f'padding "same" needs stride 1, not {format_size(stride)}: use stride 1, or padding {near}.'
            raise LayerError(index, reason)
        output = (plane[0], plane[1])
        unused = (0, 0)
    else:
        padding = pair(layer.padding)
        if any(span > n + 2 * p for span, n, p in zip(spans, plane, padding, strict=True)):
            raise LayerError(
                index, describe_misfit("kernel", plane, kernel, dilation, padding, most_padding=LIMITS["padding"][1])
            )
        output = (
            (plane[0] + 2 * padding[0] - spans[0]) // stride[0] + 1,
            (plane[1] + 2 * padding[1] - spans[1]) // stride[1] + 1,
        )
        unused = _unused(plane, output, kernel, stride, padding, dilation)
    return LayerShapes(
        checked_output_shape(index, layer.filters, output),
        weights=weights,
        biases=layer.filters * layer.bias,
        macs=weights * output[0] * output[1],
        steps=(Step(stride[0], spans[0] - 1), Step(stride[1], spans[1] - 1)),
        unused=unused,
    )


def _primary_capsules(layer: PrimaryCapsules, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer primary capsules: a convolution, whose planes are then read as vectors."""
    planes = layer.types * layer.dimensions
    found = _conv(Conv(planes, layer.kernel, layer.stride, layer.padding), index, shape)
    _, height, width = found.shape
    return found._replace(shape=(layer.types * height * width, layer.dimensions), plane=(height, width))


def _conv_transpose(layer: ConvTranspose, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer a transposed convolution."""
    channels, *plane = shape
    check_groups(index, layer, channels)
    kernel, stride, dilation = pair(layer.kernel), pair(layer.stride), pair(layer.dilation)
    padding, extra = pair(layer.padding), pair(layer.output_padding)
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        most = min(max(s, d) for s, d in zip(stride, dilation, strict=True)) - 1
        raise LayerError(
            index,
            f"output_padding {format_size(extra)} must be smaller than the stride or the dilation: use at most {most}.",
        )
    spans = window_spans(kernel, dilation)
    full = [(n - 1) * s + span + e for n, s, span, e in zip(plane, stride, spans, extra, strict=True)]
    output = (full[0] - 2 * padding[0], full[1] - 2 * padding[1])
    if min(output) < 1:
        most = min((n - 1) // 2 for n in full)
        raise LayerError(
            index,
            f"padding {format_size(padding)} removes the whole output of {format_shape(full)}: use padding of at most "
            f"{most}.",
        )
    weights = layer.filters * kernel[0] * kernel[1] * (channels // layer.groups)
    return LayerShapes(
        checked_output_shape(index, layer.filters, output),
        weights=weights,
        biases=layer.filters * layer.bias,
        macs=weights * plane[0] * plane[1],  # every input value is multiplied by every weight, once
        steps=(Step(1, spans[0] - 1, stride[0]), Step(1, spans[1] - 1, stride[1])),
        unused=(
            _cropped_on_axis(plane[1], output[1], kernel[1], stride[1], padding[1], dilation[1]),
            _cropped_on_axis(plane[0], output[0], kernel[0], stride[0], padding[0], dilation[0]),
        ),
    )


def _cropped_on_axis(n: int, count: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """Return the inputs at the far end of one axis all of whose copies of the filter are cropped by the padding."""
    last = -1
    for offset in (dilation * tap - padding for tap in range(kernel)):  # input i adds to the output i S + offset
        place = min((count - 1 - offset) // stride, n - 1)
        if place >= 0 and place * stride + offset >= 0:
            last = max(last, place)
    return n - 1 - last


def _pool(layer: Pool, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer a pooling layer."""
    channels, *plane = shape
    kernel, padding = pair(layer.kernel), pair(layer.padding)
    stride = kernel if layer.stride is None else pair(layer.stride)
    if any(2 * p > f for p, f in zip(padding, kernel, strict=True)):
        most = min(f // 2 for f in kernel)
        raise LayerError(
            index,
            f"padding {format_size(padding)} is more than half of the {format_shape(kernel)} window: use padding of at "
            f"most {most}, or a kernel of at least {2 * max(padding)}.",
        )
    dilation = pair(layer.dilation)
    spans = window_spans(kernel, dilation)
    output = (
        _window_count(plane[0], spans[0], stride[0], padding[0], layer.ceil),
        _window_count(plane[1], spans[1], stride[1], padding[1], layer.ceil),
    )
    if min(output) < 1:
        raise LayerError(
            index, describe_misfit("pooling window", plane, kernel, dilation, padding, most_padding=min(kernel) // 2)
        )
    return LayerShapes(
        checked_output_shape(index, channels, output),
        steps=(Step(stride[0], spans[0] - 1), Step(stride[1], spans[1] - 1)),
        unused=_unused(plane, output, kernel, stride, padding, dilation),
    )


def _upsample(layer: Upsample, index: int, shape: tuple[int, int, int]) -> LayerShapes:
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


def _pixel_shuffle(layer: PixelShuffle, index: int, shape: tuple[int, int, int]) -> LayerShapes:
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


def _pad(layer: Pad, index: int, shape: tuple[int, int, int]) -> LayerShapes:
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


def _norm(layer: GroupNorm | InstanceNorm | LayerNorm, index: int, shape: Shape) -> LayerShapes:
    """Infer a normalization within one picture: each output depends on all that is normalized together."""
    refuse_capsules(index, "a normalization", shape)
    whole = [Step(n, n - 1) for n in shape[1:]] or [IDENTITY_STEP, IDENTITY_STEP]
    if isinstance(layer, LayerNorm):
        if layer.axes > len(shape):
            raise LayerError(
                index, f"axes is {layer.axes}, but its input is {describe_shape(shape)}: use {len(shape)}."
            )
        numbers = math.prod(shape[-layer.axes :])
        _check_several(index, numbers, "put it where a list or a plane has several, or remove it")
        steps = (whole[0] if layer.axes > 1 else IDENTITY_STEP, whole[1])
        trained = numbers * layer.affine
        return LayerShapes(shape, weights=trained, biases=trained * layer.bias, steps=steps)
    if isinstance(layer, InstanceNorm):
        require_planes(index, "an instance norm", shape)
    groups = layer.groups if isinstance(layer, GroupNorm) else shape[0]
    check_norm_groups(index, groups, shape[0])
    smaller = "use fewer groups" if isinstance(layer, GroupNorm) and groups > 1 else "put it before the pooling"
    _check_several(index, math.prod(shape) // groups, f"{smaller}, or remove it")
    trained = shape[0] * layer.affine
    return LayerShapes(shape, weights=trained, biases=trained, steps=(whole[0], whole[1]))


def _check_several(index: int, numbers: int, advice: str) -> None:
    """Raise LayerError for a normalization of single numbers."""
    if numbers == 1:
        raise LayerError(index, f"it would normalize single numbers, which are then all 0: {advice}.")


def _window_count(n: int, kernel: int, stride: int, padding: int, ceil: bool) -> int:
    """Return the windows along one axis, as PyTorch counts them; less than 1 if none fits."""
    count = (n + 2 * padding - kernel + (stride - 1 if ceil else 0)) // stride + 1
    if ceil and (count - 1) * stride >= n + padding:
        count -= 1  # a last window that would start in the right padding is dropped
    return count


def _blur_pool(layer: BlurPool, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer a depthwise convolution with fixed weights: they count as MACs, not as parameters."""
    channels, *plane = shape
    kernel = (layer.kernel, layer.kernel)
    before, after = blur_padding(layer.kernel)
    if after >= min(plane):
        raise LayerError(
            index,
            f"a blur of {format_shape(kernel)} mirrors {after} pixels at the border, but the input is only "
            f"{format_shape(plane)}: use a kernel of at most {2 * min(plane) - 1}.",
        )
    stride = pair(layer.stride)
    output = (plane[0] - 1) // stride[0] + 1, (plane[1] - 1) // stride[1] + 1
    return LayerShapes(
        (channels, *output),
        buffers=layer.kernel**2,
        macs=layer.kernel**2 * channels * output[0] * output[1],
        steps=(Step(stride[0], layer.kernel - 1), Step(stride[1], layer.kernel - 1)),
        unused=_unused(plane, output, kernel, stride, (before, before), (1, 1)),
    )


def blur_padding(kernel: int) -> tuple[int, int]:
    """Return the pixels mirrored before and after a plane, so that a blur of `kernel` rows keeps its size."""
    return (kernel - 1) // 2, kernel // 2


def _adaptive_pool(layer: AdaptivePool, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer an adaptive pooling."""
    channels, height, width = shape
    rows, columns = pair(layer.size)
    return LayerShapes((channels, rows, columns), steps=(_adaptive_step(height, rows), _adaptive_step(width, columns)))


def _adaptive_step(n: int, count: int) -> Step:
    """Return the reach of the widest of `count` windows from floor(i n / count) to ceil((i + 1) n / count)."""
    common = math.gcd(n, count)
    n, count = n // common, count // common
    return Step(n, n + count - 2, count)


def _unused(
    plane: Sequence[int],
    output: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    dilation: tuple[int, int],
) -> tuple[int, int]:
    """Return (right, bottom) pixels of the input after the last one that a window reads; padding does not count."""
    bottom, right = (
        _unread_on_axis(*axis) for axis in zip(plane, output, kernel, stride, padding, dilation, strict=True)
    )
    return right, bottom


def _unread_on_axis(n: int, count: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """Return the pixels at the far end of one axis that no window reads."""
    if dilation == 1 and stride <= kernel:  # windows without gaps: the last one's last tap tells
        last = (count - 1) * stride + kernel - 1 - padding
    else:
        offsets = (dilation * tap - padding for tap in range(kernel))
        reads = (min(count - 1, (n - 1 - offset) // stride) * stride + offset for offset in offsets if offset < n)
        last = max(reads, default=-1)
    return n - 1 - min(max(last, -1), n - 1)
