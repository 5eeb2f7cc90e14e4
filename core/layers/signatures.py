"""PyTorch's layers as users write them: their signatures, and the spec that each stands for."""

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    CapsuleDecoder,
    CapsuleLengths,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Pool,
    PrimaryCapsules,
    RoutedCapsules,
)

Module = tuple[Signature, Callable[..., Layer | None]]
REQUIRED = Parameter.empty


def _module(make: Callable[..., Layer | None], /, **parameters: Any) -> Module:
    """Return a signature with these parameters and defaults, and the function that makes the layer."""
    kind = Parameter.POSITIONAL_OR_KEYWORD
    return Signature([Parameter(name, kind, default=default) for name, default in parameters.items()]), make


def _conv(out_channels: int, kernel_size: Any, stride: Any, padding: Any, **rest: Any) -> Layer:
    """Return the spec of nn.Conv2d."""
    return Conv(out_channels, kernel_size, stride, 0 if padding == "valid" else padding, **rest)


def _conv_transpose(out_channels: int, kernel_size: Any, **rest: Any) -> Layer:
    """Return the spec of nn.ConvTranspose2d."""
    return ConvTranspose(out_channels, kernel_size, **rest)


def _linear(out_features: int, bias: bool) -> Layer:
    """Return the spec of nn.Linear."""
    return Linear(out_features, bias)


def _max_pool(kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool) -> Layer:
    """Return the spec of nn.MaxPool2d."""
    return Pool("max", kernel_size, stride, padding, ceil_mode)


def _average_pool(kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool) -> Layer:
    """Return the spec of nn.AvgPool2d."""
    return Pool("average", kernel_size, stride, padding, ceil_mode)


def _blur_pool(filt_size: Any, stride: Any) -> Layer:
    """Return the spec of antialiased_cnns' BlurPool."""
    return BlurPool(filt_size, stride)


def _adaptive_max_pool(output_size: Any) -> Layer:
    """Return the spec of nn.AdaptiveMaxPool2d."""
    return GlobalPool("max") if output_size in (1, (1, 1)) else AdaptivePool("max", output_size)


def _adaptive_average_pool(output_size: Any) -> Layer:
    """Return the spec of nn.AdaptiveAvgPool2d."""
    return GlobalPool("average") if output_size in (1, (1, 1)) else AdaptivePool("average", output_size)


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
    "Flatten": _module(Flatten, start_dim=1, end_dim=-1),
    "Linear": _module(_linear, in_features=REQUIRED, out_features=REQUIRED, bias=True),
    "BatchNorm2d": _module(BatchNorm, **_NORM),
    "BatchNorm1d": _module(BatchNorm, **_NORM),
    "Dropout": _module(Dropout, p=0.5, inplace=False),
    "Identity": _module(lambda: None),
    "ReLU": _module(lambda: Activation("relu"), inplace=False),
    "ReLU6": _module(lambda: Activation("relu6"), inplace=False),
    "LeakyReLU": _module(lambda: Activation("leaky_relu"), negative_slope=0.01, inplace=False),
    "ELU": _module(lambda: Activation("elu"), alpha=1.0, inplace=False),
    "GELU": _module(lambda: Activation("gelu"), approximate="none"),
    "SiLU": _module(lambda: Activation("silu"), inplace=False),
    "Tanh": _module(lambda: Activation("tanh")),
    "Sigmoid": _module(lambda: Activation("sigmoid")),
    "Softmax": _module(lambda: Activation("softmax"), dim=None),
    **{  # capsules, as the app's own programs define them (codegen_capsules.py)
        "PrimaryCapsules": _module(
            PrimaryCapsules,
            channels=REQUIRED,
            types=REQUIRED,
            dimensions=REQUIRED,
            kernel=REQUIRED,
            stride=REQUIRED,
            padding=0,
        ),
        "RoutedCapsules": _module(
            RoutedCapsules,
            inputs=REQUIRED,
            size=REQUIRED,
            capsules=REQUIRED,
            dimensions=REQUIRED,
            iterations=3,
            through=False,
            shared=False,
        ),
        "CapsuleDecoder": _module(CapsuleDecoder, values=REQUIRED, first=REQUIRED, second=REQUIRED, pixels=REQUIRED),
        "CapsuleLengths": _module(CapsuleLengths),
    },
}

# Where the sizes that come in are written, and how many there must be: (C, H, W), or (N,).
INPUT_SIZE_NAMES = ("channels", "in_channels", "in_features", "num_features", "inputs", "size", "values", "pixels")
INPUT_DIMENSIONS = {"BatchNorm2d": 3, "BatchNorm1d": 1}

# Settings that the specs do not have, and the values with which they change nothing.
_INPLACE = {"inplace": (False, True)}
_NORM_FIXED = {"eps": (1e-5,), "momentum": (0.1,), "affine": (True,), "track_running_stats": (True,)}
FIXED_SETTINGS: dict[str, dict[str, tuple[Any, ...]]] = {
    "Conv2d": {"padding_mode": ("zeros",)},
    "ConvTranspose2d": {"padding_mode": ("zeros",)},
    "MaxPool2d": {"dilation": (1, (1, 1)), "return_indices": (False,)},
    "AvgPool2d": {"count_include_pad": (True,), "divisor_override": (None,)},
    "BlurPool": {"pad_type": ("reflect", "refl"), "pad_off": (0,)},
    "AdaptiveMaxPool2d": {"return_indices": (False,)},
    "Flatten": {"start_dim": (1,), "end_dim": (-1,)},
    "BatchNorm2d": _NORM_FIXED,
    "BatchNorm1d": _NORM_FIXED,
    **dict.fromkeys(("Dropout", "ReLU", "ReLU6", "SiLU"), _INPLACE),
    "LeakyReLU": {"negative_slope": (0.01,), **_INPLACE},
    "ELU": {"alpha": (1.0,), **_INPLACE},
    "GELU": {"approximate": ("none",)},
    "Softmax": {"dim": (1, -1, None)},
}
