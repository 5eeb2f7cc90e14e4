"""Write the formulas of layers as LaTeX, in the letters of the course notes, first symbolic, then with numbers.

K filters, F size, S stride, P padding, D_in depth, W_in and H_in width and height; D dilation and G groups where they
are not 1. Subscripts h and w appear where height and width differ. Capsules: T types; I of D numbers come in, J of E
numbers go out. The text is for KaTeX's display mode.
"""

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

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
    Size,
    Unflatten,
    Upsample,
    pair,
)

Shape = tuple[int, ...]

MAX_LINE_LENGTH = 80  # characters of LaTeX
BEGIN = r"\begin{aligned} "
# KaTeX's block of lines reaches 2 px out of its own box, which then scrolls: the thin space makes room for them.
END = r" \end{aligned} \,"

ACTIVATIONS = {
    "relu": r"\max(0, x)",
    "relu6": r"\min(\max(0, x), 6)",
    "leaky_relu": r"\max(0.01\,x,\; x)",
    "elu": r"x \text{ if } x > 0 \text{, else } e^{x} - 1",
    "gelu": r"x \cdot \Phi(x)",
    "silu": r"\frac{x}{1 + e^{-x}}",
    "tanh": r"\tanh(x)",
    "sigmoid": r"\frac{1}{1 + e^{-x}}",
    "softmax": r"\frac{e^{x_i}}{\sum_j e^{x_j}}",
    "selu": r"1.0507\,x \text{ if } x > 0 \text{, else } 1.7581\,(e^{x} - 1)",
    "celu": r"x \text{ if } x > 0 \text{, else } e^{x} - 1",
    "mish": r"x \cdot \tanh(\ln(1 + e^{x}))",
    "softplus": r"\ln(1 + e^{x})",
    "softsign": r"\frac{x}{1 + |x|}",
    "tanhshrink": r"x - \tanh(x)",
    "hardswish": r"x \cdot \frac{\min(\max(0, x + 3), 6)}{6}",
    "hardsigmoid": r"\frac{\min(\max(0, x + 3), 6)}{6}",
    "hardtanh": r"\min(\max(-1, x), 1)",
    "logsigmoid": r"-\ln(1 + e^{-x})",
    "log_softmax": r"x_i - \ln \sum_j e^{x_j}",
}
NORMALIZED = r"\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}"


def latex(layer: Layer, input_shape: Shape, output_shape: Shape, *, plane: Shape = (), pixels: int = 0) -> str:
    r"""Return a layer's formulas as one `aligned` block: output size, then parameters and MACs of a layer with weights.

    Args:
        layer: The layer.
        input_shape: Shape of its input, (C, H, W), (capsules, dimensions), or (N,) after a Flatten.
        output_shape: Shape of its output.
        plane: (H, W) of the positions of primary capsules.
        pixels: Numbers of the picture that a decoder draws.

    Returns:
        LaTeX.

    Examples:
        >>> print(latex(Linear(10), (784,), (10,)))  # doctest: +NORMALIZE_WHITESPACE
        \begin{aligned} \text{parameters} &= N_{\text{in}} \cdot N_{\text{out}} + N_{\text{out}} \\ &= 784 \cdot 10 + 10
        = 7{,}850 \\ \text{MACs} &= N_{\text{in}} \cdot N_{\text{out}} = 784 \cdot 10 = 7{,}840 \end{aligned} \,
    """
    match layer:
        case Conv() | ConvTranspose():
            lines = [*_sides(layer, input_shape, output_shape), *_conv_costs(layer, input_shape, output_shape)]
        case Pool():
            lines = [*_sides(layer, input_shape, output_shape), _depth(input_shape)]
        case LPPool():
            lines = [
                *_sides(Pool("average", layer.kernel, layer.stride, ceil=layer.ceil), input_shape, output_shape),
                _depth(input_shape),
                rf"y &= \sqrt[p]{{\textstyle\sum x^p}}, \; p = {layer.norm:g}",
            ]
        case Upsample() | PixelShuffle() | Pad():
            lines = _resized(layer, input_shape, output_shape)
        case BlurPool():
            lines = [*_blur_sides(layer, input_shape, output_shape), *_blur_costs(layer, input_shape, output_shape)]
        case AdaptivePool() | GlobalPool():
            height, width = output_shape[1:]
            lines = [
                rf"W_{{\text{{out}}}} &= {width} \text{{ for any input size}}",
                *([] if height == width else [rf"H_{{\text{{out}}}} &= {height} \text{{ for any input size}}"]),
                _depth(input_shape),
            ]
        case Flatten():
            factors = r" \cdot ".join(_number(n) for n in input_shape)
            symbols = r"D_{\text{in}} \cdot H_{\text{in}} \cdot W_{\text{in}} = " if len(input_shape) == 3 else ""
            lines = [rf"N_{{\text{{out}}}} &= {symbols}{_equals(factors, output_shape[0])}"]
        case Unflatten():
            planes = r" \times ".join(_number(n) for n in output_shape)
            lines = [rf"D \times H \times W &= {planes} = {_number(input_shape[0])} = N_{{\text{{in}}}}"]
        case Linear():
            n_in, n_out = _number(input_shape[0]), _number(layer.units)
            bias, bias_number = (r" + N_{\text{out}}", f" + {n_out}") if layer.bias else ("", "")
            count = input_shape[0] * layer.units
            product, numbers = r"N_{\text{in}} \cdot N_{\text{out}}", rf"{n_in} \cdot {n_out}"
            lines = [
                rf"\text{{parameters}} &= {product}{bias} = {numbers}{bias_number} = "
                f"{_number(count + layer.units * layer.bias)}",
                rf"\text{{MACs}} &= {product} = {numbers} = {_number(count)}",
            ]
        case BatchNorm():
            lines = _channel_norm(layer.affine, input_shape[0])
        case GroupNorm() | InstanceNorm():
            groups = layer.groups if isinstance(layer, GroupNorm) else input_shape[0]
            over = "one picture's group of channels" if isinstance(layer, GroupNorm) else "one picture's channel"
            each = _number(math.prod(input_shape) // groups)
            lines = [
                *_channel_norm(layer.affine, input_shape[0]),
                rf"\mu, \sigma &: \text{{ over the }} {each} \text{{ numbers of {over}}}",
            ]
        case LayerNorm():
            together = input_shape[-layer.axes :]
            count, product = math.prod(together), r" \cdot ".join(_number(n) for n in together)
            shift = layer.affine and layer.bias
            y = (r"\gamma \cdot " if layer.affine else "") + NORMALIZED + (r" + \beta" if shift else "")
            total = count * (layer.affine + shift)
            times = r"2 \cdot " if shift else ""
            lines = [
                f"y &= {y}",
                rf"\mu, \sigma &: \text{{ over }} {_equals(product, count)} \text{{ numbers of one picture}}",
                rf"\text{{parameters}} &= {_equals(f'{times}{product}', total) if layer.affine else 0}",
            ]
        case PReLU():
            slopes = rf"D_{{\text{{in}}}} = {_number(input_shape[0])}" if layer.per_channel else "1"
            lines = [
                r"y &= \max(0, x) + a \cdot \min(0, x)",
                rf"\text{{parameters}} &= {slopes}",
            ]
        case Activation():
            lines = [f"y &= {ACTIVATIONS[layer.kind]}"]
        case Dropout():
            kept = rf"\frac{{x}}{{1 - {layer.p:g}}}" if layer.p < 1 else "0"
            lines = [rf"y &= 0 \text{{ with probability }} {layer.p:g} \text{{, else }} {kept}"]
        case PrimaryCapsules():
            convolution = Conv(layer.types * layer.dimensions, layer.kernel, layer.stride, layer.padding)
            lines = [
                *_sides(convolution, input_shape, (convolution.filters, *plane)),
                *_primary_capsules(layer, output_shape[0], plane),
                *_conv_costs(convolution, input_shape, (convolution.filters, *plane)),
            ]
        case RoutedCapsules():
            lines = _routed_capsules(layer, input_shape)
        case CapsuleDecoder():
            lines = _decoder(layer, input_shape, pixels)
        case CapsuleLengths():
            lines = [rf"y_j &= \lVert v_j \rVert = \sqrt{{v_{{j1}}^2 + \dots + v_{{j,{_number(input_shape[1])}}}^2}}"]
        case Residual():
            lines = [rf"y &= F(x) + {'G(x)' if layer.shortcut else 'x'}"]
    return BEGIN + r" \\ ".join(_broken(line) for line in lines) + END


def latex_block(past: bool, parameters: Sequence[int], macs: Sequence[int]) -> str:
    r"""Return a residual block's formulas: the sum, and the totals over the layers inside it.

    Args:
        past: Whether the shortcut has layers.
        parameters: Parameters of each layer inside the block.
        macs: MACs of each layer inside the block.

    Returns:
        LaTeX.

    Examples:
        >>> print(latex_block(False, [72, 16], [0, 0]))
        \begin{aligned} y &= F(x) + x \\ \text{parameters} &= 72 + 16 = 88 \end{aligned} \,
    """
    lines = [rf"y &= F(x) + {'G(x)' if past else 'x'}"]
    for name, numbers in (("parameters", parameters), ("MACs", macs)):
        costly = [_number(number) for number in numbers if number]
        if costly:
            lines.append(rf"\text{{{name}}} &= {_equals(' + '.join(costly), sum(numbers))}")
    return BEGIN + r" \\ ".join(_broken(line) for line in lines) + END


def _broken(line: str) -> str:
    """Split a long line in two, the letters and below them the numbers, so that it fits."""
    return line if len(line) <= MAX_LINE_LENGTH else line.replace(" = ", r" \\ &= ", 1)


class _Letter(NamedTuple):
    """A setting on one axis: its letter and its value there."""

    symbol: str
    value: int


def _letter(symbol: str, size: Size, axis: int) -> _Letter:
    """Return the letter of `size` on an axis (0 height, 1 width), with a subscript if the two differ."""
    subscript = f"_{'hw'[axis]}" if isinstance(size, tuple) else ""
    return _Letter(symbol + subscript, pair(size)[axis])


def _sides(layer: Conv | ConvTranspose | Pool, input_shape: Shape, output_shape: Shape) -> list[str]:
    """Return the formula of the output's width, and that of its height if it has other numbers."""
    sizes = [getattr(layer, name) for name in layer.__dataclass_fields__]
    square = input_shape[1] == input_shape[2] and not any(isinstance(size, tuple) for size in sizes)
    return [_side(layer, axis, input_shape[axis + 1], output_shape[axis + 1]) for axis in ((1,) if square else (1, 0))]


def _side(layer: Conv | ConvTranspose | Pool, axis: int, n: int, out: int) -> str:
    """Return the formula of the output size on one axis: `n` pixels in, `out` pixels out."""
    letter = "HW"[axis]
    left, symbol = rf"{letter}_{{\text{{out}}}} &= ", rf"{letter}_{{\text{{in}}}}"
    if isinstance(layer, Conv) and layer.padding == "same":
        return rf"{left}{symbol} = {out} \text{{ (padding keeps the size)}}"
    kernel = _letter("F", layer.kernel, axis)
    stride = _letter("S", (layer.stride if layer.stride is not None else layer.kernel), axis)
    assert layer.padding != "same"  # said above; only a Conv has it
    padding = _letter("P", layer.padding, axis)
    dilation = _letter("D", layer.dilation, axis)
    if isinstance(layer, ConvTranspose):
        extra = _letter("O", layer.output_padding, axis)
        symbols, numbers = _enlarged(_Letter(symbol, n), kernel, stride, padding, dilation, extra)
        return left + f"{symbols} = {numbers} = {out}"
    numerator = _numerator(symbol, kernel.symbol, padding.symbol, dilation.symbol, dilation.value)
    numbers = _numerator(str(n), str(kernel.value), str(padding.value), str(dilation.value), dilation.value)
    count = n - dilation.value * (kernel.value - 1) - 1 + 2 * padding.value
    fractions = [rf"\frac{{{numerator}}}{{{stride.symbol}}}", rf"\frac{{{numbers}}}{{{stride.value}}}"]
    if count % stride.value == 0:
        return left + " = ".join([*(f"{fraction} + 1" for fraction in fractions), str(out)])
    up = isinstance(layer, Pool) and layer.ceil
    fractions.append(f"{count / stride.value:.6g}")
    opening, closing = (r"\left\lceil ", r" \right\rceil") if up else (r"\left\lfloor ", r" \right\rfloor")
    dropped = up and -(-count // stride.value) + 1 > out
    ones = " + 1 - 1" if dropped else " + 1"
    why = r" \text{ (a last window would start in the padding)}" if dropped else ""
    return left + " = ".join([*(f"{opening}{fraction}{closing}{ones}" for fraction in fractions), f"{out}{why}"])


def _numerator(n: str, kernel: str, padding: str, dilation: str, dilated: int) -> str:
    """Return the numerator of the output size's formula."""
    if dilated == 1:
        return rf"{n} - {kernel} + 2 \cdot {padding}" if kernel.isdigit() else f"{n} - {kernel} + 2{padding}"
    times = r" \cdot " if kernel.isdigit() else ""
    return f"{n} - {dilation}{times}({kernel} - 1) - 1 + 2{times}{padding}"


def _enlarged(
    n: _Letter, kernel: _Letter, stride: _Letter, padding: _Letter, dilation: _Letter, extra: _Letter
) -> tuple[str, str]:
    """Return the output size of a transposed convolution on one axis, with letters and with numbers."""

    def write(times: str, n: object, f: object, s: object, p: object, d: object, o: object) -> str:
        """Write the formula with these terms."""
        reach = f"{f}" if dilation.value == 1 else f"{d}{times}({f} - 1) + 1"
        return f"({n} - 1){times}{s} - 2{times}{p} + {reach}" + (f" + {o}" if extra.value else "")

    letters = (n, kernel, stride, padding, dilation, extra)
    return write("", *(letter.symbol for letter in letters)), write(r" \cdot ", *(letter.value for letter in letters))


def _conv_costs(layer: Conv | ConvTranspose, input_shape: Shape, output_shape: Shape) -> list[str]:
    """Return parameters and MACs: a convolution works per output position, a transposed one per input position."""
    height, width = _letter("F", layer.kernel, 0), _letter("F", layer.kernel, 1)
    weights = rf"K \cdot {height.symbol} \cdot {width.symbol} \cdot D_{{\text{{in}}}}"
    numbers = rf"{layer.filters} \cdot {height.value} \cdot {width.value} \cdot {input_shape[0]}"
    if layer.groups > 1:
        weights, numbers = f"{weights} / G", f"{numbers} / {layer.groups}"
    count = layer.filters * height.value * width.value * input_shape[0] // layer.groups
    bias, bias_number = (" + K", f" + {layer.filters}") if layer.bias else ("", "")
    where, (rows, columns) = ("in", input_shape[1:]) if isinstance(layer, ConvTranspose) else ("out", output_shape[1:])
    positions = rf"H_{{\text{{{where}}}}} \cdot W_{{\text{{{where}}}}}"
    return [
        rf"\text{{parameters}} &= {weights}{bias} = {numbers}{bias_number} = "
        f"{_number(count + layer.filters * layer.bias)}",
        rf"\text{{MACs}} &= {weights} \cdot {positions} = {numbers} \cdot {rows} \cdot {columns} = "
        f"{_number(count * rows * columns)}",
    ]


def _resized(layer: Upsample | PixelShuffle | Pad, input_shape: Shape, output_shape: Shape) -> list[str]:
    """Return the output size of a layer that enlarges planes, and how many there are."""
    lines = []
    for axis in (1, 0):
        letter, n, out = "HW"[axis], input_shape[axis + 1], output_shape[axis + 1]
        match layer:
            case Pad():
                before, after = pair(layer.columns if axis else layer.rows)
                symbols, numbers = r"P_1 + P_2", f"{n} + {before} + {after}"
                lines.append(rf"{letter}_{{\text{{out}}}} &= {letter}_{{\text{{in}}}} + {symbols} = {numbers} = {out}")
            case _:
                factor = layer.factor if isinstance(layer, PixelShuffle) else pair(layer.scale)[axis]
                symbol = "r" if isinstance(layer, PixelShuffle) else "s"
                symbols = rf"{symbol} \cdot {letter}_{{\text{{in}}}}"
                lines.append(rf"{letter}_{{\text{{out}}}} &= {symbols} = {factor} \cdot {n} = {out}")
    if isinstance(layer, PixelShuffle):
        planes = rf"\frac{{D_{{\text{{in}}}}}}{{r^2}} = \frac{{{_number(input_shape[0])}}}{{{layer.factor**2}}}"
        return [*lines, rf"D_{{\text{{out}}}} &= {planes} = {_number(output_shape[0])}"]
    return [*lines, _depth(input_shape)]


def _channel_norm(affine: bool, channels: int) -> list[str]:
    """Return the formula of a normalization with two trained numbers for each channel, or none."""
    if not affine:
        return [f"y &= {NORMALIZED}", r"\text{parameters} &= 0"]
    return [
        rf"y &= \gamma \cdot {NORMALIZED} + \beta",
        rf"\text{{parameters}} &= 2 D_{{\text{{in}}}} = 2 \cdot {_number(channels)} = {_number(2 * channels)}",
    ]


def _blur_sides(layer: BlurPool, input_shape: Shape, output_shape: Shape) -> list[str]:
    """Return the output size: the blur keeps the size, so it depends on the stride alone."""
    square = input_shape[1] == input_shape[2] and not isinstance(layer.stride, tuple)
    lines = []
    for axis in (1,) if square else (1, 0):
        symbol, value = _letter("S", layer.stride, axis)
        letter, n, out = "HW"[axis], input_shape[axis + 1], output_shape[axis + 1]
        fractions = rf"\frac{{{letter}_{{\text{{in}}}}}}{{{symbol}}}", rf"\frac{{{n}}}{{{value}}}"
        up = " = ".join(rf"\left\lceil {fraction} \right\rceil" for fraction in fractions)
        lines.append(rf"{letter}_{{\text{{out}}}} &= {up} = {out}")
    return [*lines, _depth(input_shape)]


def _blur_costs(layer: BlurPool, input_shape: Shape, output_shape: Shape) -> list[str]:
    """Return the MACs: there are no parameters, but the fixed weights are multiplied for every output."""
    kernel, (channels, rows, columns) = layer.kernel, output_shape
    positions = r"H_{\text{out}} \cdot W_{\text{out}}"
    return [
        r"\text{parameters} &= 0 \text{ (not trainable)}",
        rf"\text{{MACs}} &= F \cdot F \cdot D_{{\text{{in}}}} \cdot {positions} = {kernel} \cdot {kernel} \cdot "
        rf"{channels} \cdot {rows} \cdot {columns} = {_number(kernel**2 * channels * rows * columns)}",
    ]


def _squash(index: str) -> str:
    """Return the formula of capsules, shortened to a length below 1."""
    s = f"s_{index}"
    square = rf"\lVert {s} \rVert^2"
    return rf"v_{index} &= \frac{{{square}}}{{1 + {square}}} \, \frac{{{s}}}{{\lVert {s} \rVert}}"


def _primary_capsules(layer: PrimaryCapsules, capsules: int, plane: Shape) -> list[str]:
    """Return how the planes of a convolution are read as vectors."""
    planes = _number(layer.types * layer.dimensions)
    numbers = rf"{_number(layer.types)} \cdot {plane[0]} \cdot {plane[1]} = {_number(capsules)}"
    return [
        rf"K &= T \cdot E = {layer.types} \cdot {layer.dimensions} = {planes}",
        rf"\text{{capsules}} &= T \cdot H_{{\text{{out}}}} \cdot W_{{\text{{out}}}} = {numbers}",
        _squash("j"),
    ]


def _routed_capsules(layer: RoutedCapsules, input_shape: Shape) -> list[str]:
    """Return predictions, coupling coefficients, sums and cost of a routing."""
    count, size = input_shape
    matrix = "W_j" if layer.shared else "W_{ij}"
    routed = layer.iterations > 1
    weights = r"J \cdot D \cdot E" if layer.shared else r"I \cdot J \cdot D \cdot E"
    factors = [layer.capsules, size, layer.dimensions]
    numbers = r" \cdot ".join(map(_number, factors if layer.shared else [count, *factors]))
    products = count * math.prod(factors)
    parameters = math.prod(factors) if layer.shared else products
    all_numbers = r" \cdot ".join(map(_number, [count, *factors]))
    return [
        rf"\hat{{u}}_{{ij}} &= u_i {matrix}",
        r"c_{ij} &= \frac{e^{b_{ij}}}{\sum_k e^{b_{ik}}}"
        if routed
        else rf"c_{{ij}} &= \frac{{1}}{{J}} = \frac{{1}}{{{_number(layer.capsules)}}}",
        *([r"b_{ij} &\leftarrow b_{ij} + \hat{u}_{ij} \cdot v_j"] if routed else []),
        r"s_j &= \sum_i c_{ij} \hat{u}_{ij}",
        _squash("j"),
        rf"\text{{parameters}} &= {weights} = {numbers} = {_number(parameters)}",
        rf"\text{{MACs}} &= I \cdot J \cdot D \cdot E = {all_numbers} = {_number(products)}",
    ]


def _decoder(layer: CapsuleDecoder, input_shape: Shape, pixels: int) -> list[str]:
    """Return the cost of a decoder: three fully connected layers, from all capsules, all but one set to 0."""
    units = (math.prod(input_shape), layer.first, layer.second, pixels)
    pairs = list(itertools.pairwise(units))
    sums = " + ".join(rf"{_number(before)} \cdot {_number(after)}" for before, after in pairs)
    letters = r"J E \cdot N_1 + N_1 \cdot N_2 + N_2 \cdot N_{\text{pixels}}"
    macs, biases = sum(before * after for before, after in pairs), sum(units[1:])
    bias_sum = f"{' + '.join(map(_number, units[1:]))} = {_number(biases)}"
    return [
        r"y &= v \text{, unchanged}",
        rf"\text{{weights}} &= {letters} = {sums} = {_number(macs)}",
        rf"\text{{biases}} &= N_1 + N_2 + N_{{\text{{pixels}}}} = {bias_sum}",
        rf"\text{{parameters}} &= {_number(macs)} + {_number(biases)} = {_number(macs + biases)}",
        rf"\text{{MACs}} &= {_number(macs)}",
    ]


def _depth(input_shape: Shape) -> str:
    """Return the formula of an output that is as deep as its input."""
    return rf"D_{{\text{{out}}}} &= D_{{\text{{in}}}} = {_number(input_shape[0])}"


def _equals(expression: str, value: int) -> str:
    """Return "expression = value", or the value alone if they are the same text."""
    return expression if expression == _number(value) else f"{expression} = {_number(value)}"


def _number(value: int) -> str:
    """Return a number with thousands separators, without the space that TeX puts after a comma."""
    return f"{value:,}".replace(",", "{,}")
