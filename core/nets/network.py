"""Build PyTorch networks from layer specs."""

import math
from collections.abc import Sequence

from torch import Tensor, nn

from core.layers import specs
from core.layers.calculator import Row, analyze, check_buildable
from core.layers.logits import ending
from core.layers.specs import Layer, pair
from core.nets import blur, capsule

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "selu": nn.SELU,
    "celu": nn.CELU,
    "mish": nn.Mish,
    "softplus": nn.Softplus,
    "softsign": nn.Softsign,
    "tanhshrink": nn.Tanhshrink,
    "hardswish": nn.Hardswish,
    "hardsigmoid": nn.Hardsigmoid,
    "hardtanh": nn.Hardtanh,
    "logsigmoid": nn.LogSigmoid,
}
DROPOUTS: dict[str, type[nn.Module]] = {"values": nn.Dropout, "channels": nn.Dropout2d, "alpha": nn.AlphaDropout}
PADS: dict[str, type[nn.Module]] = {
    "zeros": nn.ZeroPad2d,
    "reflect": nn.ReflectionPad2d,
    "replicate": nn.ReplicationPad2d,
    "circular": nn.CircularPad2d,
}


class ResidualBlock(nn.Module):
    """A residual block: the sum of `body` and `shortcut`, which is the identity if empty."""

    def __init__(self, body: nn.Sequential, shortcut: nn.Sequential) -> None:
        """Store both branches, whose outputs have the same shape.

        Args:
            body: The main branch.
            shortcut: The other branch; empty for the identity.
        """
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum of both branches: (N, C, H, W) -> (N, K, H', W')."""
        out: Tensor = self.body(x) + self.shortcut(x)
        return out


def build(layers: Sequence[Layer], input_shape: Sequence[int]) -> nn.Sequential:
    """Return a network as a torch module for batches (N, C, H, W), with random weights from torch's own generator.

    Module i is layer i, so that a state dict's keys are "0.weight", "0.bias", ..., in a block "3.body.0.weight"; shapes
    and parameters equal those of `core.layers.calculator.analyze`.

    Args:
        layers: The network.
        input_shape: Shape of one picture, (C, H, W).

    Returns:
        The module.

    Raises:
        LayerError: A layer does not fit, or the network has more than MAX_PARAMETERS parameters or MAX_ACTIVATION_BYTES
            of activations.
    """
    rows = analyze(layers, input_shape)
    check_buildable(rows)
    return _sequential(rows, tuple(input_shape))


def up_to_logits(network: nn.Sequential, layers: Sequence[Layer], input_shape: Sequence[int]) -> nn.Sequential:
    """Return a network without its last softmax: its output is logits (N, classes).

    It shares the modules of `network`. A layer that is left out is replaced by an Identity, so that the state dict's
    keys stay the same.

    Args:
        network: The module that `build` made of `layers`.
        layers: The network's specs.
        input_shape: Shape of one picture, (C, H, W).

    Returns:
        The module; `network` itself if nothing is left out.
    """
    left_out = ending(analyze(layers, input_shape)).left_out
    kept = [nn.Identity() if place in left_out else module for place, module in enumerate(network)]
    return nn.Sequential(*kept).train(network.training) if left_out else network


def _sequential(rows: Sequence[Row], picture: tuple[int, ...]) -> nn.Sequential:
    """Return rows as a Sequential, of a network for pictures of this shape."""
    return nn.Sequential(
        *(_block(row, picture) if row.body else _module(row.layer, row.input_shape, picture) for row in rows)
    )


def _block(row: Row, picture: tuple[int, ...]) -> ResidualBlock:
    """Return a block's row as a module."""
    return ResidualBlock(_sequential(row.body, picture), _sequential(row.shortcut, picture))


def _module(layer: Layer, input_shape: tuple[int, ...], picture: tuple[int, ...]) -> nn.Module:
    """Return the torch module of one layer whose input has `input_shape`, (C, H, W), (capsules, dimensions) or (N,)."""
    channels = input_shape[0]
    match layer:
        case specs.Conv():
            return nn.Conv2d(
                channels,
                layer.filters,
                layer.kernel,
                layer.stride,
                layer.padding,
                layer.dilation,
                layer.groups,
                layer.bias,
            )
        case specs.ConvTranspose():
            return nn.ConvTranspose2d(
                channels,
                layer.filters,
                layer.kernel,
                layer.stride,
                layer.padding,
                layer.output_padding,
                layer.groups,
                layer.bias,
                layer.dilation,
            )
        case specs.Pool(kind="max"):
            return nn.MaxPool2d(layer.kernel, layer.stride, layer.padding, layer.dilation, ceil_mode=layer.ceil)
        case specs.Pool():
            return nn.AvgPool2d(layer.kernel, layer.stride, layer.padding, ceil_mode=layer.ceil)
        case specs.LPPool():
            return nn.LPPool2d(layer.norm, layer.kernel, layer.stride, layer.ceil)
        case specs.Upsample():
            corners = None if layer.kind == "nearest" else layer.corners
            return nn.Upsample(scale_factor=layer.scale, mode=layer.kind, align_corners=corners)
        case specs.PixelShuffle():
            return nn.PixelShuffle(layer.factor)
        case specs.Pad():
            return PADS[layer.kind]((*pair(layer.columns), *pair(layer.rows)))
        case specs.BlurPool():
            return blur.BlurPool(layer.kernel, layer.stride)
        case specs.AdaptivePool():
            return nn.AdaptiveMaxPool2d(layer.size) if layer.kind == "max" else nn.AdaptiveAvgPool2d(layer.size)
        case specs.GlobalPool():
            return nn.AdaptiveMaxPool2d(1) if layer.kind == "max" else nn.AdaptiveAvgPool2d(1)
        case specs.Flatten():
            return nn.Flatten()
        case specs.Unflatten():
            return nn.Unflatten(1, (layer.channels, *pair(layer.plane)))
        case specs.Linear():
            return nn.Linear(channels, layer.units, layer.bias)
        case specs.Activation(kind="softmax"):
            return nn.Softmax(dim=1)
        case specs.Activation(kind="log_softmax"):
            return nn.LogSoftmax(dim=1)
        case specs.Activation():
            return ACTIVATIONS[layer.kind]()
        case specs.BatchNorm():
            norm = nn.BatchNorm2d if len(input_shape) == 3 else nn.BatchNorm1d
            return norm(channels, affine=layer.affine)
        case specs.GroupNorm():
            return nn.GroupNorm(layer.groups, channels, affine=layer.affine)
        case specs.InstanceNorm():
            return nn.InstanceNorm2d(channels, affine=layer.affine)
        case specs.LayerNorm():
            return nn.LayerNorm(input_shape[-layer.axes :], elementwise_affine=layer.affine, bias=layer.bias)
        case specs.PReLU():
            return nn.PReLU(channels if layer.per_channel else 1)
        case specs.Dropout():
            return DROPOUTS[layer.kind](layer.p)
        case specs.PrimaryCapsules():
            return capsule.PrimaryCapsules(
                channels, layer.types, layer.dimensions, layer.kernel, layer.stride, layer.padding
            )
        case specs.RoutedCapsules():
            return capsule.RoutedCapsules(
                input_shape, layer.capsules, layer.dimensions, layer.iterations, layer.through, layer.shared
            )
        case specs.CapsuleDecoder():
            return capsule.CapsuleDecoder(input_shape, layer.first, layer.second, math.prod(picture))
        case specs.CapsuleLengths():
            return capsule.CapsuleLengths()
        case specs.Residual():
            raise AssertionError("a block is built from its rows")
