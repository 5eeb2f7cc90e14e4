"""The formulas of layers that change the size of planes: convolutions, poolings, and what enlarges."""

from core.layers.formulas.notation import Letter, depth, letter_of, tex
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import BlurPool, Conv, ConvTranspose, Pad, PixelShuffle, Pool, Upsample, pair


def sides(layer: Conv | ConvTranspose | Pool, input_shape: Shape, output_shape: Shape) -> list[str]:
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
    kernel = letter_of("F", layer.kernel, axis)
    stride = letter_of("S", (layer.stride if layer.stride is not None else layer.kernel), axis)
    assert layer.padding != "same"  # returned above; only a Conv has it
    padding = letter_of("P", layer.padding, axis)
    dilation = letter_of("D", layer.dilation, axis)
    if isinstance(layer, ConvTranspose):
        extra = letter_of("O", layer.output_padding, axis)
        symbols, numbers = _enlarged(Letter(symbol, n), kernel, stride, padding, dilation, extra)
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
    n: Letter, kernel: Letter, stride: Letter, padding: Letter, dilation: Letter, extra: Letter
) -> tuple[str, str]:
    """Return the output size of a transposed convolution on one axis, with letters and with numbers."""

    def write(times: str, n: object, f: object, s: object, p: object, d: object, o: object) -> str:
        """Write the formula with these terms."""
        reach = f"{f}" if dilation.value == 1 else f"{d}{times}({f} - 1) + 1"
        return f"({n} - 1){times}{s} - 2{times}{p} + {reach}" + (f" + {o}" if extra.value else "")

    letters = (n, kernel, stride, padding, dilation, extra)
    return write("", *(letter.symbol for letter in letters)), write(r" \cdot ", *(letter.value for letter in letters))


def conv_costs(layer: Conv | ConvTranspose, input_shape: Shape, output_shape: Shape) -> list[str]:
    """Return parameters and MACs: a convolution works per output position, a transposed one per input position."""
    height, width = letter_of("F", layer.kernel, 0), letter_of("F", layer.kernel, 1)
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
        f"{tex(count + layer.filters * layer.bias)}",
        rf"\text{{MACs}} &= {weights} \cdot {positions} = {numbers} \cdot {rows} \cdot {columns} = "
        f"{tex(count * rows * columns)}",
    ]


def resized(layer: Upsample | PixelShuffle | Pad, input_shape: Shape, output_shape: Shape) -> list[str]:
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
        planes = rf"\frac{{D_{{\text{{in}}}}}}{{r^2}} = \frac{{{tex(input_shape[0])}}}{{{layer.factor**2}}}"
        return [*lines, rf"D_{{\text{{out}}}} &= {planes} = {tex(output_shape[0])}"]
    return [*lines, depth(input_shape)]


def blur_sides(layer: BlurPool, input_shape: Shape, output_shape: Shape) -> list[str]:
    """Return the output size: the blur keeps the size, so it depends on the stride alone."""
    square = input_shape[1] == input_shape[2] and not isinstance(layer.stride, tuple)
    lines = []
    for axis in (1,) if square else (1, 0):
        symbol, value = letter_of("S", layer.stride, axis)
        letter, n, out = "HW"[axis], input_shape[axis + 1], output_shape[axis + 1]
        fractions = rf"\frac{{{letter}_{{\text{{in}}}}}}{{{symbol}}}", rf"\frac{{{n}}}{{{value}}}"
        up = " = ".join(rf"\left\lceil {fraction} \right\rceil" for fraction in fractions)
        lines.append(rf"{letter}_{{\text{{out}}}} &= {up} = {out}")
    return [*lines, depth(input_shape)]


def blur_costs(layer: BlurPool, input_shape: Shape, output_shape: Shape) -> list[str]:
    """Return the MACs: there are no parameters, but the fixed weights are multiplied for every output."""
    kernel, (channels, rows, columns) = layer.kernel, output_shape
    positions = r"H_{\text{out}} \cdot W_{\text{out}}"
    return [
        r"\text{parameters} &= 0 \text{ (not trainable)}",
        rf"\text{{MACs}} &= F \cdot F \cdot D_{{\text{{in}}}} \cdot {positions} = {kernel} \cdot {kernel} \cdot "
        rf"{channels} \cdot {rows} \cdot {columns} = {tex(kernel**2 * channels * rows * columns)}",
    ]
