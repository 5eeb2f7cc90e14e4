"""PyTorch's modules, its functions, and the methods of its pictures, as layers of this app."""

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.layers.parse import sizes
from core.layers.parse.values import Entry, External, Fault, Make, Module, RefusedError, Shape, Trace, Unknown
from core.layers.signatures import FIXED_SETTINGS, INPUT_SIZE_NAMES, MODULES
from core.layers.specs import CHOICES, Flatten, GlobalPool, Layer, Unflatten, Upsample, pair
from core.shapes import format_shape

# Layers without a spec of their own, read as the nearest one: the same shape and the same count.
NEAREST = {
    **dict.fromkeys(("Dropout1d", "Dropout3d", "FeatureAlphaDropout"), "Dropout"),
    **dict.fromkeys(("Hardshrink", "Softshrink"), "Tanhshrink"),
    "Threshold": "ReLU",
    "RReLU": "LeakyReLU",
    "Softmin": "Softmax",
    "SyncBatchNorm": "BatchNorm2d",
}
LAZY = {
    "LazyConv2d": "Conv2d",
    "LazyConvTranspose2d": "ConvTranspose2d",
    "LazyLinear": "Linear",
    "LazyBatchNorm2d": "BatchNorm2d",
    "LazyBatchNorm1d": "BatchNorm1d",
    "LazyInstanceNorm2d": "InstanceNorm2d",
}
# Settings that change a result but no shape and no count: noted. Others in FIXED_SETTINGS are refused.
UPSAMPLINGS = ("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d")
NOTED = {
    *("negative_slope", "eps", "momentum", "padding_mode", "count_include_pad", "divisor_override", "alpha"),
    *("approximate", "track_running_stats", "dim", "return_indices", "init", "beta", "threshold", "min_val", "max_val"),
}
SILENT = {"eps", "momentum"}  # usual to set, and no part of this app's networks: said once for all
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
PAD_MODES = {  # of functional.pad
    "constant": "ZeroPad2d",
    "reflect": "ReflectionPad2d",
    "replicate": "ReplicationPad2d",
    "circular": "CircularPad2d",
}
JOINS = {"cat", "concat", "concatenate", "stack", "hstack", "vstack", "einsum", "matmul"}
OTHER_FUNCTIONS = {*JOINS, "flatten", "squeeze", "mean", "amax", "reshape", "pad", "numel"}
SIZES = ("size", "dim", "ndimension", "numel", "nelement")
RANDOM = ("DropPath", "StochasticDepth", "DropBlock2d", "GaussianNoise")  # which do something in training alone
PASSED = {  # methods that leave a picture as it is
    *("to", "cuda", "cpu", "float", "half", "double", "bfloat16", "contiguous", "clone", "detach"),
    *("requires_grad_", "type", "type_as"),
}
KNOWN = sorted({*MODULES, *NEAREST, *LAZY, *UPSAMPLINGS, *RANDOM, "Identity", "Sequential"})


def refusing(line: int, name: str, reason: str, *, passes: bool = False) -> Entry:
    """Return a layer that cannot be read: its fault is told if the network uses it."""

    def make(shape: Shape) -> tuple[Layer, ...]:
        raise RefusedError(reason, passes=passes)

    return Fault(line, name, make)


def unknown_layer(name: str) -> str:
    """Return the sentence for a layer this app does not have: its nearest name, and a way out."""
    if near := nearest(name):
        return f"{name:.40} is not a layer that can be read. Did you mean {near}? Write that, or leave the line out."
    return (
        f"{name:.40} is not a layer that can be read: leave the line out, or put a layer with the same output in its "
        "place, such as Conv2d, MaxPool2d or Linear."
    )


def nearest(name: str) -> str | None:
    """Return the name of a layer that is written almost so."""
    lower = {known.lower(): known for known in KNOWN}
    return next((lower[near] for near in difflib.get_close_matches(name.lower(), lower, 1, 0.75)), None)


def module(name: str, line: int, values: Sequence[Any], named: Mapping[str, Any]) -> Module:
    """Return the layer of one call, of this name in torch.nn; what is wrong with it is told when it is used."""
    try:
        return _module(name, line, values, {key: value for key, value in named.items() if key not in DEVICE})
    except RefusedError as error:
        near = nearest(name) if name not in KNOWN else None
        meant = () if near in (None, "Sequential") else module(str(near), line, values, named).entries
        return Module(line, (refusing(line, name, str(error), passes=near is not None), *meant))


DEVICE = ("device", "dtype", "name")


def _module(name: str, line: int, values: Sequence[Any], named: Mapping[str, Any]) -> Module:
    if "" in named or "**" in named:
        raise RefusedError(f"{name} has settings given by ** or twice: write each one once.")
    if name == "Identity":
        return Module(line, ())
    if name in RANDOM:
        note = f"{name} is left out: it changes a picture in training alone."
        return Module(line, (Entry(line, name, lambda shape: (), {}, (note,)),))
    if name in UPSAMPLINGS:
        return Module(line, (_upsample(name, line, values, named),))
    notes: list[str] = []
    own = name
    if name in NEAREST:
        own = NEAREST[name]
        notes.append(f"{name} is read as {own}, which has the same shapes.")
        if own == "Dropout":
            values, named = values[:1], {key: named[key] for key in named if key == "p"}
        elif own != "BatchNorm2d":
            values, named = (), {}
    elif name in LAZY:
        own = LAZY[name]
        if name == "LazyInstanceNorm2d":  # its defaults are a batch norm's
            named = {"affine": True, **named}
        if "BatchNorm" not in name:
            values = (None, *values)
        else:
            named = {"num_features": None, **named}
    if own not in MODULES:
        raise RefusedError(unknown_layer(name))
    if own.endswith(("Norm", "Norm1d", "Norm2d")) and own != "LayerNorm" and "bias" in named:  # newer versions print it
        named = {key: value for key, value in named.items() if key != "bias" or value is not named.get("affine", True)}
    signature, make = MODULES[own]
    for value in (*values, *named.values()):
        _check_plain(own, value)
    try:
        bound = signature.bind(*values, **named)
    except TypeError as error:
        raise RefusedError(f"{name:.40}: {error!s:.80}; its settings are {own}{signature}.") from None
    bound.apply_defaults()
    settings = dict(bound.arguments)
    read = dict(settings)
    for setting, only in FIXED_SETTINGS.get(own, {}).items():
        value = settings.pop(setting)
        if value in only or (setting, value) == ("start_dim", -3):
            continue
        if setting not in NOTED:
            raise RefusedError(f"{setting} of {name} must be {only[0]!r} here.")
        if setting == "padding_mode" and value in PAD_MODES and read.get("padding") not in ("valid", 0):
            notes.append(f"The padding of a {name} with padding_mode={value!r:.20} is read as a layer before it.")
        elif setting in SILENT:
            notes.append(f"{setting} of normalization is left out: it changes no shape and no count.")
        else:
            notes.append(f"{setting}={value!r:.20} of {name} is left out: it changes no shape and no count.")
    written = {key: settings.pop(key) for key in INPUT_SIZE_NAMES if key in settings}
    written = {key: value for key, value in written.items() if value is not None or name not in LAZY}
    if own == "LayerNorm":
        written["normalized_shape"] = read["normalized_shape"]
    before = _padding_before(line, settings, read.get("padding_mode")) if own == "Conv2d" else ()
    if own == "PReLU" and read["num_parameters"] != 1:
        written["num_parameters"] = read["num_parameters"]
    if own == "Linear" and isinstance(settings.get("bias"), int):
        settings["bias"] = bool(settings["bias"])
    if own in ("Softmax", "LogSoftmax") and read["dim"] == -1:
        written["softmax"] = -1
    return Module(line, (*before, Entry(line, own, _making(own, make, settings), written, tuple(notes))), read)


def _padding_before(line: int, settings: dict[str, Any], mode: Any) -> tuple[Entry, ...]:
    """Return a convolution's padding as a layer of its own, unless it is zeros, and take it from its settings."""
    padding, kernel, dilation = settings["padding"], settings["kernel_size"], settings["dilation"]
    if mode not in PAD_MODES or padding in ("valid", 0):
        return ()
    try:
        if padding == "same":
            totals = [d * (f - 1) for f, d in zip(pair(_size(kernel)), pair(_size(dilation)), strict=True)]
            (top, left), (bottom, right) = [t // 2 for t in totals], [t - t // 2 for t in totals]
        else:
            (top, left), (bottom, right) = pair(_size(padding)), pair(_size(padding))
        edges = (left, right, top, bottom)
        settings["padding"] = 0
        return module(PAD_MODES[mode], line, (edges,), {}).entries
    except (TypeError, ValueError):
        return ()  # what is wrong with it is told by the convolution


def _size(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _making(name: str, make: Callable[..., Layer | None], settings: dict[str, Any]) -> Make:
    def made(shape: Shape) -> tuple[Layer, ...]:
        given = settings
        size = settings.get("output_size")
        if isinstance(size, tuple) and None in size:
            if len(shape) != 3 or len(size) != 2:
                raise RefusedError(f"{name} needs planes, (C, H, W).")
            height, width = (own if own is not None else side for own, side in zip(size, shape[1:], strict=True))
            given = {"output_size": (height, width)}
        try:
            layer = make(**given)
        except (TypeError, ValueError) as error:
            raise RefusedError(str(error)) from None
        return () if layer is None else (layer,)

    return made


def _check_plain(name: str, value: object) -> None:
    """Raise RefusedError unless a setting is a number, a flag, None, a short string, or a few whole numbers."""
    match value:
        case Unknown(line=line, what=what):
            raise RefusedError(
                f"a setting must be a number, and {what:.60} (line {line}) is not known: write {name}'s numbers out."
            )
        case None | bool() | int() | float():
            return
        case str() if len(value) <= 20:
            return
        case tuple() | list() if len(value) <= 4 and all(type(part) is int or part is None for part in value):
            return
    raise RefusedError("a setting must be a number, True, False, None, a short string, or a pair of whole numbers.")


def _upsample(name: str, line: int, values: Sequence[Any], named: Mapping[str, Any]) -> Entry:
    """Return nn.Upsample, or nn.functional.interpolate: by a factor, or to a size that is a multiple of its input's."""
    fixed = {"UpsamplingNearest2d": "nearest", "UpsamplingBilinear2d": "bilinear"}.get(name)
    names = ("size", "scale_factor") if fixed else ("size", "scale_factor", "mode", "align_corners")
    given = {"mode": fixed or "nearest", "align_corners": fixed == "bilinear", "size": None, "scale_factor": None}
    given |= dict(zip(names, values, strict=False)) | dict(named)
    for value in given.values():
        for part in value if isinstance(value, tuple | list) else (value,):
            _check_plain(name, part)
    size, factor, mode = given["size"], given["scale_factor"], given["mode"]
    kind: Any = "nearest" if mode == "nearest-exact" else mode  # which is the same for whole factors
    if kind not in CHOICES["Upsample"]:
        raise RefusedError(f"mode of {name} must be one of {', '.join(CHOICES['Upsample'])}; got {mode!r:.20}.")

    def make(shape: Shape) -> tuple[Layer, ...]:
        scale = factor
        if scale is None and len(shape) == 3 and isinstance(size, int | tuple | list):
            wanted = pair(size if isinstance(size, int) else (size[0], size[-1]))
            if any(own < 1 or side % own for side, own in zip(wanted, shape[1:], strict=True)):
                raise RefusedError(
                    f"{name} to {format_shape(wanted)} is no whole multiple of {format_shape(shape[1:])}."
                )
            scale = (wanted[0] // shape[1], wanted[1] // shape[2])
        factors = [float(one) for one in (scale if isinstance(scale, tuple | list) else (scale, scale)) if one]
        if len(factors) != 2 or not all(one.is_integer() and one >= 1 for one in factors):
            raise RefusedError(f"{name} can be read for whole factors, such as scale_factor=2; got {scale!r:.20}.")
        return (Upsample((int(factors[0]), int(factors[1])), kind, bool(given["align_corners"])),)

    return Entry(line, name, make)


def function(name: str, line: int, trace: Trace, values: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """Return what a function of torch, or a method of a picture, makes of a picture on its way."""
    named = {key: value for key, value in named.items() if key not in ("training", "inplace", "input", "dtype")}
    values = list(values)
    window = values[0] if values else named.get("kernel_size")
    if name in ("avg_pool2d", "max_pool2d") and sizes.is_plane(window):
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


def is_module_name(value: External) -> bool:
    """Return whether a name is one of torch.nn's layers, as programs write it."""
    home = value.path.rpartition(".")[0]
    return home in ("", "nn", "torch.nn", "torch.nn.modules", "antialiased_cnns") and value.name[:1].isupper()
