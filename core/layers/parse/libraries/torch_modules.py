"""PyTorch's modules as layers of this app."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.layers.parse.libraries.torch_signatures import FIXED_SETTINGS, INPUT_SIZE_NAMES, MODULES
from core.layers.parse.trace import Entry, Make, RefusedError, refusing
from core.layers.parse.values import External, Module, Unknown
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import CHOICES, Layer, Upsample, pair
from core.size_text import format_shape

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
SILENT = {"eps", "momentum"}  # usual to set, and no part of this app's networks: one note for all of them
PAD_MODES = {  # of functional.pad
    "constant": "ZeroPad2d",
    "reflect": "ReflectionPad2d",
    "replicate": "ReplicationPad2d",
    "circular": "CircularPad2d",
}
RANDOM = ("DropPath", "StochasticDepth", "DropBlock2d", "GaussianNoise")  # which do something in training alone
KNOWN = sorted({*MODULES, *NEAREST, *LAZY, *UPSAMPLINGS, *RANDOM, "Identity", "Sequential"})


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
    """Return the layer of one call, of this name in torch.nn; what is wrong with it is reported when it is used."""
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
        return ()  # what is wrong with it is reported with the convolution


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


def is_module_name(value: External) -> bool:
    """Return whether a name is one of torch.nn's layers, as programs write it."""
    home = value.path.rpartition(".")[0]
    return home in ("", "nn", "torch.nn", "torch.nn.modules", "antialiased_cnns") and value.name[:1].isupper()
