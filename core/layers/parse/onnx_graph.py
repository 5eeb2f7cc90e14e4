"""Read a network from an ONNX file: its graph's nodes, shapes and settings. No weight is used, nothing is executed."""

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError

from core.layers.parse.torch_calls import refusing
from core.layers.parse.values import Entry, Make, ParseError, RefusedError, Shape, Trace, join
from core.layers.shape_inference import blur_padding
from core.layers.specs import (
    Activation,
    ActivationKind,
    BatchNorm,
    BlurPool,
    Conv,
    ConvTranspose,
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
    Unflatten,
    Upsample,
    pair,
)

MAX_NODES = 10_000
MAX_KNOWN = 64  # numbers of a constant that are read: shapes, paddings, scales
MAX_LOOKED_AT = 200_000  # numbers of one of which it is seen whether all are the same, or a blur
MAX_BLUR_KERNEL = 7
ACTIVATIONS: dict[str, ActivationKind] = {
    "Relu": "relu",
    "LeakyRelu": "leaky_relu",
    "Elu": "elu",
    "Selu": "selu",
    "Celu": "celu",
    "Gelu": "gelu",
    "Mish": "mish",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "HardSigmoid": "hardsigmoid",
    "HardSwish": "hardswish",
    "Swish": "silu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
}
# Activations that a graph spells out, without plain numbers: as a product, difference or quotient with their input,
PRODUCTS: dict[tuple[str, ...], ActivationKind] = {
    ("Mul", "Sigmoid"): "silu",
    ("Mul", "HardSigmoid"): "hardswish",
    ("Mul", "Clip"): "hardswish",
    ("Mul", "Softplus", "Tanh"): "mish",
    ("Mul", "Erf"): "gelu",
    ("Sub", "Tanh"): "tanhshrink",
    ("Div", "Abs"): "softsign",
    ("Where", "Softplus"): "softplus",  # and the input itself from a threshold on
}
CHAINS: dict[tuple[str, ...], ActivationKind] = {  # and as one node after another
    ("Neg", "Exp", "Log", "Neg"): "logsigmoid",
    ("Neg", "Softplus", "Neg"): "logsigmoid",
    ("Exp", "Log"): "softplus",
    ("Sigmoid", "Log"): "logsigmoid",
    ("Softmax", "Log"): "log_softmax",
}
LONGEST_CHAIN = max(map(len, CHAINS))
PARTS = {"Abs", "Erf", "Exp", "Greater", "Log", "Neg", "Pow", "Reciprocal", "Sign", "Sqrt"}  # no layers by themselves
BLUR = "blur"  # a convolution with the weights of a BlurPool
GROUPS, GROUPED = "groups", "normalized groups"  # planes as groups of channels, before and after a normalization
PASSED = {"Identity", "Cast", "Dropout"}  # which leave a picture as it is when the network is used
VIEWS = "The graph takes the mean over views of each picture: the network is read as for one of them."
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)  # what nonsense in a file raises
NUMBER = "number"  # an entry for arithmetic with a constant, or between two layers


class Graph:
    """Follows one graph: what each of its tensors is, a picture on its way or a constant."""

    def __init__(self, model: Any) -> None:
        """Take in the constants and the picture's shape."""
        graph = model.graph
        self.node_count = len(graph.node)
        self.shapes: dict[str, Shape] = {}  # of constants
        self.numbers: dict[str, list[float]] = {}  # of small ones
        self.uniform: dict[str, float] = {}  # the value of those that hold one value alone
        self.blurs: set[str] = set()  # those that are BlurPool's
        self.settings: dict[int, float] = {}  # exponents and groups, by the entry
        self.traces: dict[str, Trace] = {}
        self.notes: dict[str, None] = {}
        for constant in graph.initializer:
            self.constant(constant.name, constant)
        inputs = [one for one in graph.input if one.name not in self.shapes]
        if not inputs:
            raise ParseError(1, "this graph has no input.", unit="node")
        self.picture = tuple(size.dim_value for size in inputs[0].type.tensor_type.shape.dim)
        self.traces[inputs[0].name] = Trace()
        if len(inputs) > 1:
            self.notes["The graph has several inputs: the first is taken as the picture."] = None

    def constant(self, name: str, tensor: Any) -> None:
        """Keep a constant's shape, and its numbers if they are few and in the file itself."""
        shape = tuple(tensor.dims)
        self.shapes[name] = shape
        if math.prod(shape) <= MAX_KNOWN and self.is_here(tensor):
            with suppress(*UNREADABLE):  # texts, and kinds of numbers that numpy lacks
                self.numbers[name] = [float(value) for value in onnx.numpy_helper.to_array(tensor).ravel()]
        blur = len(shape) == 4 and shape[1] == 1 and shape[2] == shape[3] <= MAX_BLUR_KERNEL
        if (blur or len(shape) in (1, 3)) and 0 < math.prod(shape) <= MAX_LOOKED_AT and self.is_here(tensor):
            with suppress(*UNREADABLE):
                values = onnx.numpy_helper.to_array(tensor)
                if (values == values.flat[0]).all():
                    self.uniform[name] = float(values.flat[0])
                row = np.array([math.comb(shape[-1] - 1, place) for place in range(shape[-1])]) if blur else 0
                if blur and np.allclose(values, np.outer(row, row) / 4 ** (shape[-1] - 1)):
                    self.blurs.add(name)

    @staticmethod
    def is_here(tensor: Any) -> bool:
        """Return whether a constant's numbers are in the file itself."""
        return bool(tensor.data_location != onnx.TensorProto.EXTERNAL)

    def is_plain(self, scale: str, shift: str) -> bool:
        """Return whether a normalization's scale and shift are no weights: ones and zeros that the exporter made."""
        plain = self.uniform.get(scale) == 1 and (not shift or self.uniform.get(shift) == 0)
        return plain and not scale.endswith("weight")

    def follow(self, node: Any, place: int) -> None:
        """Follow one node."""
        settings = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
        if node.op_type == "Constant":
            if "value" in settings:
                self.constant(node.output[0], settings["value"])
            elif settings:
                value = next(iter(settings.values()))
                numbers = list(value) if isinstance(value, Iterable) and not isinstance(value, bytes | str) else [value]
                self.shapes[node.output[0]] = (len(numbers),)
                self.numbers[node.output[0]] = [float(one) for one in numbers if isinstance(one, int | float)]
            return
        coming = [self.traces[name] for name in node.input if name in self.traces]
        if not coming or node.op_type == "Shape":
            return  # arithmetic with shapes: what it gives is not known
        try:
            going = (
                self.joined(node, coming, settings, place)
                if len(coming) > 1
                else self.after(node, coming[0], settings, place)
            )
        except RefusedError as error:
            going = Trace((*coming[0].entries, refusing(place, node.op_type, str(error))))
        except UNREADABLE:
            reason = f"{node.op_type:.40} lacks a setting that is needed, or has one that cannot be read."
            going = Trace((*coming[0].entries, refusing(place, node.op_type, reason)))
        for name in node.output:
            self.traces[name] = going

    def joined(self, node: Any, coming: Sequence[Trace], settings: dict[str, Any], place: int) -> Trace:
        """Return what comes of two pictures: a block of their sum, or an activation that is a product."""
        if node.op_type == "Concat" and settings.get("axis") == 0:
            self.notes[VIEWS] = None
            return min(coming, key=lambda trace: len(trace.entries))
        if node.op_type in ("Add", "Sum") and len(coming) == 2:
            return join(coming[0], coming[1], place)
        if node.op_type == "Where" and len(coming) == 3:
            coming = [trace for trace in coming if not trace.entries or trace.entries[-1].name != "Greater"]
        if node.op_type in ("Mul", "Sub", "Div", "Where") and len(coming) == 2:
            first, second = (list(trace.entries) for trace in sorted(coming, key=lambda trace: len(trace.entries)))
            while first and first[-1].name == NUMBER and second[: len(first)] != first:
                first.pop()
            if first and first[-1].name == "Sign" and first[:-1] == second[:-2]:
                return Trace(tuple(first[:-1]))  # the sign times the size
            if second[: len(first)] == first:
                names = (node.op_type, *(one.name for one in second[len(first) :] if one.name != NUMBER))
                if names in PRODUCTS:
                    return Trace((*first, fixed(place, names[-1], Activation(PRODUCTS[names]))))
        what = {"Concat": "joined side by side", "Mul": "multiplied"}.get(node.op_type, f"joined by {node.op_type:.40}")
        called = f" ({node.name:.60})" if node.name else ""
        raise RefusedError(f"two pictures are {what} here{called}, which this app's layers cannot express.")

    def after(self, node: Any, trace: Trace, settings: dict[str, Any], place: int) -> Trace:
        """Return a picture's way after one node."""
        kind = node.op_type
        others = [name for name in node.input if name not in self.traces]
        if kind == "Transpose" and not trace.entries and list(settings["perm"]) == [0, 3, 1, 2]:
            self.picture = tuple(self.picture[axis] for axis in settings["perm"]) if len(self.picture) == 4 else ()
            return trace
        if kind in PASSED:
            return trace
        if kind in PARTS:
            reason = f"{kind} of a picture is no layer of this app, except as a part of an activation."
            part = refusing(place, kind, reason)
            if kind == "Pow" and others and len(self.numbers.get(others[0], ())) == 1:
                self.settings[id(part)] = self.numbers[others[0]][0]
            return chained(self, Trace((*trace.entries, part)), place)
        if grouped := self.grouped(kind, trace, others, place):
            return grouped
        if kind in ("Add", "Sub", "Mul", "Div"):
            return self.arithmetic(kind, trace, others, place)
        if kind in ("ReduceSum", "ReduceMean") and self.values(others, 0, settings, "axes") == [0]:
            return trace  # over the views of a picture
        entries = self.entries(kind, others, settings, place)
        return chained(self, Trace((*trace.entries, *entries)), place)

    def grouped(self, kind: str, trace: Trace, others: Sequence[str], place: int) -> Trace | None:
        """Return a picture's way after a node of a group normalization that is spelled out; None after others.

        The channels are laid out as groups, each group is normalized as a channel, and they are laid out as before.
        """
        last = trace.entries[-1].name if trace.entries else ""
        wanted = self.numbers.get(others[0], [])[1:] if kind == "Reshape" and others else []
        if kind == "InstanceNormalization" and last == GROUPS:
            return Trace((*trace.entries, refusing(place, GROUPED, "groups of channels are no layer's output.")))
        if kind == "Reshape" and last == GROUPED:
            count = int(self.settings[id(trace.entries[-2])])
            norm = fixed(place, "GroupNorm", GroupNorm(count, False), {"scaled": GroupNorm(count)})
            return Trace((*trace.entries[:-2], norm))
        if len(wanted) == 2 and wanted[0] > 0 and wanted[1] == -1:
            reason = "Reshape changes a picture's shape in a way that cannot be read."
            self.settings[id(part := refusing(place, GROUPS, reason))] = wanted[0]
            return Trace((*trace.entries, part))
        return None

    def arithmetic(self, kind: str, trace: Trace, others: Sequence[str], place: int) -> Trace:
        """Return a picture's way after a constant is added to it, or it is multiplied by one: perhaps a bias."""
        shape = self.shapes.get(others[0], ()) if others else ()
        last = trace.entries[-1] if trace.entries else None
        if kind == "Mul" and last is not None and "scaled" in last.written and math.prod(shape) > 1:
            scaled: Any = last.written["scaled"]
            return Trace((*trace.entries[:-1], fixed(place, last.name, scaled, {"no_bias": scaled})))
        if kind == "Add" and last is not None and "no_bias" in last.written and math.prod(shape) > 1:
            with_bias: Any = last.written["no_bias"]
            return Trace((*trace.entries[:-1], fixed(place, last.name, with_bias, last.written, "no_bias")))
        note = () if trace.entries else ("Arithmetic before the first layer, as of a normalization, is left out.",)
        return Trace((*trace.entries, Entry(place, NUMBER, lambda shape: (), {}, note)))

    def entries(self, kind: str, others: Sequence[str], settings: dict[str, Any], place: int) -> tuple[Entry, ...]:
        """Return the layers of a node. Raises RefusedError for one that there is no layer for."""
        if kind in ACTIVATIONS:
            return (fixed(place, kind, Activation(ACTIVATIONS[kind])),)
        if (maker := MAKERS.get(kind)) is None:
            raise RefusedError(f"{kind:.40} is not an operation that can be read.")
        return maker(self, kind, others, settings, place)

    def values(self, others: Sequence[str], index: int, settings: dict[str, Any], name: str) -> list[float] | None:
        """Return numbers that are an attribute in some versions of ONNX and an input in others."""
        if name in settings:
            value = settings[name]
            return [float(one) for one in value] if isinstance(value, Iterable) else [float(value)]
        return self.numbers.get(others[index]) if index < len(others) else None


def chained(graph: Graph, trace: Trace, place: int) -> Trace:
    """Return a picture's way with the nodes at its end as one layer, if they are one that is spelled out."""
    last = islice((entry for entry in reversed(trace.entries) if entry.name != NUMBER), LONGEST_CHAIN)
    whole = list(last)[::-1]
    if [entry.name for entry in whole[-3:]] == ["Pow", "AveragePool", "Pow"] and id(whole[-3]) in graph.settings:
        (pool,) = whole[-2].make(())
        if isinstance(pool, Pool) and not pool.padding:
            norm = LPPool(graph.settings[id(whole[-3])], pool.kernel, pool.stride, pool.ceil)
            return Trace((*trace.entries[: trace.entries.index(whole[-3])], fixed(place, "LpPool", norm)))
    if [entry.name for entry in whole[-2:]] == ["pad", BLUR]:
        (pad,), (conv,) = whole[-2].make(()), whole[-1].make(())
        if isinstance(pad, Pad) and isinstance(conv, Conv) and isinstance(conv.kernel, int):
            edges = blur_padding(conv.kernel)
            if pad == Pad(edges, edges, "reflect"):
                blur = BlurPool(conv.kernel, conv.stride)
                return Trace((*trace.entries[: trace.entries.index(whole[-2])], fixed(place, "BlurPool", blur)))
    for names, kind in CHAINS.items():
        if tuple(entry.name for entry in whole[-len(names) :]) == names:
            before = trace.entries[: trace.entries.index(whole[-len(names)])]
            return Trace((*before, fixed(place, names[-1], Activation(kind))))
    return trace


Maker = Callable[[Graph, str, Sequence[str], dict[str, Any], int], tuple[Entry, ...]]


def fixed(place: int, name: str, layer: Layer, written: Any = None, without: str = "") -> Entry:
    """Return the entry of a layer that doesn't depend on its input."""
    kept = {key: value for key, value in (written or {}).items() if key != without}
    return Entry(place, name, lambda shape: (layer,), kept)


def _integers(values: Iterable[Any]) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def _size(values: Any, default: int = 1) -> Any:
    sizes = _integers(values) if values is not None else (default, default)
    if len(sizes) != 2:
        raise RefusedError("only windows over planes, with a height and a width, can be read.")
    return sizes


def _edges(settings: dict[str, Any], kernel: Any, dilation: Any, stride: Any) -> tuple[Make | None, Any, Any]:
    """Return the padding of a window: what makes it for a shape, or (rows, columns) as (before, after)."""
    auto = settings.get("auto_pad", b"NOTSET")
    if auto in (b"SAME_UPPER", b"SAME_LOWER"):
        spans = [d * (f - 1) + 1 for f, d in zip(pair(kernel), pair(dilation), strict=True)]

        def around(shape: Shape) -> tuple[Layer, ...]:
            totals = [
                max((-(-n // s) - 1) * s + span - n, 0)
                for n, s, span in zip(shape[1:], pair(stride), spans, strict=True)
            ]
            halves = [(total // 2, total - total // 2) for total in totals]
            sides = halves if auto == b"SAME_UPPER" else [(after, before) for before, after in halves]
            return (Pad(sides[0], sides[1]),) if any(totals) else ()

        return around, 0, 0
    top, left, bottom, right = _integers(settings.get("pads", (0, 0, 0, 0)))
    return None, (top, bottom), (left, right)


def _windowed(
    place: int, kind: str, settings: dict[str, Any], make: Callable[[Any], Layer], kernel: Any, written: Any
) -> tuple[Entry, ...]:
    """Return a layer with a window, after a padding of its own where that differs between opposite sides."""
    stride, dilation = _size(settings.get("strides")), _size(settings.get("dilations"))
    around, rows, columns = _edges(settings, kernel, dilation, stride)
    if around is not None:
        return Entry(place, kind, around), fixed(place, kind, make(0), written)
    if rows[0] == rows[1] and columns[0] == columns[1]:
        return (fixed(place, kind, make((rows[0], columns[0])), written),)
    if kind in ("MaxPool", "ConvTranspose"):
        raise RefusedError(f"{kind} with unequal padding on opposite sides cannot be read.")
    return fixed(place, kind, Pad(rows, columns)), fixed(place, kind, make(0), written)


def _conv(graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int) -> tuple[Entry, ...]:
    filters, depth, *kernel = graph.shapes[others[0]]
    window, groups = _size(settings.get("kernel_shape", kernel)), int(settings.get("group", 1))

    halves = [
        (d * (f - 1) // 2, d * (f - 1) - d * (f - 1) // 2)
        for f, d in zip(window, _size(settings.get("dilations")), strict=True)
    ]
    around = tuple(half[end] for end in (0, 1) for half in halves)  # as PyTorch's "same"
    same = settings.get("auto_pad") == b"SAME_UPPER" or (
        tuple(settings.get("pads", ())) == around and around[:2] != around[2:]
    )
    same = same and _size(settings.get("strides")) == (1, 1)
    if same:
        settings = {**settings, "auto_pad": b"NOTSET", "pads": (0, 0, 0, 0)}

    def make(padding: Any, bias: bool = len(others) > 1) -> Layer:
        stride, dilation = _size(settings.get("strides")), _size(settings.get("dilations"))
        return Conv(filters, window, stride, "same" if same else padding, dilation, groups, bias)

    made = _windowed(place, kind, settings, make, window, {"in_channels": depth * groups})
    if others[0] in graph.blurs and groups == filters and len(others) == 1:
        return (*made[:-1], fixed(place, BLUR, made[-1].make(())[0], made[-1].written))
    if len(others) == 1:  # a bias may be added by a node of its own
        whole: Any = made[-1].make(())[0]
        with_bias = make(whole.padding, True)
        made = (*made[:-1], fixed(place, kind, whole, {**made[-1].written, "no_bias": with_bias}))
    return made


def _conv_transpose(
    graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int
) -> tuple[Entry, ...]:
    depth, filters, *kernel = graph.shapes[others[0]]
    window, groups = _size(settings.get("kernel_shape", kernel)), int(settings.get("group", 1))
    if "output_shape" in settings or settings.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        raise RefusedError("ConvTranspose can be read where its padding is written out.")

    def make(padding: Any) -> Layer:
        sizes = _size(settings.get("strides")), padding, _size(settings.get("dilations"))
        extra = _size(settings.get("output_padding"), 0)
        return ConvTranspose(filters * groups, window, *sizes, groups, len(others) > 1, extra)

    return _windowed(place, kind, settings, make, window, {"in_channels": depth})


def _pool(graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int) -> tuple[Entry, ...]:
    window = _size(settings["kernel_shape"])
    stride, ceil = _size(settings.get("strides")), bool(settings.get("ceil_mode", 0))
    if kind == "LpPool":
        norm = LPPool(float(settings.get("p", 2)), window, stride, ceil)
        return (fixed(place, kind, norm),)

    def make(padding: Any) -> Layer:
        dilation = _size(settings.get("dilations"))
        return Pool("max" if kind == "MaxPool" else "average", window, stride, padding, ceil, dilation)

    return _windowed(place, kind, settings, make, window, {})


def _global_pool(
    graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int
) -> tuple[Entry, ...]:
    pool = GlobalPool("max" if "Max" in kind else "average")
    if kind.startswith("Reduce"):
        axes = graph.values(others, 0, settings, "axes")
        if axes is None or sorted(int(axis) % 4 for axis in axes) != [2, 3]:
            raise RefusedError(f"{kind} can be read over the height and the width, as a global pooling.")
        if not settings.get("keepdims", 1):
            return fixed(place, kind, pool), fixed(place, kind, Flatten())
    return (fixed(place, kind, pool),)


def _linear(graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int) -> tuple[Entry, ...]:
    shape = graph.shapes[others[0]]
    if len(shape) != 2 or settings.get("transA"):
        raise RefusedError(f"{kind} can be read with a constant matrix of weights.")
    units, features = shape if settings.get("transB") else (shape[1], shape[0])
    written: dict[str, object] = {"in_features": features}
    if len(others) == 1:
        written["no_bias"] = Linear(units)
    return (fixed(place, "Linear", Linear(units, len(others) > 1), written),)


def _flat(graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int) -> tuple[Entry, ...]:
    if kind == "Flatten":
        if settings.get("axis", 1) not in (1, -3):
            raise RefusedError("Flatten can be read from axis 1.")
        sizes: list[float] | None = [0, -1]
    elif kind == "Squeeze":
        sizes = None
    else:
        sizes = graph.numbers.get(others[0])

    def make(shape: Shape) -> tuple[Layer, ...]:
        wanted = [int(size) for size in sizes[1:]] if sizes is not None else [math.prod(shape)]
        if len(wanted) <= 1:
            if wanted not in ([], [-1], [math.prod(shape)]):
                raise RefusedError(f"this flattens to {wanted[0]:,} values, but the picture has {math.prod(shape):,}.")
            return (Flatten(),) if len(shape) > 1 else ()
        if len(shape) == 1 and wanted in ([-1, shape[0]], [-1, -1]):
            return ()  # the views of a picture, apart
        whole = [math.prod(shape) // abs(math.prod(wanted)) if size == -1 else size for size in wanted]
        if len(shape) == 1 and len(whole) == 3:
            return (Unflatten(whole[0], (whole[1], whole[2])),)
        if tuple(whole) == shape or all(size == 0 for size in wanted):
            return ()
        raise RefusedError(f"{kind} changes a picture's shape in a way that cannot be read.")

    return (Entry(place, "flatten" if sizes in ([0, -1], None) else "reshape", make),)


def _norm(graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int) -> tuple[Entry, ...]:
    channels = graph.shapes[others[0]]
    if kind == "LayerNormalization":
        axis = int(settings.get("axis", -1))

        def make(shape: Shape) -> tuple[Layer, ...]:
            axes = -axis if axis < 0 else len(shape) + 1 - axis
            if graph.is_plain(others[0], others[1] if len(others) > 1 else ""):
                return (LayerNorm(axes, False),)
            return (LayerNorm(axes, True, len(others) > 1),)

        return (Entry(place, kind, make),)
    affine = not graph.is_plain(others[0], others[1])
    norm = BatchNorm(affine) if kind == "BatchNormalization" else InstanceNorm(affine)
    return (fixed(place, kind, norm, {"num_features": channels[0]}),)


def _slope(graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int) -> tuple[Entry, ...]:
    return (fixed(place, kind, PReLU(math.prod(graph.shapes[others[0]]) > 1)),)


def _clip(graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int) -> tuple[Entry, ...]:
    low, high = (graph.values(others, index, settings, name) for index, name in enumerate(("min", "max")))
    kinds: dict[tuple[float, float], ActivationKind] = {(0.0, 6.0): "relu6", (-1.0, 1.0): "hardtanh"}
    found = kinds.get((low[0], high[0])) if low and high else None
    if found is None:
        raise RefusedError("Clip can be read from 0 to 6, as ReLU6, or from -1 to 1.")
    return (fixed(place, kind, Activation(found)),)


def _pad(graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int) -> tuple[Entry, ...]:
    pads = graph.values(others, 0, settings, "pads")
    modes: dict[bytes, Any] = {b"constant": "zeros", b"reflect": "reflect", b"edge": "replicate", b"wrap": "circular"}
    mode = modes[settings.get("mode", b"constant")]
    if pads is None or len(pads) != 8 or any(pads[axis] for axis in (0, 1, 4, 5)):
        raise RefusedError("Pad can be read where it adds rows and columns to planes.")
    _, _, top, left, _, _, bottom, right = _integers(pads)
    if min(top, left, bottom, right) < 0:
        raise RefusedError("Pad that cuts off rows or columns cannot be read.")
    if not any((top, left, bottom, right)):
        return ()
    return (fixed(place, "pad", Pad((top, bottom), (left, right), mode)),)


def _resize(graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int) -> tuple[Entry, ...]:
    first = 0 if kind == "Upsample" else 1  # behind Resize's region of interest
    scales, sizes = (graph.numbers.get(name) for name in (*others[first : first + 2], "", "")[:2])
    modes: dict[bytes, Any] = {b"nearest": "nearest", b"linear": "bilinear", b"cubic": "bicubic"}
    mode = modes[settings.get("mode", b"nearest")]
    corners = settings.get("coordinate_transformation_mode") == b"align_corners" and mode != "nearest"

    def make(shape: Shape) -> tuple[Layer, ...]:
        found = list(scales or ())[2:]
        if len(found) != 2 and sizes is not None and len(sizes) == 4 and len(shape) == 3:
            found = [wanted / side for wanted, side in zip(sizes[2:], shape[1:], strict=True)]
        if len(found) != 2 or not all(scale.is_integer() and scale >= 1 for scale in found):
            raise RefusedError(f"{kind} can be read for whole factors that are constants of the graph.")
        return (Upsample((int(found[0]), int(found[1])), mode, corners),)

    return (Entry(place, kind, make),)


def _shuffle(graph: Graph, kind: str, others: Sequence[str], settings: dict[str, Any], place: int) -> tuple[Entry, ...]:
    if settings.get("mode", b"DCR") != b"CRD":
        raise RefusedError("DepthToSpace can be read with mode CRD, as PyTorch's PixelShuffle.")
    return (fixed(place, kind, PixelShuffle(int(settings["blocksize"]))),)


MAKERS: dict[str, Maker] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    **dict.fromkeys(("MaxPool", "AveragePool", "LpPool"), _pool),
    **dict.fromkeys(("GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax"), _global_pool),
    **dict.fromkeys(("Gemm", "MatMul"), _linear),
    **dict.fromkeys(("Flatten", "Reshape", "Squeeze"), _flat),
    **dict.fromkeys(("BatchNormalization", "InstanceNormalization", "LayerNormalization"), _norm),
    "PRelu": _slope,
    "Clip": _clip,
    "Pad": _pad,
    **dict.fromkeys(("Resize", "Upsample"), _resize),
    "DepthToSpace": _shuffle,
}


def opened(data: bytes) -> Any:
    """Return the model in a file. Raises ParseError if the bytes are no ONNX file, or its graph is too large."""
    try:
        model = onnx.ModelProto.FromString(data)
    except DecodeError:
        raise ParseError(1, "this is no ONNX file that can be read: export it again.", unit="node") from None
    if not model.graph.node or not model.graph.output:
        raise ParseError(1, "this file holds no ONNX graph.", unit="node")
    if len(model.graph.node) > MAX_NODES:
        raise ParseError(1, f"the graph has {len(model.graph.node):,} nodes; the limit is {MAX_NODES:,}.", unit="node")
    return model


def follow(model: Any) -> tuple[tuple[Entry, ...], tuple[Shape, ...], tuple[str, ...]]:
    """Return the layers on a picture's way through a graph, the picture's shape if it is stated, and notes."""
    graph = Graph(model)
    for place, node in enumerate(model.graph.node, 1):
        try:
            graph.follow(node, place)
        except UNREADABLE:
            raise ParseError(place, "this node has a setting that cannot be read.", unit="node") from None
    ends = [graph.traces[one.name] for one in model.graph.output if one.name in graph.traces]
    if not ends:
        raise ParseError(1, "no output of the graph comes from its picture.", unit="node")
    if len(ends) > 1:
        graph.notes["The graph has several outputs: the first is read."] = None
    picture = graph.picture[1:] if len(graph.picture) == 4 else ()
    return ends[0].entries, (picture,) if picture and all(picture) else (), tuple(graph.notes)
