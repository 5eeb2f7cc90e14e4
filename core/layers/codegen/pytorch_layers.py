"""Write each layer of a network as the PyTorch module that computes it."""

import math
from collections.abc import Sequence

from core.layers import specs
from core.layers.calculator import Row
from core.layers.codegen.comments import call_settings, layer_comment
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import Layer, pair

ACTIVATIONS: dict[specs.ActivationKind, str] = {
    "relu": "ReLU()",
    "relu6": "ReLU6()",
    "leaky_relu": "LeakyReLU()",
    "elu": "ELU()",
    "gelu": "GELU()",
    "silu": "SiLU()",
    "tanh": "Tanh()",
    "sigmoid": "Sigmoid()",
    "softmax": "Softmax(dim=1)",
    "selu": "SELU()",
    "celu": "CELU()",
    "mish": "Mish()",
    "softplus": "Softplus()",
    "softsign": "Softsign()",
    "tanhshrink": "Tanhshrink()",
    "hardswish": "Hardswish()",
    "hardsigmoid": "Hardsigmoid()",
    "hardtanh": "Hardtanh()",
    "logsigmoid": "LogSigmoid()",
    "log_softmax": "LogSoftmax(dim=1)",
}
DROPOUTS = {"values": "Dropout", "channels": "Dropout2d", "alpha": "AlphaDropout"}
PADS = {"zeros": "Zero", "reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}
POOL_NAMES = {"max": "Max", "average": "Avg"}
DEFINED = (
    specs.BlurPool,
    specs.PrimaryCapsules,
    specs.RoutedCapsules,
    specs.CapsuleDecoder,
    specs.CapsuleLengths,
)  # not PyTorch's own


def layer_lines(rows: Sequence[Row], depth: int, pixels: int) -> str:
    """Return one line per layer, `nn.Name(...)` without PyTorch's defaults; several for a block."""
    indent = "    " * depth
    return "".join(f"{indent}{_call(row, depth, pixels)},  # {layer_comment(row)}\n" for row in rows)


def _call(row: Row, depth: int, pixels: int) -> str:
    """Return a layer's code, its first line without indentation, in a network for pictures of so many pixels."""
    if not row.body:
        call = _name_and_settings(row.layer, row.input_shape, pixels)
        return call if isinstance(row.layer, DEFINED) else f"nn.{call}"
    indent = "    " * depth
    ways = (
        f"{indent}    [\n{layer_lines(way, depth + 2, pixels)}{indent}    ],\n" if way else f"{indent}    [],\n"
        for way in (row.body, row.shortcut)
    )
    return f"Residual(\n{''.join(ways)}{indent})"


def _name_and_settings(layer: Layer, input_shape: Shape, pixels: int) -> str:
    """Return a layer's class and its arguments."""
    channels = input_shape[0]
    match layer:
        case specs.Conv() | specs.ConvTranspose():
            name = "Conv2d" if isinstance(layer, specs.Conv) else "ConvTranspose2d"
            extra = {"output_padding": (layer.output_padding, 0)} if isinstance(layer, specs.ConvTranspose) else {}
            settings = call_settings(
                stride=(layer.stride, 1),
                padding=(layer.padding, 0),
                **extra,
                dilation=(layer.dilation, 1),
                groups=(layer.groups, 1),
                bias=(layer.bias, True),
            )
            return f"{name}({channels}, {layer.filters}, {layer.kernel}{settings})"
        case specs.Pool():
            settings = call_settings(
                stride=(layer.stride, None),
                padding=(layer.padding, 0),
                dilation=(layer.dilation, 1),
                ceil_mode=(layer.ceil, False),
            )
            return f"{POOL_NAMES[layer.kind]}Pool2d({layer.kernel}{settings})"
        case specs.LPPool():
            settings = call_settings(stride=(layer.stride, None), ceil_mode=(layer.ceil, False))
            return f"LPPool2d({layer.norm:g}, {layer.kernel}{settings})"
        case specs.Upsample():
            corners = call_settings(align_corners=(layer.corners, False))
            return f'Upsample(scale_factor={layer.scale}, mode="{layer.kind}"{corners})'
        case specs.PixelShuffle():
            return f"PixelShuffle({layer.factor})"
        case specs.Pad():
            edges = (*pair(layer.columns), *pair(layer.rows))
            return f"{PADS[layer.kind]}Pad2d({edges[0] if len(set(edges)) == 1 else edges})"
        case specs.BlurPool():
            settings = call_settings(filt_size=(layer.kernel, 4), stride=(layer.stride, 2))
            return f"BlurPool({channels}{settings})"
        case specs.AdaptivePool():
            return f"Adaptive{POOL_NAMES[layer.kind]}Pool2d({layer.size})"
        case specs.GlobalPool():
            return f"Adaptive{POOL_NAMES[layer.kind]}Pool2d(1)"
        case specs.Flatten():
            return "Flatten()"
        case specs.Unflatten():
            return f"Unflatten(1, {(layer.channels, *pair(layer.plane))})"
        case specs.Linear():
            return f"Linear({channels}, {layer.units}{call_settings(bias=(layer.bias, True))})"
        case specs.Activation():
            return ACTIVATIONS[layer.kind]
        case specs.BatchNorm():
            return f"BatchNorm{len(input_shape) - 1 or 1}d({channels}{call_settings(affine=(layer.affine, True))})"
        case specs.GroupNorm():
            return f"GroupNorm({layer.groups}, {channels}{call_settings(affine=(layer.affine, True))})"
        case specs.InstanceNorm():
            return f"InstanceNorm2d({channels}{call_settings(affine=(layer.affine, False))})"
        case specs.LayerNorm():
            settings = call_settings(elementwise_affine=(layer.affine, True), bias=(layer.bias, True))
            return f"LayerNorm({list(input_shape[-layer.axes :])}{settings})"
        case specs.PReLU():
            return f"PReLU({channels if layer.per_channel and channels > 1 else ''})"
        case specs.Dropout():
            return f"{DROPOUTS[layer.kind]}({layer.p})"
        case specs.PrimaryCapsules():
            settings = call_settings(padding=(layer.padding, 0))
            sizes = f"{layer.types}, {layer.dimensions}, {layer.kernel}, {layer.stride}"
            return f"PrimaryCapsules({channels}, {sizes}{settings})"
        case specs.RoutedCapsules():
            settings = call_settings(
                iterations=(layer.iterations, 3), through=(layer.through, False), shared=(layer.shared, False)
            )
            return f"RoutedCapsules({channels}, {input_shape[1]}, {layer.capsules}, {layer.dimensions}{settings})"
        case specs.CapsuleDecoder():
            return f"CapsuleDecoder({math.prod(input_shape)}, {layer.first}, {layer.second}, {pixels})"
        case specs.CapsuleLengths():
            return "CapsuleLengths()"
        case specs.Residual():
            raise AssertionError("a block's code comes from its rows")
