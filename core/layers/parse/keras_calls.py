"""Keras' layers, as layers of this app; Keras keeps channels last, this app first."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.layers.parse.torch_calls import refusing, unknown_layer
from core.layers.parse.values import Entry, External, Joint, Module, RefusedError, Shape
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Pool,
    pair,
)

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
    "log_softmax": "softmax",
    "selu": "elu",
    "softplus": "elu",
    "hard_sigmoid": "sigmoid",
    "mish": "silu",
    "hard_swish": "silu",
}
ACTIVATION_LAYERS = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "PReLU": "leaky_relu",
    "Softmax": "softmax",
}
PASSED = {  # which change nothing for one picture of the same size
    *("Rescaling", "GaussianNoise", "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation"),
    *("RandomContrast", "Normalization", "InputLayer"),
}
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
    *("epsilon", "axis", "alpha", "negative_slope", "input_dim", "noise_shape", "center", "scale"),
}


def layer(name: str, line: int, values: Sequence[Any], named: Mapping[str, Any]) -> Module:
    """Return the layer of one call of this name; what is wrong with it is told when it is used."""
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
    entries = [Entry(line, name, _making(name, given))]
    if activation not in (None, "linear"):
        entries.append(Entry(line, "Activation", _making("Activation", {"activation": activation})))
    return tuple(entries)


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
        return (ConvTranspose(given["filters"], kernel, stride, padding, dilation, 1, bias, extra),)
    if name == "blur_pool":
        return (BlurPool(given["size"], given["strides"]),)
    if name.startswith("Adaptive"):
        return (AdaptivePool("max" if "Max" in name else "average", given["output_size"]),)
    if name in ("MaxPooling2D", "AveragePooling2D"):
        size = given.get("pool_size", 2)
        stride = given.get("strides")
        same = given.get("padding", "valid") == "same"
        return (Pool("max" if name[0] == "M" else "average", size, stride, 0, same),)
    if name == "Dense":
        return (Linear(given["units"], bool(given.get("use_bias", True))),)
    if name == "Flatten":
        return (Flatten(),)
    if name in ("Dropout", "SpatialDropout2D"):
        return (Dropout(given["rate"]),)
    if name == "BatchNormalization":
        return (BatchNorm(),)
    if name.startswith("Global"):
        pool = GlobalPool("max" if "Max" in name else "average")
        return (pool,) if given.get("keepdims") else (pool, Flatten())
    if name == "ReLU" and given.get("max_value") is not None:
        if given["max_value"] != 6:
            raise RefusedError("ReLU can have max_value 6 here, or none.")
        return (Activation("relu6"),)
    if name in ACTIVATION_LAYERS:
        return (Activation(ACTIVATION_LAYERS[name]),)  # type: ignore[arg-type]
    if name == "Activation":
        if given["activation"] not in ACTIVATIONS:
            raise RefusedError(
                f"there is no activation {given['activation']!r:.40}: use one of {', '.join(ACTIVATIONS)}."
            )
        return (Activation(ACTIVATIONS[given["activation"]]),)  # type: ignore[arg-type]
    raise RefusedError(unknown_layer(name))


def _convolutions(name: str, given: dict[str, Any], shape: Shape) -> tuple[Layer, ...]:
    kernel, stride = given["kernel_size"], given.get("strides", 1)
    dilation, bias = given.get("dilation_rate", 1), bool(given.get("use_bias", True))
    padding: Any = 0
    if given.get("padding", "valid") == "same":
        even = any(d * (f - 1) % 2 for d, f in zip(pair(dilation), pair(kernel), strict=True))
        padding = "same" if even and stride in (1, (1, 1)) else _around(shape, kernel, stride, dilation)
    if name == "Conv2D":
        return (Conv(given["filters"], kernel, stride, padding, dilation, given.get("groups", 1), bias),)
    more = given.get("depth_multiplier", 1)
    deep = Conv(shape[0] * more, kernel, stride, padding, dilation, shape[0], bias and name == "DepthwiseConv2D")
    return (deep,) if name == "DepthwiseConv2D" else (deep, Conv(given["filters"], 1, bias=bias))


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
