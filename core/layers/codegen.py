"""Write a network as a PyTorch program."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from core.layers.calculator import Row, analyse, totals
from core.layers.codegen_capsules import CLASSES as CAPSULE_CLASSES
from core.layers.logits import ending
from core.layers.shape_inference import Shape
from core.layers.specs import (
    Activation,
    ActivationKind,
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
    PrimaryCapsules,
    Residual,
    RoutedCapsules,
    Unflatten,
    Upsample,
    pair,
)
from core.shapes import format_shape

TORCH_ACTIVATIONS: dict[ActivationKind, str] = {
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
TORCH_DROPOUTS = {"values": "Dropout", "channels": "Dropout2d", "alpha": "AlphaDropout"}
TORCH_PADS = {"zeros": "Zero", "reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}
POOL_NAMES = {"max": "Max", "average": "Avg"}
DEFINED = (BlurPool, PrimaryCapsules, RoutedCapsules, CapsuleDecoder, CapsuleLengths)  # not PyTorch's own
RESIDUAL_CLASS = '''

class Residual(nn.Module):
    """Add the outputs of `body` and `shortcut` for the same input."""

    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = nn.Sequential(*body), nn.Sequential(*shortcut)

    def forward(self, x):
        return self.body(x) + self.shortcut(x)

'''

BLUR_POOL_CLASS = '''

class BlurPool(nn.Module):
    """Blur each plane with a binomial kernel, keep every S-th value (Zhang 2019); as antialiased_cnns.BlurPool."""

    def __init__(self, channels, filt_size=4, stride=2):
        super().__init__()
        row = torch.tensor([math.comb(filt_size - 1, place) / 2 ** (filt_size - 1) for place in range(filt_size)])
        weights = torch.outer(row, row).expand(channels, 1, -1, -1)
        self.register_buffer("kernel", weights, persistent=False)  # fixed: neither trained nor loaded
        before, after = (filt_size - 1) // 2, filt_size // 2
        self.edges, self.stride = (before, after, before, after), stride

    def forward(self, planes):
        padded = nn.functional.pad(planes, self.edges, mode="reflect")
        return nn.functional.conv2d(padded, self.kernel, stride=self.stride, groups=len(self.kernel))

'''


CLASSES = ((" Residual(", RESIDUAL_CLASS), (" BlurPool(", BLUR_POOL_CLASS), *CAPSULE_CLASSES)

# For each kind of test-time augmentation (core.training.evaluation.views): a description, and the code for the mean
# logits.
VIEWS = {
    "mirror": (
        "two views of each prepared picture: itself and its mirror image",
        "    return ({logits}(pictures) + {logits}(pictures.flip(-1))) / 2\n",
    ),
    "mirror+shift": (
        "six views of each prepared picture: itself with double weight,\n"
        "    shifted by a pixel to the upper left and to the lower right, and the mirror images of these",
        """\
    padded = nn.functional.pad(pictures, (1, 1, 1, 1), mode="reflect")
    views = (pictures, 2), (padded[..., :-2, :-2], 1), (padded[..., 2:, 2:], 1)
    return sum(weight * ({logits}(view) + {logits}(view.flip(-1))) for view, weight in views) / 8
""",
    ),
}


@dataclass(frozen=True, slots=True)
class Trained:
    """What the program of a trained network needs besides the layers."""

    weights: str  # the name of its safetensors file
    mean: Sequence[float]  # per channel, as in training, of pixels from 0 to 1
    std: Sequence[float]
    order: Sequence[int] | None = None  # the source of each of the H * W pixels, if the network saw them shuffled
    views: str = "none"  # a key of VIEWS if predictions are a mean over views of the picture
    accuracies: tuple[float, float] | None = None  # on the test set, of one view and of all, if both are known


def pytorch(layers: Sequence[Layer], input_shape: Sequence[int], *, trained: Trained | None = None) -> str:
    """Return a Python file that builds a network as `network` and sends one picture through it as `output`.

    Module i is layer i, as in `core.nets.build`, so each one's weights fit the other.

    Args:
        layers: The network.
        input_shape: Shape of one picture, (C, H, W).
        trained: For a trained network: the program loads its weights and prepares the picture as in training. If None,
            the weights are random.

    Returns:
        Source code.

    Raises:
        LayerError: A layer does not fit, as in `analyse`.
    """
    rows = analyse(layers, input_shape)
    channels, height, width = input_shape
    loading, prepared = _loading(trained) if trained else ("", "picture")
    body = _torch_lines(rows, 1, math.prod(input_shape))
    output = f"network({prepared}){_output_comment(rows, trained is not None)}"
    if trained and trained.views in VIEWS:
        loading += "\n" + _answer_function(rows, trained)
        output = (
            f"answer({prepared}){'.softmax(1)' if ending(rows).is_softmax else ''}{_output_comment(rows, True, True)}"
        )
    classes = [text for call, text in CLASSES if call in body]
    return f'''\
"""{describe_network(rows, input_shape)}"""

{"import math" + 2 * chr(10) if BLUR_POOL_CLASS in classes else ""}import torch
{"from safetensors.torch import load_file" + chr(10) if trained else ""}from torch import nn
{"".join(classes)}
network = nn.Sequential(
{body})
{loading}
network.eval()
picture = torch.zeros(1, {channels}, {height}, {width})  # (N, C, H, W){", pixels from 0 to 1" if trained else ""}
with torch.inference_mode():
    output = {output}
print(tuple(output.shape), output.flatten()[:10])
'''


def _output_comment(rows: Sequence[Row], trained: bool, averaged: bool = False) -> str:
    """Return a comment on the output: whether it is logits or probabilities, if that is known."""
    how = ending(rows)
    if how.is_softmax:
        what = "logarithms of the probabilities" if how.is_log and not averaged else "probabilities"
        return f"  # {what}; train with nn.CrossEntropyLoss on the logits, network[:{how.logits}]"
    if how.is_lengths:
        return "  # lengths of the capsules: each class's own estimate; they do not sum to 1"
    return "  # logits; output.softmax(1) are the probabilities" if trained else ""


def _answer_function(rows: Sequence[Row], trained: Trained) -> str:
    """Return a function that predicts with test-time augmentation, as the app does; `network` alone uses one view."""
    what, body = VIEWS[trained.views]
    how = ending(rows)
    accuracy = ""
    if trained.accuracies is not None:
        one, all_views = trained.accuracies
        sentence = f"Right for {all_views:.2%} of the test pictures; `network` alone, with one view, for {one:.2%}."
        accuracy = f"\n\n    {sentence}\n    "
    logits = f"network[:{how.logits}]" if how.is_softmax else "network"
    if len(rows[how.logits - 1].output_shape) > 1:  # a Flatten came after the Softmax
        logits = f"nn.Sequential({logits}, nn.Flatten())"
    return f'''

def answer(pictures):
    """Return the mean logits over {what}.{accuracy}"""
{body.format(logits=logits)}
'''


def _loading(trained: Trained) -> tuple[str, str]:
    """Return the lines that load the weights and define the preparation, and the expression of a prepared picture."""
    lines = ["", f"network.load_state_dict(load_file({trained.weights!r}))"]
    for name, figures in (("mean", trained.mean), ("std", trained.std)):
        written = ", ".join(f"{figure:.6g}" for figure in figures)
        lines.append(f"{name} = torch.tensor([{written}]).view(-1, 1, 1)  # per channel, as in training")
    if trained.order is None:
        return "\n".join(lines), "(picture - mean) / std"
    order = textwrap.fill(", ".join(map(str, trained.order)), 100, initial_indent="    ", subsequent_indent="    ")
    lines.append(f"order = [  # in training the pixels were shuffled, so they must be here, too\n{order}\n]")
    return "\n".join(lines), "(picture.flatten(2)[:, :, order].view_as(picture) - mean) / std"


def describe_network(rows: Sequence[Row], input_shape: Sequence[int]) -> str:
    """Return one line about a network: its size and its input.

    Args:
        rows: The network's rows, from `analyse`.
        input_shape: Shape of one picture, (C, H, W).

    Returns:
        A sentence.
    """
    sums = totals(rows)
    return (
        f"A network of {len(rows)} layers, {sums.parameters:,} parameters and {sums.macs:,} MACs "
        f"for input of {format_shape(input_shape)} (C × H × W)."
    )


def layer_comment(row: Row) -> str:
    """Return the comment after a layer: its output shape, and its parameters if it has any."""
    parameters = f"; {row.parameters:,} parameters" if row.parameters else ""
    return format_shape(row.output_shape) + parameters


def _torch_lines(rows: Sequence[Row], depth: int, pixels: int) -> str:
    """Return one line per layer, `nn.Name(...)` without PyTorch's defaults; several for a block."""
    indent = "    " * depth
    return "".join(f"{indent}{_torch_call(row, depth, pixels)},  # {layer_comment(row)}\n" for row in rows)


def _torch_call(row: Row, depth: int, pixels: int) -> str:
    """Return a layer's code, its first line without indentation, in a network for pictures of so many pixels."""
    if not row.body:
        call = _torch_name_and_settings(row.layer, row.input_shape, pixels)
        return call if isinstance(row.layer, DEFINED) else f"nn.{call}"
    indent = "    " * depth
    ways = (
        f"{indent}    [\n{_torch_lines(way, depth + 2, pixels)}{indent}    ],\n" if way else f"{indent}    [],\n"
        for way in (row.body, row.shortcut)
    )
    return f"Residual(\n{''.join(ways)}{indent})"


def _torch_name_and_settings(layer: Layer, input_shape: Shape, pixels: int) -> str:
    """Return a layer's class and its arguments."""
    channels = input_shape[0]
    match layer:
        case Conv() | ConvTranspose():
            name = "Conv2d" if isinstance(layer, Conv) else "ConvTranspose2d"
            extra = {"output_padding": (layer.output_padding, 0)} if isinstance(layer, ConvTranspose) else {}
            settings = call_settings(
                stride=(layer.stride, 1),
                padding=(layer.padding, 0),
                **extra,
                dilation=(layer.dilation, 1),
                groups=(layer.groups, 1),
                bias=(layer.bias, True),
            )
            return f"{name}({channels}, {layer.filters}, {layer.kernel}{settings})"
        case Pool():
            settings = call_settings(
                stride=(layer.stride, None),
                padding=(layer.padding, 0),
                dilation=(layer.dilation, 1),
                ceil_mode=(layer.ceil, False),
            )
            return f"{POOL_NAMES[layer.kind]}Pool2d({layer.kernel}{settings})"
        case LPPool():
            settings = call_settings(stride=(layer.stride, None), ceil_mode=(layer.ceil, False))
            return f"LPPool2d({layer.norm:g}, {layer.kernel}{settings})"
        case Upsample():
            corners = call_settings(align_corners=(layer.corners, False))
            return f'Upsample(scale_factor={layer.scale}, mode="{layer.kind}"{corners})'
        case PixelShuffle():
            return f"PixelShuffle({layer.factor})"
        case Pad():
            edges = (*pair(layer.columns), *pair(layer.rows))
            return f"{TORCH_PADS[layer.kind]}Pad2d({edges[0] if len(set(edges)) == 1 else edges})"
        case BlurPool():
            settings = call_settings(filt_size=(layer.kernel, 4), stride=(layer.stride, 2))
            return f"BlurPool({channels}{settings})"
        case AdaptivePool():
            return f"Adaptive{POOL_NAMES[layer.kind]}Pool2d({layer.size})"
        case GlobalPool():
            return f"Adaptive{POOL_NAMES[layer.kind]}Pool2d(1)"
        case Flatten():
            return "Flatten()"
        case Unflatten():
            return f"Unflatten(1, {(layer.channels, *pair(layer.plane))})"
        case Linear():
            return f"Linear({channels}, {layer.units}{call_settings(bias=(layer.bias, True))})"
        case Activation():
            return TORCH_ACTIVATIONS[layer.kind]
        case BatchNorm():
            return f"BatchNorm{len(input_shape) - 1 or 1}d({channels}{call_settings(affine=(layer.affine, True))})"
        case GroupNorm():
            return f"GroupNorm({layer.groups}, {channels}{call_settings(affine=(layer.affine, True))})"
        case InstanceNorm():
            return f"InstanceNorm2d({channels}{call_settings(affine=(layer.affine, False))})"
        case LayerNorm():
            settings = call_settings(elementwise_affine=(layer.affine, True), bias=(layer.bias, True))
            return f"LayerNorm({list(input_shape[-layer.axes :])}{settings})"
        case PReLU():
            return f"PReLU({channels if layer.per_channel and channels > 1 else ''})"
        case Dropout():
            return f"{TORCH_DROPOUTS[layer.kind]}({layer.p})"
        case PrimaryCapsules():
            settings = call_settings(padding=(layer.padding, 0))
            sizes = f"{layer.types}, {layer.dimensions}, {layer.kernel}, {layer.stride}"
            return f"PrimaryCapsules({channels}, {sizes}{settings})"
        case RoutedCapsules():
            settings = call_settings(
                iterations=(layer.iterations, 3), through=(layer.through, False), shared=(layer.shared, False)
            )
            return f"RoutedCapsules({channels}, {input_shape[1]}, {layer.capsules}, {layer.dimensions}{settings})"
        case CapsuleDecoder():
            return f"CapsuleDecoder({math.prod(input_shape)}, {layer.first}, {layer.second}, {pixels})"
        case CapsuleLengths():
            return "CapsuleLengths()"
        case Residual():
            raise AssertionError("a block's code comes from its rows")


def call_settings(**settings: tuple[object, object]) -> str:
    """Return `, name=value` for each setting (value, default) that is not its default, to follow a first argument."""
    given = {name: value for name, (value, default) in settings.items() if value != default}
    return "".join(f', {name}="{value}"' if value == "same" else f", {name}={value}" for name, value in given.items())
