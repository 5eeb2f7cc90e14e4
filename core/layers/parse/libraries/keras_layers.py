"""Keras' layers, as layers of this app; Keras keeps channels last, this app first."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.layers import specs
from core.layers.parse.libraries.torch_modules import unknown_layer
from core.layers.parse.trace import Entry, RefusedError, refusing
from core.layers.parse.values import External, Joint, Module
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import Layer, pair

ACTIVATIONS = {
    "relu": "relu",
    "relu6": "relu6",
    "leaky_relu": "leaky_relu",
    "elu": "elu",
    "gelu": "gelu",
    "silu": "silu",
    "swish": "silu",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "softmax": "softmax",
    "log_softmax": "log_softmax",
    "selu": "selu",
    "celu": "celu",
    "softplus": "softplus",
    "softsign": "softsign",
    "tanh_shrink": "tanhshrink",
    "hard_tanh": "hardtanh",
    "hard_sigmoid": "hardsigmoid",
    "hard_swish": "hardswish",
    "hard_silu": "hardswish",
    "log_sigmoid": "logsigmoid",
    "mish": "mish",
}
ACTIVATION_LAYERS = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "Softmax": "softmax",
}
PASSED = {  # which change nothing for one picture of the same size
    *("Rescaling", "GaussianNoise", "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation"),
    *("RandomContrast", "Normalization", "InputLayer"),
}
DROPOUTS: dict[str, specs.DropoutKind] = {"Dropout": "values", "SpatialDropout2D": "channels", "AlphaDropout": "alpha"}
_WINDOW = ("pool_size", "strides", "padding")
POSITIONS = {
    "Conv2D": ("filters", "kernel_size", "strides", "padding"),
    "Conv2DTranspose": ("filters", "kernel_size", "strides", "padding"),
    "DepthwiseConv2D": ("kernel_size", "strides", "padding"),
    "SeparableConv2D": ("filters", "kernel_size", "strides", "padding"),
    "MaxPooling2D": _WINDOW,
    "AveragePooling2D": _WINDOW,
    "Dense": ("units", "activation"),
    "Dropout": ("rate",),
    "SpatialDropout2D": ("rate",),
    "AlphaDropout": ("rate",),
    "UpSampling2D": ("size",),
    "Reshape": ("target_shape",),
    "PReLU": (),
    "GroupNormalization": ("groups",),
    "LayerNormalization": ("axis",),
    "Activation": ("activation",),
    "ReLU": ("max_value",),
    "AdaptiveAveragePooling2D": ("output_size",),
    "AdaptiveMaxPooling2D": ("output_size",),
    "blur_pool": ("size", "strides"),
}
SAME_NAME = {"MaxPool2D": "MaxPooling2D", "AvgPool2D": "AveragePooling2D", "Convolution2D": "Conv2D"}
LAYERS = {
    *POSITIONS,
    *SAME_NAME,
    *ACTIVATION_LAYERS,
    *PASSED,
    *("Flatten", "BatchNormalization", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "GlobalMaxPool2D", "Add"),
    *("GlobalAvgPool2D", "ZeroPadding2D", "Cropping2D"),
}
IGNORED = {
    *("name", "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer", "data_format"),
    *("activity_regularizer", "kernel_constraint", "bias_constraint", "trainable", "dtype", "seed", "momentum"),
    *("epsilon", "alpha", "negative_slope", "input_dim", "noise_shape", "alpha_initializer"),
    *("beta_initializer", "gamma_initializer", "moving_mean_initializer", "moving_variance_initializer"),
}


def layer(name: str, line: int, values: Sequence[Any], named: Mapping[str, Any]) -> Module:
    """Return the layer of one call of this name; what is wrong with it is reported when it is used."""
    name = SAME_NAME.get(name, name)
    try:
        entries = _entries(name, line, values, named)
    except RefusedError as error:
        entries = (refusing(line, name, str(error)),)
    return Joint(line, entries) if name == "Add" else Module(line, entries)


def _entries(name: str, line: int, values: Sequence[Any], named: Mapping[str, Any]) -> tuple[Entry, ...]:
    if name in PASSED:
        note = f"{name} is left out: it changes no shape and no count."
        return (Entry(line, name, lambda shape: (), {}, () if name == "InputLayer" else (note,)),)
    if name == "Add":
        return ()
    if name == "pad" and isinstance(named.get("constant_values", 0), int | float):
        return (_pad(line, values, named),)
    if name in ("ZeroPadding2D", "Cropping2D", "pad"):
        sizes = values[0] if values else named.get("padding", named.get("cropping", 1))
        edges = _edges(sizes[1:3] if name == "pad" and isinstance(sizes, tuple | list) else sizes)
        return (Entry(line, "Crop" if name == "Cropping2D" else "Pad", lambda shape: (), {"pad": edges}),)
    given = dict(zip(POSITIONS.get(name, ()), values, strict=False)) | {
        key: value for key, value in named.items() if key not in IGNORED
    }
    for key, value in given.items():
        if key == "activation" and isinstance(value, External):
            given[key] = value.name  # tf.nn.relu
        elif not isinstance(value, int | float | str | tuple | list | None):
            raise RefusedError(f"{key:.40} of {name:.40} is not known here: write it out.")
    activation = given.pop("activation", None) if name != "Activation" else None
    notes: tuple[str, ...] = ()
    if name == "BatchNormalization" and given.get("scale", True) != given.get("center", True):
        given |= {"scale": True, "center": True}
        notes = ("A BatchNormalization without scale or without center is read with both, and counted so.",)
    entries = [Entry(line, name, _making(name, given), {}, notes)]
    if activation not in (None, "linear"):
        entries.append(Entry(line, "Activation", _making("Activation", {"activation": activation})))
    return tuple(entries)


def _pad(line: int, values: Sequence[Any], named: Mapping[str, Any]) -> Entry:
    """Return keras.ops.pad, of pictures (N, H, W, C), as a layer of its own."""
    widths = values[0] if values else named.get("pad_width")
    mode = named.get("mode", values[1] if len(values) > 1 else "constant")
    kind: Any = {"constant": "zeros", "reflect": "reflect"}.get(mode)
    if kind is None or named.get("constant_values", 0) != 0 or not isinstance(widths, tuple | list) or len(widths) != 4:
        raise RefusedError("ops.pad can be read with zeros or mode='reflect', and four pairs of whole numbers.")
    layer = specs.Pad(*_edges(widths[1:3]), kind)
    return Entry(line, "pad", lambda shape: (layer,))


def _edges(sizes: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return what is added to a plane, or cut off: ((top, bottom), (left, right)). Raises RefusedError."""
    rows, columns = sizes if isinstance(sizes, tuple | list) and len(sizes) == 2 else (sizes, sizes)
    pairs = [tuple(one) if isinstance(one, tuple | list) else (one, one) for one in (rows, columns)]
    if not all(len(one) == 2 and all(type(size) is int and size >= 0 for size in one) for one in pairs):
        raise RefusedError("padding must be a whole number, two of them, or two pairs.")
    return (pairs[0][0], pairs[0][1]), (pairs[1][0], pairs[1][1])


def _size(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _making(name: str, given: dict[str, Any]) -> Callable[[Shape], tuple[Layer, ...]]:
    def make(shape: Shape) -> tuple[Layer, ...]:
        try:
            return _made(name, {key: _size(value) for key, value in given.items()}, shape)
        except (KeyError, TypeError):
            raise RefusedError(f"{name:.40} lacks a setting that is needed, or has one that cannot be read.") from None

    return make


def _made(name: str, given: dict[str, Any], shape: Shape) -> tuple[Layer, ...]:
    if name in ("Conv2D", "SeparableConv2D", "DepthwiseConv2D"):
        return _convolutions(name, given, shape)
    if name == "Conv2DTranspose":
        kernel, stride, dilation = given["kernel_size"], given.get("strides", 1), given.get("dilation_rate", 1)
        padding, extra = _transposed(kernel, stride, dilation, given)
        bias = bool(given.get("use_bias", True))
        return (specs.ConvTranspose(given["filters"], kernel, stride, padding, dilation, 1, bias, extra),)
    if name == "blur_pool":
        return (specs.BlurPool(given["size"], given["strides"]),)
    if name.startswith("Adaptive"):
        return (specs.AdaptivePool("max" if "Max" in name else "average", given["output_size"]),)
    if name in ("MaxPooling2D", "AveragePooling2D"):
        size = given.get("pool_size", 2)
        stride = given.get("strides")
        pooling: specs.PoolKind = "max" if name[0] == "M" else "average"
        if given.get("padding", "valid") != "same" or len(shape) != 3:
            return (specs.Pool(pooling, size, stride),)
        steps = zip(shape[1:], pair(size), pair(size if stride is None else stride), strict=True)
        totals = [max((-(-n // s) - 1) * s + f - n, 0) for n, f, s in steps]
        return (
            specs.Pool(pooling, size, stride, (totals[0] // 2, totals[1] // 2), any(total % 2 for total in totals)),
        )
    if name == "Dense":
        return (specs.Linear(given["units"], bool(given.get("use_bias", True))),)
    if name == "Flatten":
        return (specs.Flatten(),)
    if name in DROPOUTS:
        return (specs.Dropout(given["rate"], DROPOUTS[name]),)
    if name in ("BatchNormalization", "GroupNormalization", "LayerNormalization"):
        return (_norm(name, given, shape),)
    if name == "UpSampling2D":
        kind = given.get("interpolation", "nearest")
        if kind not in ("nearest", "bilinear"):
            raise RefusedError("interpolation of UpSampling2D must be nearest or bilinear here.")
        return (specs.Upsample(given.get("size", 2), kind),)
    if name == "Reshape":
        target = given["target_shape"]
        if len(shape) != 1 or len(target) != 3:
            raise RefusedError("Reshape can be read from a list to planes, (height, width, channels).")
        return (specs.Unflatten(target[2], (target[0], target[1])),)
    if name == "PReLU":
        if len(shape) == 3 and given.get("shared_axes") not in ((1, 2), (1, 2, 3)):
            raise RefusedError("PReLU can be read with shared_axes=[1, 2], a slope for each channel, or [1, 2, 3].")
        return (specs.PReLU(given.get("shared_axes") == (1, 2) or (len(shape) == 1 and not given.get("shared_axes"))),)
    if name.startswith("Global"):
        pool = specs.GlobalPool("max" if "Max" in name else "average")
        return (pool,) if given.get("keepdims") else (pool, specs.Flatten())
    if name == "ReLU" and given.get("max_value") is not None:
        if given["max_value"] != 6:
            raise RefusedError("ReLU can have max_value 6 here, or none.")
        return (specs.Activation("relu6"),)
    if name in ACTIVATION_LAYERS:
        return (specs.Activation(ACTIVATION_LAYERS[name]),)  # type: ignore[arg-type]
    if name == "Activation":
        if given["activation"] not in ACTIVATIONS:
            raise RefusedError(
                f"there is no activation {given['activation']!r:.40}: use one of {', '.join(ACTIVATIONS)}."
            )
        return (specs.Activation(ACTIVATIONS[given["activation"]]),)  # type: ignore[arg-type]
    raise RefusedError(unknown_layer(name))


def _norm(name: str, given: dict[str, Any], shape: Shape) -> Layer:
    """Return a normalization; of LayerNormalization only the channels of a list, or all of a picture."""
    center, scale = bool(given.get("center", True)), bool(given.get("scale", True))
    if name == "LayerNormalization":
        axis = given.get("axis", -1)
        axes = tuple(axis) if isinstance(axis, tuple | list) else (axis,)
        if axes not in ((1, 2, 3),) and (len(shape) > 1 or axes not in ((-1,), (1,))):
            raise RefusedError("LayerNormalization of planes can be read with axis=[1, 2, 3], over the whole picture.")
        return specs.LayerNorm(len(axes), scale, center or not scale)
    if center != scale:
        raise RefusedError(f"{name} needs both of center and scale here, or neither.")
    if name == "BatchNormalization":
        return specs.BatchNorm(scale)
    groups = given.get("groups", 32)
    return specs.InstanceNorm(scale) if groups == -1 else specs.GroupNorm(groups, scale)


def _convolutions(name: str, given: dict[str, Any], shape: Shape) -> tuple[Layer, ...]:
    kernel, stride = given["kernel_size"], given.get("strides", 1)
    dilation, bias = given.get("dilation_rate", 1), bool(given.get("use_bias", True))
    padding: Any = 0
    if given.get("padding", "valid") == "same":
        even = any(d * (f - 1) % 2 for d, f in zip(pair(dilation), pair(kernel), strict=True))
        padding = "same" if even and stride in (1, (1, 1)) else _around(shape, kernel, stride, dilation)
    if name == "Conv2D":
        return (specs.Conv(given["filters"], kernel, stride, padding, dilation, given.get("groups", 1), bias),)
    more = given.get("depth_multiplier", 1)
    deep = specs.Conv(shape[0] * more, kernel, stride, padding, dilation, shape[0], bias and name == "DepthwiseConv2D")
    return (deep,) if name == "DepthwiseConv2D" else (deep, specs.Conv(given["filters"], 1, bias=bias))


def _transposed(kernel: Any, stride: Any, dilation: Any, given: dict[str, Any]) -> tuple[Any, Any]:
    """Return the padding and output_padding with which PyTorch's output is as large as Keras'."""
    if given.get("output_padding") is not None and given.get("padding", "valid") == "valid":
        return 0, given["output_padding"]
    spans = [d * (f - 1) + 1 for f, d in zip(pair(kernel), pair(dilation), strict=True)]
    over = [span - s for span, s in zip(spans, pair(stride), strict=True)]
    padding = [max(one + 1, 0) // 2 if given.get("padding", "valid") == "same" else 0 for one in over]
    if given.get("padding", "valid") == "valid":
        over = [min(one, 0) for one in over]
    extra = [2 * p - one for p, one in zip(padding, over, strict=True)]
    return tuple(padding), tuple(extra)


def _around(shape: Shape, kernel: Any, stride: Any, dilation: Any) -> tuple[int, int]:
    """Return a padding that gives as many windows as Keras' "same" with a stride: ceil(n / S)."""
    if len(shape) != 3:
        raise RefusedError("a convolution needs planes, (H, W, C).")
    totals = [
        max((-(-n // s) - 1) * s + d * (f - 1) + 1 - n, 0)
        for n, f, s, d in zip(shape[1:], pair(kernel), pair(stride), pair(dilation), strict=True)
    ]
    return (totals[0] + 1) // 2, (totals[1] + 1) // 2
