"""PyTorch's functions, and the methods of its pictures, as layers of this app."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from core.layers.parse.libraries.torch_modules import PAD_MODES, module
from core.layers.parse.trace import Entry, Make, RefusedError, Trace, refusing
from core.layers.parse.values import Unknown, is_plane
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import Flatten, GlobalPool, Layer, Unflatten

FUNCTIONS = {
    "relu": "ReLU",
    "relu_": "ReLU",
    "relu6": "ReLU6",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "selu": "SELU",
    "celu": "CELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "mish": "Mish",
    "hardswish": "Hardswish",
    "hardsigmoid": "Hardsigmoid",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "tanhshrink": "Tanhshrink",
    "hardtanh": "Hardtanh",
    "logsigmoid": "LogSigmoid",
    "lp_pool2d": "LPPool2d",
    "pixel_shuffle": "PixelShuffle",
    "interpolate": "Upsample",
    "upsample": "Upsample",
    "prelu": "PReLU",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "softmax": "Softmax",
    "log_softmax": "LogSoftmax",
    "dropout": "Dropout",
    "dropout2d": "Dropout2d",
    "alpha_dropout": "AlphaDropout",
    "max_pool2d": "MaxPool2d",
    "avg_pool2d": "AvgPool2d",
    "adaptive_avg_pool2d": "AdaptiveAvgPool2d",
    "adaptive_max_pool2d": "AdaptiveMaxPool2d",
}
JOINS = {"cat", "concat", "concatenate", "stack", "hstack", "vstack", "einsum", "matmul"}
OTHER_FUNCTIONS = {*JOINS, "flatten", "squeeze", "mean", "amax", "reshape", "pad", "numel"}
SIZES = ("size", "dim", "ndimension", "numel", "nelement")
PASSED = {  # methods that leave a picture as it is
    *("to", "cuda", "cpu", "float", "half", "double", "bfloat16", "contiguous", "clone", "detach"),
    *("requires_grad_", "type", "type_as"),
}


def function(name: str, line: int, trace: Trace, values: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """Return what a function of torch, or a method of a picture, makes of a picture on its way."""
    named = {key: value for key, value in named.items() if key not in ("training", "inplace", "input", "dtype")}
    values = list(values)
    window = values[0] if values else named.get("kernel_size")
    if name in ("avg_pool2d", "max_pool2d") and is_plane(window):
        values, named, name = [1], {}, f"adaptive_{name}"
    if name in JOINS:
        reason = f"several pictures are joined by {name} here, which this app's layers cannot express."
        return Trace((*trace.entries, refusing(line, name, reason)))
    if name in FUNCTIONS:
        if "dropout" in name:
            values = values[:1]
        if FUNCTIONS[name] in ("ReLU", "ReLU6", "SiLU", "Softplus", "Tanh", "Sigmoid"):
            values, named = [], {}
        if name == "prelu":
            return Trace((*trace.entries, refusing(line, name, "the weights of prelu are a value that is not known.")))
        if name in ("interpolate", "upsample"):
            named = {key: value for key, value in named.items() if key not in ("recompute_scale_factor", "antialias")}
        return Trace((*trace.entries, *module(FUNCTIONS[name], line, values, named).entries))
    if name in PASSED:
        return trace
    entry = _shaping(name, line, trace, values, named)
    half = name in ("mean", "amax") and bool(trace.entries) and trace.entries[-1].name == f"{name} over one axis"
    return Trace((*(trace.entries[:-1] if half else trace.entries), entry))


def _shaping(name: str, line: int, trace: Trace, values: list[Any], named: Mapping[str, Any]) -> Entry:
    """Return the layer for what changes a picture's shape, or one that says what cannot be followed."""
    if name == "flatten":
        start = named.get("start_dim", values[0] if values else 0)
        notes = (
            () if start in (1, -3) else ("flatten without a dimension is read as one of each picture (from dim 1).",)
        )
        if start in (0, 1, -3):
            return Entry(line, name, _flat(None), {}, notes)
    if name in ("view", "reshape"):
        given = named.get("shape", values[0]) if len(values) + len(named) == 1 else values
        wanted = list(given) if isinstance(given, tuple | list) else values
        rest = wanted[1:]
        if len(rest) == 1 and isinstance(rest[0], int | Unknown):
            expected = rest[0] if isinstance(rest[0], int) and rest[0] != -1 else None
            return Entry(line, name, _flat(expected), {"flat": expected} if expected else {})
        if len(rest) == 3 and all(type(size) is int and size > 0 for size in rest):
            if not trace.entries:
                return Entry(line, name, lambda shape: (), {"picture": tuple(rest)})
            return Entry(line, name, _planes(rest[0], rest[1], rest[2]))
        if not rest and wanted == [-1]:
            return Entry(line, name, _flat(None))
    if name in ("mean", "amax"):
        axes = named.get("dim", named.get("axis", values[0] if values else None))
        half = f"{name} over one axis"  # as in x.mean(-1).mean(-1)
        last = trace.entries[-1] if trace.entries else None
        if axes in (2, 3, -1, -2) and not (last is not None and last.name == half):
            return refusing(line, half, f"{half} cannot be read: take it over the height and the width.")
        both = axes in (2, 3, -1, -2) or (
            isinstance(axes, tuple | list) and sorted(axis % 4 for axis in axes if type(axis) is int) == [2, 3]
        )
        if both:
            keep = bool(named.get("keepdim", values[1] if len(values) > 1 else False))
            pool = GlobalPool("average" if name == "mean" else "max")
            return Entry(line, name, lambda shape: (pool,) if keep else (pool, Flatten()))
    if name in ("squeeze", "getitem"):
        return Entry(line, name, _squeezed)
    if name == "pad":
        edges, mode, value = (*values, *([None] * 3))[:3]
        edges, mode = named.get("pad", edges), PAD_MODES.get(named.get("mode", mode) or "constant")
        if isinstance(edges, tuple | list) and len(edges) in (2, 4) and mode and not named.get("value", value):
            return module(mode, line, ((*edges, 0, 0)[:4],), {}).entries[0]
    return refusing(
        line, name, f"{name:.40} of a picture cannot be followed: write it as layers, or leave the line out."
    )


def _flat(expected: int | None) -> Make:
    def make(shape: Shape) -> tuple[Layer, ...]:
        found = math.prod(shape)
        if expected is not None and expected != found:
            raise RefusedError(f"this flattens to {expected:,} values, but the picture has {found:,}: write {found}.")
        return (Flatten(),) if len(shape) > 1 else ()

    return make


def _planes(*wanted: int) -> Make:
    def make(shape: Shape) -> tuple[Layer, ...]:
        if math.prod(shape) != math.prod(wanted):
            raise RefusedError(
                f"{' × '.join(map(str, wanted))} are {math.prod(wanted):,} values, but the picture has "
                f"{math.prod(shape):,}: change the layers before it."
            )
        if shape == wanted:
            return ()
        unflat = Unflatten(wanted[0], (wanted[1], wanted[2]))
        return (unflat,) if len(shape) == 1 else (Flatten(), unflat)

    return make


def _squeezed(shape: Shape) -> tuple[Layer, ...]:
    if len(shape) == 1:
        return ()
    if math.prod(shape[1:]) != 1:
        raise RefusedError("only planes of 1 × 1 can be squeezed: use Flatten.")
    return (Flatten(),)
