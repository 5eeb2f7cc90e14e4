"""Write a network as a Keras program, or say why Keras cannot express it.

Keras keeps channels last, has no padding but "same" and none, and has other defaults for batch norm; they are written
out where they differ from PyTorch's.
"""

from collections.abc import Sequence

from core.layers import specs
from core.layers.calculator import Row, analyze
from core.layers.codegen.comments import call_settings, describe_network
from core.layers.setting_checks import LayerError
from core.layers.specs import Layer, pair
from core.size_text import format_shape

ACTIVATIONS = {
    "relu": "ReLU()",
    "relu6": "ReLU(max_value=6)",
    "leaky_relu": "LeakyReLU(negative_slope=0.01)",
    "elu": "ELU()",
    "gelu": 'Activation("gelu")',
    "silu": 'Activation("silu")',
    "tanh": 'Activation("tanh")',
    "sigmoid": 'Activation("sigmoid")',
    "softmax": "Softmax()",
    "selu": 'Activation("selu")',
    "celu": 'Activation("celu")',
    "mish": 'Activation("mish")',
    "softplus": 'Activation("softplus")',
    "softsign": 'Activation("softsign")',
    "tanhshrink": 'Activation("tanh_shrink")',
    "hardswish": 'Activation("hard_swish")',
    "hardsigmoid": 'Activation("hard_sigmoid")',
    "hardtanh": 'Activation("hard_tanh")',
    "logsigmoid": 'Activation("log_sigmoid")',
    "log_softmax": 'Activation("log_softmax")',
}
DROPOUTS = {"values": "Dropout", "channels": "SpatialDropout2D", "alpha": "AlphaDropout"}
POOL_NAMES = {"max": "Max", "average": "Average"}

RESIDUAL_CLASS = '''

class Residual(layers.Layer):
    """Add the outputs of `body` and `shortcut` for the same input."""

    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def call(self, x):
        past = x
        for layer in self.body:
            x = layer(x)
        for layer in self.shortcut:
            past = layer(past)
        return x + past

'''

Edges = tuple[tuple[int, int], tuple[int, int]]  # ((top, bottom), (left, right))


BLUR_POOL_FUNCTION = '''

def blur_pool(planes, size, strides):
    """Blur each plane, then keep every S-th value (Zhang 2019): (N, H, W, C) -> (N, H', W', C)."""
    row = np.poly1d([0.5, 0.5]) ** (size - 1)  # its coefficients are a row of Pascal's triangle, with sum 1
    weights = np.multiply.outer(row.coeffs, row.coeffs)[:, :, None, None]
    edges = [(size - 1) // 2, size // 2]
    padded = ops.pad(planes, [(0, 0), edges, edges, (0, 0)], mode="reflect") if size > 1 else planes
    kernel = ops.convert_to_tensor(np.repeat(weights, planes.shape[-1], axis=2), planes.dtype)
    return ops.depthwise_conv(padded, kernel, 1, padding="valid")[:, :: strides[0], :: strides[1]]

'''


def keras_program(layers: Sequence[Layer], input_shape: Sequence[int]) -> str:
    """Return a Python file that builds a network as `network` and sends one picture through it as `output`.

    Args:
        layers: The network.
        input_shape: Shape of one picture, (C, H, W); the program takes (N, H, W, C).

    Returns:
        Source code.

    Raises:
        LayerError: A layer does not fit, as in `analyze`, or Keras cannot express it: a stride with a dilation, a
            transposed convolution with groups, an average pooling in ceil mode, capsules.
    """
    rows = analyze(layers, input_shape)
    channels, height, width = input_shape
    body = "".join(f"        {line}\n" for line in _all_lines(rows))
    helpers = [
        text for call, text in (("Residual(", RESIDUAL_CLASS), ("blur_pool(", BLUR_POOL_FUNCTION)) if call in body
    ]
    extra = ", ops" if BLUR_POOL_FUNCTION in helpers or "ops." in body else ""
    return f'''\
"""{describe_network(rows, input_shape)}"""

import keras
import numpy as np
from keras import layers{extra}
{"".join(helpers)}
network = keras.Sequential(
    [
        keras.Input(({height}, {width}, {channels})),  # height, width, channels
{body}    ]
)
picture = np.zeros((1, {height}, {width}, {channels}), "float32")
output = network(picture)
print(tuple(output.shape), keras.ops.convert_to_numpy(output).ravel()[:10])
'''


def _all_lines(rows: Sequence[Row]) -> list[str]:
    """Return the lines of all layers."""
    return [line for index, row in enumerate(rows) for line in _lines(row, index)]


def _lines(row: Row, index: int) -> list[str]:
    """Return one layer's lines, with a comment after the last. Raises LayerError if Keras cannot express it."""
    if row.body:
        lines = ["Residual("]
        for name, way in (("body", row.body), ("shortcut", row.shortcut)):
            try:
                inner = _all_lines(way)
            except LayerError as error:
                raise LayerError(index, f"in its {name}, layer {(error.index or 0) + 1}: {error.reason}") from None
            lines += ["    [", *(f"        {line}" for line in inner), "    ],"] if inner else ["    [],"]
        return [*lines, f"),  # {_note(row)}"]
    lines = [f"layers.{call}," for call in _calls(row, index)]
    return [*lines[:-1], f"{lines[-1]}  # {_note(row)}"]


def _note(row: Row) -> str:
    """Return the comment after a layer: its output shape in Keras's order, H × W × C, and its parameters."""
    channels, *plane = row.output_shape
    parameters = f"; {row.parameters:,} parameters" if row.parameters else ""
    return format_shape((*plane, channels)) + parameters


def _calls(row: Row, index: int) -> list[str]:
    """Return one layer as one or more Keras layers. Raises LayerError if Keras cannot express it."""
    layer = row.layer
    match layer:
        case specs.Conv():
            return _conv(layer, index)
        case specs.ConvTranspose():
            return _conv_transpose(layer, index)
        case specs.Pool():
            return _pool(layer, row, index)
        case specs.BlurPool():
            return [f"Lambda(lambda x: blur_pool(x, {layer.kernel}, {pair(layer.stride)}))"]
        case specs.AdaptivePool():
            return [f"Adaptive{POOL_NAMES[layer.kind]}Pooling2D({layer.size})"]
        case specs.GlobalPool():
            return [f"Global{POOL_NAMES[layer.kind]}Pooling2D(keepdims=True)"]
        case specs.Flatten():
            return ["Flatten()"]
        case specs.Linear():
            return [f"Dense({layer.units}{call_settings(use_bias=(layer.bias, True))})"]
        case specs.Activation():
            return [ACTIVATIONS[layer.kind]]
        case specs.BatchNorm():
            return [f"BatchNormalization(momentum=0.9, epsilon=1e-5{_untrained(layer.affine)})"]
        case specs.GroupNorm() | specs.InstanceNorm():
            groups = layer.groups if isinstance(layer, specs.GroupNorm) else -1
            if len(row.input_shape) == 1 and groups > 1:
                raise LayerError(index, "Keras flattens channels last, so a list's groups would be others: use 1.")
            return [f"GroupNormalization({groups}, epsilon=1e-5{_untrained(layer.affine)})"]
        case specs.LayerNorm():
            if len(row.input_shape) == 3 and layer.axes != 3:
                raise LayerError(index, "Keras normalizes channels last: use axes 3, or take the PyTorch program.")
            axis = "" if len(row.input_shape) == 1 else "axis=[1, 2, 3], "
            untrained = call_settings(center=(layer.affine and layer.bias, True), scale=(layer.affine, True))
            return [f"LayerNormalization({axis}epsilon=1e-5{untrained})"]
        case specs.PReLU():
            axes = [1, 2, 3] if len(row.input_shape) == 3 else [1]
            shared = axes[: len(axes) - 1] if layer.per_channel else axes
            start = "alpha_initializer=keras.initializers.Constant(0.25)"
            return [f"PReLU({start}, shared_axes={shared})" if shared else f"PReLU({start})"]
        case specs.Upsample():
            if layer.kind == "bicubic" or layer.corners:
                raise LayerError(index, "Keras enlarges by nearest or bilinear, without corners: use one of them.")
            return [f'UpSampling2D({layer.scale}, interpolation="{layer.kind}")']
        case specs.Pad():
            if layer.kind not in ("zeros", "reflect"):
                raise LayerError(index, f"Keras has no {layer.kind} padding: use zeros or reflect.")
            mode = "" if layer.kind == "zeros" else ', mode="reflect"'
            widths = f"((0, 0), {pair(layer.rows)}, {pair(layer.columns)}, (0, 0))"
            return [f"Lambda(lambda x: ops.pad(x, {widths}{mode}))"]
        case specs.Unflatten():
            return [f"Reshape({(*pair(layer.plane), layer.channels)})"]
        case specs.PixelShuffle() | specs.LPPool():
            what = "pixel shuffle" if isinstance(layer, specs.PixelShuffle) else "Lp pooling"
            raise LayerError(index, f"Keras has no {what}: take the PyTorch program.")
        case specs.Dropout():
            return [f"{DROPOUTS[layer.kind]}({layer.p})"]
        case specs.PrimaryCapsules() | specs.RoutedCapsules() | specs.CapsuleDecoder() | specs.CapsuleLengths():
            raise LayerError(index, "Keras has no layers of capsules: take the PyTorch program.")
        case specs.Residual():
            raise AssertionError("a block's code comes from its rows")


def _untrained(affine: bool) -> str:
    """Return the settings of a normalization without trained numbers."""
    return call_settings(center=(affine, True), scale=(affine, True))


def _conv(layer: specs.Conv, index: int) -> list[str]:
    """Return a convolution, after a padding layer if needed."""
    _refuse_dilated_stride(layer, index)
    before: list[str] = []
    same = layer.padding == "same"
    if layer.padding != "same" and layer.padding != 0:
        kernel, dilation, padding = pair(layer.kernel), pair(layer.dilation), pair(layer.padding)
        reaches = (dilation[0] * (kernel[0] - 1), dilation[1] * (kernel[1] - 1))
        same = layer.stride == 1 and reaches == (2 * padding[0], 2 * padding[1])
        before = [] if same else [f"ZeroPadding2D({layer.padding})"]
    settings = call_settings(
        strides=(layer.stride, 1),
        padding=("same" if same else "", ""),
        dilation_rate=(layer.dilation, 1),
        groups=(layer.groups, 1),
        use_bias=(layer.bias, True),
    )
    return [*before, f"Conv2D({layer.filters}, {layer.kernel}{settings})"]


def _conv_transpose(layer: specs.ConvTranspose, index: int) -> list[str]:
    """Return a transposed convolution, before a cropping layer if needed."""
    _refuse_dilated_stride(layer, index)
    if layer.groups > 1:
        raise LayerError(
            index, f"Keras has no transposed convolution with groups: use groups 1 instead of {layer.groups}."
        )
    stride, extra = pair(layer.stride), pair(layer.output_padding)
    if extra[0] >= stride[0] or extra[1] >= stride[1]:
        raise LayerError(index, "Keras needs an output_padding smaller than the stride: use 0.")
    settings = call_settings(strides=(layer.stride, 1), dilation_rate=(layer.dilation, 1), use_bias=(layer.bias, True))
    # Without an output_padding, even 0, Keras makes the output larger where the stride is longer than the kernel.
    call = f"Conv2DTranspose({layer.filters}, {layer.kernel}{settings}, output_padding={layer.output_padding})"
    return [call, *([f"Cropping2D({layer.padding})"] if layer.padding != 0 else [])]


def _refuse_dilated_stride(layer: specs.Conv | specs.ConvTranspose, index: int) -> None:
    """Raise LayerError for a stride together with a dilation."""
    if layer.stride != 1 and layer.dilation != 1:
        raise LayerError(index, "Keras cannot combine a stride with a dilation: use 1 for either of them.")


def _pool(layer: specs.Pool, row: Row, index: int) -> list[str]:
    """Return a pooling layer, after a padding layer if needed.

    Padding is zeros for the mean, which counts them as PyTorch does, and minus infinity for the maximum.
    """
    if layer.dilation != 1:
        raise LayerError(index, "Keras has no pooling with a dilation: use 1.")
    kernel, padding = pair(layer.kernel), pair(layer.padding)
    stride = kernel if layer.stride is None else pair(layer.stride)
    reached = [  # pixels, after the padding in front, that the windows need
        (count - 1) * s + f for count, s, f in zip(row.output_shape[1:], stride, kernel, strict=True)
    ]
    (top, left), (rows, columns) = padding, row.input_shape[1:]
    edges = (top, max(top, reached[0] - top - rows)), (left, max(left, reached[1] - left - columns))
    before: list[str] = []
    if edges != ((top, top), (left, left)) and layer.kind == "average":
        raise LayerError(index, "Keras has no average pooling in ceil mode: use ceil=False.")
    if edges != ((0, 0), (0, 0)):
        before = [_padded(edges) if layer.kind == "max" else f"ZeroPadding2D({layer.padding})"]
    return [*before, f"{POOL_NAMES[layer.kind]}Pooling2D({layer.kernel}{call_settings(strides=(layer.stride, None))})"]


def _padded(edges: Edges) -> str:
    """Return a layer that pads with minus infinity."""
    widths = f"((0, 0), {edges[0]}, {edges[1]}, (0, 0))"
    return f'Lambda(lambda x: ops.pad(x, {widths}, constant_values=float("-inf")))'
