"""The layers of ONNX nodes whose windows slide over planes: convolutions and poolings, with their padding."""

from collections.abc import Callable, Mapping
from typing import Any

from core.layers.parse.graph.node import Node, fixed, integers
from core.layers.parse.trace import Entry, RefusedError
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import Conv, ConvTranspose, Layer, LPPool, Pad, Pool, PoolKind

BLUR = "blur"  # the name of a convolution with the weights of a BlurPool
NO_PADDING = (0, 0, 0, 0)


def conv(node: Node) -> tuple[Entry, ...]:
    """Return a convolution, after a padding of its own if needed."""
    filters, depth, *kernel = node.weights_shape
    window, groups = node.size("kernel_shape", kernel), int(node.settings.get("group", 1))
    stride, dilation = node.size("strides"), node.size("dilations")
    with_bias = len(node.others) > 1
    is_same = stride == (1, 1) and _is_same(node, window, dilation)

    def make(padding: Any, bias: bool = with_bias) -> Conv:
        return Conv(filters, window, stride, "same" if is_same else padding, dilation, groups, bias)

    written = {"in_channels": depth * groups}
    *before, made = (node.entry(make(0), written),) if is_same else _windowed(node, make, window, written)
    if with_bias:
        return (*before, made)
    (whole,) = made.make(())
    if node.others[0] in node.constants.blurs and groups == filters:
        return (*before, fixed(node.place, BLUR, whole, written))
    assert isinstance(whole, Conv)
    return (*before, node.entry(whole, {**written, "no_bias": make(whole.padding, True)}))  # a node may add a bias


def _is_same(node: Node, window: tuple[int, int], dilation: tuple[int, int]) -> bool:
    """Return whether a convolution's padding is PyTorch's "same", and not one that a spec can hold as a number."""
    if node.settings.get("auto_pad") == b"SAME_UPPER":
        return True
    totals = [d * (f - 1) for f, d in zip(window, dilation, strict=True)]
    before, after = [total // 2 for total in totals], [total - total // 2 for total in totals]
    return before != after and list(node.settings.get("pads", ())) == [*before, *after]


def conv_transpose(node: Node) -> tuple[Entry, ...]:
    """Return a transposed convolution."""
    depth, filters, *kernel = node.weights_shape
    window, groups = node.size("kernel_shape", kernel), int(node.settings.get("group", 1))
    if "output_shape" in node.settings or node.settings.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        raise RefusedError("ConvTranspose can be read where its padding is written out.")

    def make(padding: Any) -> Layer:
        stride, dilation, extra = node.size("strides"), node.size("dilations"), node.size("output_padding", (0, 0))
        return ConvTranspose(filters * groups, window, stride, padding, dilation, groups, len(node.others) > 1, extra)

    return _windowed(node, make, window, {"in_channels": depth})


def pool(node: Node) -> tuple[Entry, ...]:
    """Return a max, average or Lp pooling, after a padding of its own if needed."""
    window, stride = node.size("kernel_shape", ()), node.size("strides")
    ceil = bool(node.settings.get("ceil_mode", 0))
    if node.kind == "LpPool":
        return (node.entry(LPPool(float(node.settings.get("p", 2)), window, stride, ceil)),)

    def make(padding: Any) -> Layer:
        kind: PoolKind = "max" if node.kind == "MaxPool" else "average"
        return Pool(kind, window, stride, padding, ceil, node.size("dilations"))

    return _windowed(node, make, window, {})


def _windowed(
    node: Node, make: Callable[[Any], Layer], window: tuple[int, int], written: Mapping[str, object]
) -> tuple[Entry, ...]:
    """Return a layer with a window, after a padding of its own where that differs between opposite sides.

    Args:
        node: The node.
        make: Makes the layer with a padding.
        window: F, (height, width).
        written: Sizes of its input that the graph states.
    """
    auto = node.settings.get("auto_pad", b"NOTSET")
    if auto in (b"SAME_UPPER", b"SAME_LOWER"):
        around = _padding_for_same(node, window, more_after=auto == b"SAME_UPPER")
        return Entry(node.place, node.kind, around), node.entry(make(0), written)
    top, left, bottom, right = integers(node.settings.get("pads", NO_PADDING))
    if (top, left) == (bottom, right):
        return (node.entry(make((top, left)), written),)
    if node.kind in ("MaxPool", "ConvTranspose"):
        raise RefusedError(f"{node.kind} with unequal padding on opposite sides cannot be read.")
    return node.entry(Pad((top, bottom), (left, right))), node.entry(make(0), written)


def _padding_for_same(node: Node, window: tuple[int, int], *, more_after: bool) -> Callable[[Shape], tuple[Layer, ...]]:
    """Return what makes the padding with which the output has ceil(n / S) pixels on each axis."""
    stride, dilation = node.size("strides"), node.size("dilations")
    spans = [d * (f - 1) + 1 for f, d in zip(window, dilation, strict=True)]

    def make(shape: Shape) -> tuple[Layer, ...]:
        totals = [max((-(-n // s) - 1) * s + span - n, 0) for n, s, span in zip(shape[1:], stride, spans, strict=True)]
        halves = [(total // 2, total - total // 2) for total in totals]
        rows, columns = halves if more_after else [(after, before) for before, after in halves]
        return (Pad(rows, columns),) if any(totals) else ()

    return make
