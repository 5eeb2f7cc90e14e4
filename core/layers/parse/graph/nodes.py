"""The layers of an ONNX graph's nodes, one node at a time."""

import math
from collections.abc import Callable
from typing import Any

from core.layers.parse.graph.node import Node, fixed, integers
from core.layers.parse.graph.windows import conv, conv_transpose, pool
from core.layers.parse.trace import Entry, RefusedError
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import (
    Activation,
    ActivationKind,
    BatchNorm,
    Flatten,
    GlobalPool,
    InstanceNorm,
    Layer,
    LayerNorm,
    Linear,
    Pad,
    PixelShuffle,
    PReLU,
    Unflatten,
    Upsample,
)

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


def entries_of(node: Node) -> tuple[Entry, ...]:
    """Return the layers of a node.

    Raises:
        RefusedError: There is no layer for it.
        KeyError, IndexError, TypeError, ValueError: It lacks a setting, or has one that cannot be read.
    """
    if node.kind in ACTIVATIONS:
        return (node.entry(Activation(ACTIVATIONS[node.kind])),)
    if (maker := MAKERS.get(node.kind)) is None:
        raise RefusedError(f"{node.kind:.40} is not an operation that can be read.")
    return maker(node)


def _global_pool(node: Node) -> tuple[Entry, ...]:
    """Return a global pooling, which some graphs write as a mean or a maximum over height and width."""
    pool = GlobalPool("max" if "Max" in node.kind else "average")
    if node.kind.startswith("Reduce"):
        axes = node.numbers("axes", 0)
        if axes is None or sorted(int(axis) % 4 for axis in axes) != [2, 3]:
            raise RefusedError(f"{node.kind} can be read over the height and the width, as a global pooling.")
        if not node.settings.get("keepdims", 1):
            return node.entry(pool), node.entry(Flatten())
    return (node.entry(pool),)


def _linear(node: Node) -> tuple[Entry, ...]:
    """Return a fully connected layer."""
    shape = node.weights_shape
    if len(shape) != 2 or node.settings.get("transA"):
        raise RefusedError(f"{node.kind} can be read with a constant matrix of weights.")
    units, features = shape if node.settings.get("transB") else (shape[1], shape[0])
    written: dict[str, object] = {"in_features": features}
    if len(node.others) == 1:
        written["no_bias"] = Linear(units)
    return (fixed(node.place, "Linear", Linear(units, len(node.others) > 1), written),)


def _flat(node: Node) -> tuple[Entry, ...]:
    """Return a flattening, or the reverse, as far as the sizes that a node states say it."""
    if node.kind == "Flatten":
        if node.settings.get("axis", 1) not in (1, -3):
            raise RefusedError("Flatten can be read from axis 1.")
        sizes: list[float] | None = [0, -1]
    elif node.kind == "Squeeze":
        sizes = None
    else:
        sizes = node.constants.numbers.get(node.others[0])

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
        raise RefusedError(f"{node.kind} changes a picture's shape in a way that cannot be read.")

    return (Entry(node.place, "flatten" if sizes in ([0, -1], None) else "reshape", make),)


def _norm(node: Node) -> tuple[Entry, ...]:
    """Return a batch, instance or layer normalization."""
    channels = node.weights_shape
    if node.kind == "LayerNormalization":
        axis = int(node.settings.get("axis", -1))

        def make(shape: Shape) -> tuple[Layer, ...]:
            axes = -axis if axis < 0 else len(shape) + 1 - axis
            if node.constants.is_untrained(node.others[0], node.others[1] if len(node.others) > 1 else ""):
                return (LayerNorm(axes, False),)
            return (LayerNorm(axes, True, len(node.others) > 1),)

        return (Entry(node.place, node.kind, make),)
    affine = not node.constants.is_untrained(node.others[0], node.others[1])
    norm = BatchNorm(affine) if node.kind == "BatchNormalization" else InstanceNorm(affine)
    return (node.entry(norm, {"num_features": channels[0]}),)


def _slope(node: Node) -> tuple[Entry, ...]:
    """Return a ReLU with a trained slope."""
    return (node.entry(PReLU(math.prod(node.weights_shape) > 1)),)


def _clip(node: Node) -> tuple[Entry, ...]:
    """Return the activation that clips to its range."""
    low, high = node.numbers("min", 0), node.numbers("max", 1)
    kinds: dict[tuple[float, float], ActivationKind] = {(0.0, 6.0): "relu6", (-1.0, 1.0): "hardtanh"}
    found = kinds.get((low[0], high[0])) if low and high else None
    if found is None:
        raise RefusedError("Clip can be read from 0 to 6, as ReLU6, or from -1 to 1.")
    return (node.entry(Activation(found)),)


def _pad(node: Node) -> tuple[Entry, ...]:
    """Return a padding."""
    pads = node.numbers("pads", 0)
    modes: dict[bytes, Any] = {b"constant": "zeros", b"reflect": "reflect", b"edge": "replicate", b"wrap": "circular"}
    mode = modes[node.settings.get("mode", b"constant")]
    if pads is None or len(pads) != 8 or any(pads[axis] for axis in (0, 1, 4, 5)):
        raise RefusedError("Pad can be read where it adds rows and columns to planes.")
    _, _, top, left, _, _, bottom, right = integers(pads)
    if min(top, left, bottom, right) < 0:
        raise RefusedError("Pad that cuts off rows or columns cannot be read.")
    if not any((top, left, bottom, right)):
        return ()
    return (fixed(node.place, "pad", Pad((top, bottom), (left, right), mode)),)


def _resize(node: Node) -> tuple[Entry, ...]:
    """Return an upsampling."""
    first = 0 if node.kind == "Upsample" else 1  # behind Resize's region of interest
    scales, sizes = (node.constants.numbers.get(name) for name in (*node.others[first : first + 2], "", "")[:2])
    modes: dict[bytes, Any] = {b"nearest": "nearest", b"linear": "bilinear", b"cubic": "bicubic"}
    mode = modes[node.settings.get("mode", b"nearest")]
    corners = node.settings.get("coordinate_transformation_mode") == b"align_corners" and mode != "nearest"

    def make(shape: Shape) -> tuple[Layer, ...]:
        found = list(scales or ())[2:]
        if len(found) != 2 and sizes is not None and len(sizes) == 4 and len(shape) == 3:
            found = [wanted / side for wanted, side in zip(sizes[2:], shape[1:], strict=True)]
        if len(found) != 2 or not all(scale.is_integer() and scale >= 1 for scale in found):
            raise RefusedError(f"{node.kind} can be read for whole factors that are constants of the graph.")
        return (Upsample((int(found[0]), int(found[1])), mode, corners),)

    return (Entry(node.place, node.kind, make),)


def _shuffle(node: Node) -> tuple[Entry, ...]:
    """Return a pixel shuffle."""
    if node.settings.get("mode", b"DCR") != b"CRD":
        raise RefusedError("DepthToSpace can be read with mode CRD, as PyTorch's PixelShuffle.")
    return (node.entry(PixelShuffle(int(node.settings["blocksize"]))),)


Maker = Callable[[Node], tuple[Entry, ...]]
MAKERS: dict[str, Maker] = {
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    **dict.fromkeys(("MaxPool", "AveragePool", "LpPool"), pool),
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
