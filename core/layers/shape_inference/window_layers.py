"""Infer the layers whose windows slide over planes: convolutions and poolings.

Each function takes a layer, its index in the network for the error message, and the shape of its input, (C, H, W).
It raises LayerError if they do not fit.
"""

from collections.abc import Sequence

from core.layers.setting_checks import LIMITS, LayerError
from core.layers.shape_inference.inferred_layer import LayerShapes
from core.layers.shape_inference.input_checks import check_groups, checked_output_shape
from core.layers.shape_inference.reach import Step
from core.layers.shape_inference.windows import (
    adaptive_step,
    blur_padding,
    cropped_pixels,
    unread_pixels,
    window_count,
    window_spans,
)
from core.layers.specs import AdaptivePool, BlurPool, Conv, ConvTranspose, Pool, PrimaryCapsules, pair
from core.size_text import format_shape, with_article


def conv(layer: Conv, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer a convolution."""
    channels, *plane = shape
    check_groups(index, layer, channels)
    kernel, stride, dilation = pair(layer.kernel), pair(layer.stride), pair(layer.dilation)
    spans = window_spans(kernel, dilation)
    weights = layer.filters * kernel[0] * kernel[1] * (channels // layer.groups)
    if layer.padding == "same":
        if stride != (1, 1):
            near = _format_size(tuple((span - 1) // 2 for span in spans))
            reason = f'padding "same" needs stride 1, not {_format_size(stride)}: use stride 1, or padding {near}.'
            raise LayerError(index, reason)
        output = (plane[0], plane[1])
        unused = (0, 0)
    else:
        padding = pair(layer.padding)
        if any(span > n + 2 * p for span, n, p in zip(spans, plane, padding, strict=True)):
            raise LayerError(
                index, _describe_misfit("kernel", plane, kernel, dilation, padding, most_padding=LIMITS["padding"][1])
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


def primary_capsules(layer: PrimaryCapsules, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer primary capsules: a convolution, whose planes are then read as vectors."""
    planes = layer.types * layer.dimensions
    found = conv(Conv(planes, layer.kernel, layer.stride, layer.padding), index, shape)
    _, height, width = found.shape
    return found._replace(shape=(layer.types * height * width, layer.dimensions), plane=(height, width))


def conv_transpose(layer: ConvTranspose, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer a transposed convolution."""
    channels, *plane = shape
    check_groups(index, layer, channels)
    kernel, stride, dilation = pair(layer.kernel), pair(layer.stride), pair(layer.dilation)
    padding, extra = pair(layer.padding), pair(layer.output_padding)
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        most = min(max(s, d) for s, d in zip(stride, dilation, strict=True)) - 1
        raise LayerError(
            index,
            f"output_padding {_format_size(extra)} must be smaller than the stride or the dilation: use at most "
            f"{most}.",
        )
    spans = window_spans(kernel, dilation)
    full = [(n - 1) * s + span + e for n, s, span, e in zip(plane, stride, spans, extra, strict=True)]
    output = (full[0] - 2 * padding[0], full[1] - 2 * padding[1])
    if min(output) < 1:
        most = min((n - 1) // 2 for n in full)
        raise LayerError(
            index,
            f"padding {_format_size(padding)} removes the whole output of {format_shape(full)}: use padding of at most "
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
            cropped_pixels(plane[1], output[1], kernel[1], stride[1], padding[1], dilation[1]),
            cropped_pixels(plane[0], output[0], kernel[0], stride[0], padding[0], dilation[0]),
        ),
    )


def pool(layer: Pool, index: int, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer a pooling layer."""
    channels, *plane = shape
    kernel, padding = pair(layer.kernel), pair(layer.padding)
    stride = kernel if layer.stride is None else pair(layer.stride)
    if any(2 * p > f for p, f in zip(padding, kernel, strict=True)):
        most = min(f // 2 for f in kernel)
        raise LayerError(
            index,
            f"padding {_format_size(padding)} is more than half of the {format_shape(kernel)} window: use padding of "
            f"at most {most}, or a kernel of at least {2 * max(padding)}.",
        )
    dilation = pair(layer.dilation)
    spans = window_spans(kernel, dilation)
    output = (
        window_count(plane[0], spans[0], stride[0], padding[0], layer.ceil),
        window_count(plane[1], spans[1], stride[1], padding[1], layer.ceil),
    )
    if min(output) < 1:
        raise LayerError(
            index, _describe_misfit("pooling window", plane, kernel, dilation, padding, most_padding=min(kernel) // 2)
        )
    return LayerShapes(
        checked_output_shape(index, channels, output),
        steps=(Step(stride[0], spans[0] - 1), Step(stride[1], spans[1] - 1)),
        unused=_unused(plane, output, kernel, stride, padding, dilation),
    )


def blur_pool(layer: BlurPool, index: int, shape: tuple[int, int, int]) -> LayerShapes:
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


def adaptive_pool(layer: AdaptivePool, shape: tuple[int, int, int]) -> LayerShapes:
    """Infer an adaptive pooling."""
    channels, height, width = shape
    rows, columns = pair(layer.size)
    return LayerShapes((channels, rows, columns), steps=(adaptive_step(height, rows), adaptive_step(width, columns)))


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
        unread_pixels(*axis) for axis in zip(plane, output, kernel, stride, padding, dilation, strict=True)
    )
    return right, bottom


def _format_size(size: tuple[int, ...]) -> str:
    """Return a size as a user writes it: one number, or (height, width) if the two differ.

    Examples:
        >>> _format_size((3, 3)), _format_size((3, 5))
        ('3', '(3, 5)')
    """
    return str(size[0]) if len(set(size)) == 1 else str(size)


def _describe_misfit(
    what: str,
    plane: Sequence[int],
    kernel: tuple[int, int],
    dilation: tuple[int, int],
    padding: tuple[int, int],
    most_padding: int,
) -> str:
    """Return why a window is too large for its input, and the nearest padding, dilation or kernel that would fit.

    Args:
        what: Name of the window in the sentence.
        plane: Input size, (H, W).
        kernel: Window size, (height, width).
        dilation: Dilation, (height, width).
        padding: Padding, (height, width).
        most_padding: The largest padding that the layer allows on both axes.

    Returns:
        A sentence.

    Examples:
        >>> _describe_misfit("kernel", (4, 4), (5, 5), (1, 1), (0, 0), most_padding=9)
        'a 5 × 5 kernel does not fit a 4 × 4 input: use padding 1 or a kernel of at most 4.'
    """
    axes = list(zip(plane, kernel, dilation, padding, strict=True))
    spans = window_spans(kernel, dilation)
    ways = []
    needed = max(-(-(span - n) // 2) for span, n in zip(spans, plane, strict=True))
    if needed <= most_padding:
        ways.append(f"padding {needed}")
    if dilation != (1, 1):
        widest = min((n + 2 * p - 1) // (f - 1) for n, f, _, p in axes if f > 1)
        if widest >= 1:
            ways.append(f"a dilation of at most {widest}")
    fitting = [min(f, (n + 2 * p - 1) // d + 1) for n, f, d, p in axes]
    ways.append(f"a kernel of at most {min(fitting) if kernel[0] == kernel[1] else format_shape(fitting)}")
    spread = f" with dilation {_format_size(dilation)} (spanning {format_shape(spans)})" if dilation != (1, 1) else ""
    edge = f" with padding {_format_size(padding)}" if padding != (0, 0) else ""
    listed = " or ".join([", ".join(ways[:-1]), ways[-1]] if ways[:-1] else ways)
    return f"{with_article(kernel)} {what}{spread} does not fit {with_article(plane)} input{edge}: use {listed}."
