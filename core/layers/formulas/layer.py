"""Write the formulas of one layer, or of a block of layers."""

import math
from collections.abc import Sequence

from core.layers import specs
from core.layers.formulas.capsules import decoder, primary_capsules, routed_capsules
from core.layers.formulas.notation import aligned, depth, equals, tex
from core.layers.formulas.windows import blur_costs, blur_sides, conv_costs, resized, sides
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import Layer

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
        >>> print(latex(specs.Linear(10), (784,), (10,)))  # doctest: +NORMALIZE_WHITESPACE
        \begin{aligned} \text{parameters} &= N_{\text{in}} \cdot N_{\text{out}} + N_{\text{out}} \\ &= 784 \cdot 10 + 10
        = 7{,}850 \\ \text{MACs} &= N_{\text{in}} \cdot N_{\text{out}} = 784 \cdot 10 = 7{,}840 \end{aligned} \,
    """
    match layer:
        case specs.Conv() | specs.ConvTranspose():
            lines = [*sides(layer, input_shape, output_shape), *conv_costs(layer, input_shape, output_shape)]
        case specs.Pool():
            lines = [*sides(layer, input_shape, output_shape), depth(input_shape)]
        case specs.LPPool():
            lines = [
                *sides(specs.Pool("average", layer.kernel, layer.stride, ceil=layer.ceil), input_shape, output_shape),
                depth(input_shape),
                rf"y &= \sqrt[p]{{\textstyle\sum x^p}}, \; p = {layer.norm:g}",
            ]
        case specs.Upsample() | specs.PixelShuffle() | specs.Pad():
            lines = resized(layer, input_shape, output_shape)
        case specs.BlurPool():
            lines = [*blur_sides(layer, input_shape, output_shape), *blur_costs(layer, input_shape, output_shape)]
        case specs.AdaptivePool() | specs.GlobalPool():
            height, width = output_shape[1:]
            lines = [
                rf"W_{{\text{{out}}}} &= {width} \text{{ for any input size}}",
                *([] if height == width else [rf"H_{{\text{{out}}}} &= {height} \text{{ for any input size}}"]),
                depth(input_shape),
            ]
        case specs.Flatten():
            factors = r" \cdot ".join(tex(n) for n in input_shape)
            symbols = r"D_{\text{in}} \cdot H_{\text{in}} \cdot W_{\text{in}} = " if len(input_shape) == 3 else ""
            lines = [rf"N_{{\text{{out}}}} &= {symbols}{equals(factors, output_shape[0])}"]
        case specs.Unflatten():
            planes = r" \times ".join(tex(n) for n in output_shape)
            lines = [rf"D \times H \times W &= {planes} = {tex(input_shape[0])} = N_{{\text{{in}}}}"]
        case specs.Linear():
            n_in, n_out = tex(input_shape[0]), tex(layer.units)
            bias, bias_number = (r" + N_{\text{out}}", f" + {n_out}") if layer.bias else ("", "")
            count = input_shape[0] * layer.units
            product, numbers = r"N_{\text{in}} \cdot N_{\text{out}}", rf"{n_in} \cdot {n_out}"
            lines = [
                rf"\text{{parameters}} &= {product}{bias} = {numbers}{bias_number} = "
                f"{tex(count + layer.units * layer.bias)}",
                rf"\text{{MACs}} &= {product} = {numbers} = {tex(count)}",
            ]
        case specs.BatchNorm():
            lines = _channel_norm(layer.affine, input_shape[0])
        case specs.GroupNorm() | specs.InstanceNorm():
            groups = layer.groups if isinstance(layer, specs.GroupNorm) else input_shape[0]
            over = "one picture's group of channels" if isinstance(layer, specs.GroupNorm) else "one picture's channel"
            each = tex(math.prod(input_shape) // groups)
            lines = [
                *_channel_norm(layer.affine, input_shape[0]),
                rf"\mu, \sigma &: \text{{ over the }} {each} \text{{ numbers of {over}}}",
            ]
        case specs.LayerNorm():
            together = input_shape[-layer.axes :]
            count, product = math.prod(together), r" \cdot ".join(tex(n) for n in together)
            shift = layer.affine and layer.bias
            y = (r"\gamma \cdot " if layer.affine else "") + NORMALIZED + (r" + \beta" if shift else "")
            total = count * (layer.affine + shift)
            times = r"2 \cdot " if shift else ""
            lines = [
                f"y &= {y}",
                rf"\mu, \sigma &: \text{{ over }} {equals(product, count)} \text{{ numbers of one picture}}",
                rf"\text{{parameters}} &= {equals(f'{times}{product}', total) if layer.affine else 0}",
            ]
        case specs.PReLU():
            slopes = rf"D_{{\text{{in}}}} = {tex(input_shape[0])}" if layer.per_channel else "1"
            lines = [
                r"y &= \max(0, x) + a \cdot \min(0, x)",
                rf"\text{{parameters}} &= {slopes}",
            ]
        case specs.Activation():
            lines = [f"y &= {ACTIVATIONS[layer.kind]}"]
        case specs.Dropout():
            kept = rf"\frac{{x}}{{1 - {layer.p:g}}}" if layer.p < 1 else "0"
            lines = [rf"y &= 0 \text{{ with probability }} {layer.p:g} \text{{, else }} {kept}"]
        case specs.PrimaryCapsules():
            convolution = specs.Conv(layer.types * layer.dimensions, layer.kernel, layer.stride, layer.padding)
            lines = [
                *sides(convolution, input_shape, (convolution.filters, *plane)),
                *primary_capsules(layer, output_shape[0], plane),
                *conv_costs(convolution, input_shape, (convolution.filters, *plane)),
            ]
        case specs.RoutedCapsules():
            lines = routed_capsules(layer, input_shape)
        case specs.CapsuleDecoder():
            lines = decoder(layer, input_shape, pixels)
        case specs.CapsuleLengths():
            lines = [rf"y_j &= \lVert v_j \rVert = \sqrt{{v_{{j1}}^2 + \dots + v_{{j,{tex(input_shape[1])}}}^2}}"]
        case specs.Residual():
            lines = [rf"y &= F(x) + {'G(x)' if layer.shortcut else 'x'}"]
    return aligned(lines)


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
        costly = [tex(number) for number in numbers if number]
        if costly:
            lines.append(rf"\text{{{name}}} &= {equals(' + '.join(costly), sum(numbers))}")
    return aligned(lines)


def _channel_norm(affine: bool, channels: int) -> list[str]:
    """Return the formula of a normalization with two trained numbers for each channel, or none."""
    if not affine:
        return [f"y &= {NORMALIZED}", r"\text{parameters} &= 0"]
    return [
        rf"y &= \gamma \cdot {NORMALIZED} + \beta",
        rf"\text{{parameters}} &= 2 D_{{\text{{in}}}} = 2 \cdot {tex(channels)} = {tex(2 * channels)}",
    ]
