"""PyTorch's layers as users write them: their signatures, and the spec that each stands for."""

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

from core.layers import specs
from core.layers.specs import Layer

Module = tuple[Signature, Callable[..., Layer | None]]
REQUIRED = Parameter.empty


def _module(make: Callable[..., Layer | None], /, **parameters: Any) -> Module:
    """Return a signature with these parameters and defaults, and the function that makes the layer."""
    kind = Parameter.POSITIONAL_OR_KEYWORD
    return Signature([Parameter(name, kind, default=default) for name, default in parameters.items()]), make


def _conv(out_channels: int, kernel_size: Any, stride: Any, padding: Any, **rest: Any) -> Layer:
    """Return the spec of nn.Conv2d."""
    return specs.Conv(out_channels, kernel_size, stride, 0 if padding == "valid" else padding, **rest)


def _conv_transpose(out_channels: int, kernel_size: Any, **rest: Any) -> Layer:
    """Return the spec of nn.ConvTranspose2d."""
    return specs.ConvTranspose(out_channels, kernel_size, **rest)


def _linear(out_features: int, bias: bool) -> Layer:
    """Return the spec of nn.Linear."""
    return specs.Linear(out_features, bias)


def _max_pool(kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> Layer:
    """Return the spec of nn.MaxPool2d."""
    return specs.Pool("max", kernel_size, stride, padding, ceil_mode, dilation)


def _average_pool(kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool) -> Layer:
    """Return the spec of nn.AvgPool2d."""
    return specs.Pool("average", kernel_size, stride, padding, ceil_mode)


def _lp_pool(norm_type: float, kernel_size: Any, stride: Any, ceil_mode: bool) -> Layer:
    """Return the spec of nn.LPPool2d."""
    return specs.LPPool(norm_type, kernel_size, stride, ceil_mode)


def _unflatten(unflattened_size: Any) -> Layer:
    """Return the spec of nn.Unflatten."""
    if not isinstance(unflattened_size, tuple | list) or len(unflattened_size) != 3:
        raise ValueError("Unflatten must make planes: write unflattened_size=(channels, height, width).")
    channels, *plane = unflattened_size
    return specs.Unflatten(channels, (plane[0], plane[1]))


def _padding(kind: specs.PadKind) -> Callable[..., Layer]:
    """Return what makes the spec of nn.ZeroPad2d and its like."""

    def make(padding: Any) -> Layer:
        left, right, top, bottom = padding if isinstance(padding, tuple | list) else (padding,) * 4
        return specs.Pad((top, bottom), (left, right), kind)

    return make


def _constant_pad(padding: Any, value: Any) -> Layer:
    """Return the spec of nn.ConstantPad2d."""
    if value != 0:
        raise ValueError(f"ConstantPad2d must pad with 0 here, not {value!r:.20}.")
    return _padding("zeros")(padding)


def _batch_norm(affine: bool) -> Layer:
    """Return the spec of nn.BatchNorm2d."""
    return specs.BatchNorm(bool(affine))


def _group_norm(num_groups: int, affine: bool) -> Layer:
    """Return the spec of nn.GroupNorm."""
    return specs.GroupNorm(num_groups, bool(affine))


def _instance_norm(affine: bool) -> Layer:
    """Return the spec of nn.InstanceNorm2d."""
    return specs.InstanceNorm(bool(affine))


def _layer_norm(normalized_shape: Any, elementwise_affine: bool, bias: bool) -> Layer:
    """Return the spec of nn.LayerNorm."""
    axes = len(normalized_shape) if isinstance(normalized_shape, tuple | list) else 1
    return specs.LayerNorm(axes, bool(elementwise_affine), bool(bias) or not elementwise_affine)


def _prelu(num_parameters: int) -> Layer:
    """Return the spec of nn.PReLU."""
    return specs.PReLU(num_parameters != 1)


def _dropout_of(kind: Any) -> Callable[..., Layer]:
    """Return what makes the spec of nn.Dropout and its like."""
    return lambda p: specs.Dropout(p, kind)


def _blur_pool(filt_size: Any, stride: Any) -> Layer:
    """Return the spec of antialiased_cnns' BlurPool."""
    return specs.BlurPool(filt_size, stride)


def _adaptive_max_pool(output_size: Any) -> Layer:
    """Return the spec of nn.AdaptiveMaxPool2d."""
    return specs.GlobalPool("max") if output_size in (1, (1, 1)) else specs.AdaptivePool("max", output_size)


def _adaptive_average_pool(output_size: Any) -> Layer:
    """Return the spec of nn.AdaptiveAvgPool2d."""
    return specs.GlobalPool("average") if output_size in (1, (1, 1)) else specs.AdaptivePool("average", output_size)


_CONV: dict[str, Any] = {
    "in_channels": REQUIRED,
    "out_channels": REQUIRED,
    "kernel_size": REQUIRED,
    "stride": 1,
    "padding": 0,
}
_CONV_REST: dict[str, Any] = {"dilation": 1, "groups": 1, "bias": True, "padding_mode": "zeros"}
_TRANSPOSED: dict[str, Any] = {"output_padding": 0, "groups": 1, "bias": True, "dilation": 1, "padding_mode": "zeros"}
_NORM: dict[str, Any] = {
    "num_features": REQUIRED,
    "eps": 1e-5,
    "momentum": 0.1,
    "affine": True,
    "track_running_stats": True,
}

# PyTorch's activations without a setting that is read, and the spec of each.
_PLAIN_ACTIVATIONS: dict[str, Module] = {
    "Softplus": _module(lambda: specs.Activation("softplus"), beta=1.0, threshold=20.0),
    "CELU": _module(lambda: specs.Activation("celu"), alpha=1.0, inplace=False),
    "Hardtanh": _module(lambda: specs.Activation("hardtanh"), min_val=-1.0, max_val=1.0, inplace=False),
    "LogSoftmax": _module(lambda: specs.Activation("log_softmax"), dim=None),
    "Softsign": _module(lambda: specs.Activation("softsign")),
    "Tanhshrink": _module(lambda: specs.Activation("tanhshrink")),
    "LogSigmoid": _module(lambda: specs.Activation("logsigmoid")),
    "Softmax2d": _module(lambda: specs.Activation("softmax")),
    "SELU": _module(lambda: specs.Activation("selu"), inplace=False),
    "Mish": _module(lambda: specs.Activation("mish"), inplace=False),
    "Hardswish": _module(lambda: specs.Activation("hardswish"), inplace=False),
    "Hardsigmoid": _module(lambda: specs.Activation("hardsigmoid"), inplace=False),
}

MODULES: dict[str, Module] = {
    "Conv2d": _module(_conv, **_CONV, **_CONV_REST),
    "ConvTranspose2d": _module(_conv_transpose, **_CONV, **_TRANSPOSED),
    "MaxPool2d": _module(
        _max_pool, kernel_size=REQUIRED, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False
    ),
    "AvgPool2d": _module(
        _average_pool,
        kernel_size=REQUIRED,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
    ),
    "BlurPool": _module(  # antialiased_cnns', which is also what the app's own programs define
        _blur_pool, channels=REQUIRED, pad_type="reflect", filt_size=4, stride=2, pad_off=0
    ),
    "AdaptiveMaxPool2d": _module(_adaptive_max_pool, output_size=REQUIRED, return_indices=False),
    "AdaptiveAvgPool2d": _module(_adaptive_average_pool, output_size=REQUIRED),
    "LPPool2d": _module(_lp_pool, norm_type=REQUIRED, kernel_size=REQUIRED, stride=None, ceil_mode=False),
    "PixelShuffle": _module(lambda upscale_factor: specs.PixelShuffle(upscale_factor), upscale_factor=REQUIRED),
    "ZeroPad2d": _module(_padding("zeros"), padding=REQUIRED),
    "ReflectionPad2d": _module(_padding("reflect"), padding=REQUIRED),
    "ReplicationPad2d": _module(_padding("replicate"), padding=REQUIRED),
    "CircularPad2d": _module(_padding("circular"), padding=REQUIRED),
    "ConstantPad2d": _module(_constant_pad, padding=REQUIRED, value=REQUIRED),
    "Flatten": _module(specs.Flatten, start_dim=1, end_dim=-1),
    "Unflatten": _module(_unflatten, dim=REQUIRED, unflattened_size=REQUIRED),
    "Linear": _module(_linear, in_features=REQUIRED, out_features=REQUIRED, bias=True),
    "BatchNorm2d": _module(_batch_norm, **_NORM),
    "BatchNorm1d": _module(_batch_norm, **_NORM),
    "InstanceNorm2d": _module(_instance_norm, **_NORM | {"affine": False, "track_running_stats": False}),
    "GroupNorm": _module(_group_norm, num_groups=REQUIRED, num_channels=REQUIRED, eps=1e-5, affine=True),
    "LayerNorm": _module(_layer_norm, normalized_shape=REQUIRED, eps=1e-5, elementwise_affine=True, bias=True),
    "Dropout": _module(_dropout_of("values"), p=0.5, inplace=False),
    "Dropout2d": _module(_dropout_of("channels"), p=0.5, inplace=False),
    "AlphaDropout": _module(_dropout_of("alpha"), p=0.5, inplace=False),
    "PReLU": _module(_prelu, num_parameters=1, init=0.25),
    **_PLAIN_ACTIVATIONS,
    "Identity": _module(lambda: None),
    "ReLU": _module(lambda: specs.Activation("relu"), inplace=False),
    "ReLU6": _module(lambda: specs.Activation("relu6"), inplace=False),
    "LeakyReLU": _module(lambda: specs.Activation("leaky_relu"), negative_slope=0.01, inplace=False),
    "ELU": _module(lambda: specs.Activation("elu"), alpha=1.0, inplace=False),
    "GELU": _module(lambda: specs.Activation("gelu"), approximate="none"),
    "SiLU": _module(lambda: specs.Activation("silu"), inplace=False),
    "Tanh": _module(lambda: specs.Activation("tanh")),
    "Sigmoid": _module(lambda: specs.Activation("sigmoid")),
    "Softmax": _module(lambda: specs.Activation("softmax"), dim=None),
    **{  # capsules, as the app's own programs define them (codegen.pytorch_classes)
        "PrimaryCapsules": _module(
            specs.PrimaryCapsules,
            channels=REQUIRED,
            types=REQUIRED,
            dimensions=REQUIRED,
            kernel=REQUIRED,
            stride=REQUIRED,
            padding=0,
        ),
        "RoutedCapsules": _module(
            specs.RoutedCapsules,
            inputs=REQUIRED,
            size=REQUIRED,
            capsules=REQUIRED,
            dimensions=REQUIRED,
            iterations=3,
            through=False,
            shared=False,
        ),
        "CapsuleDecoder": _module(
            specs.CapsuleDecoder, values=REQUIRED, first=REQUIRED, second=REQUIRED, pixels=REQUIRED
        ),
        "CapsuleLengths": _module(specs.CapsuleLengths),
    },
}

# Where the sizes that come in are written, and how many there must be: (C, H, W), or (N,).
INPUT_SIZE_NAMES = (
    *("channels", "in_channels", "in_features", "num_features", "num_channels", "inputs", "size", "values", "pixels"),
)
CHANNEL_NAMES = ("in_channels", "num_features", "num_channels", "channels")  # those that say how many planes come in
INPUT_DIMENSIONS = {"BatchNorm2d": 3, "BatchNorm1d": 1}

# Settings that the specs do not have, and the values with which they change nothing.
_INPLACE = {"inplace": (False, True)}
_NORM_FIXED = {"eps": (1e-5,), "momentum": (0.1,), "track_running_stats": (True,)}
FIXED_SETTINGS: dict[str, dict[str, tuple[Any, ...]]] = {
    "Conv2d": {"padding_mode": ("zeros",)},
    "ConvTranspose2d": {"padding_mode": ("zeros",)},
    "MaxPool2d": {"return_indices": (False,)},
    "InstanceNorm2d": _NORM_FIXED | {"track_running_stats": (False,)},
    "GroupNorm": {"eps": (1e-5,)},
    "LayerNorm": {"eps": (1e-5,)},
    "PReLU": {"init": (0.25,)},
    "Unflatten": {"dim": (1, -1)},
    "Softplus": {"beta": (1.0,), "threshold": (20.0,)},
    "CELU": {"alpha": (1.0,), **_INPLACE},
    "Hardtanh": {"min_val": (-1.0,), "max_val": (1.0,), **_INPLACE},
    "LogSoftmax": {"dim": (1, -1, None)},
    "AvgPool2d": {"count_include_pad": (True,), "divisor_override": (None,)},
    "BlurPool": {"pad_type": ("reflect", "refl"), "pad_off": (0,)},
    "AdaptiveMaxPool2d": {"return_indices": (False,)},
    "Flatten": {"start_dim": (1,), "end_dim": (-1,)},
    "BatchNorm2d": _NORM_FIXED,
    "BatchNorm1d": _NORM_FIXED,
    **dict.fromkeys(("Dropout", "Dropout2d", "AlphaDropout", "ReLU", "ReLU6", "SiLU"), _INPLACE),
    **dict.fromkeys(("SELU", "Mish", "Hardswish", "Hardsigmoid"), _INPLACE),
    "LeakyReLU": {"negative_slope": (0.01,), **_INPLACE},
    "ELU": {"alpha": (1.0,), **_INPLACE},
    "GELU": {"approximate": ("none",)},
    "Softmax": {"dim": (1, -1, None)},
}
