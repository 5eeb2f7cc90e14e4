"""Layers from a table of output shapes and parameters, as torchinfo, torchsummary and Keras print: a guess, said so."""

import itertools
import math
import re
from typing import NamedTuple

from core.layers.codegen import TORCH_ACTIVATIONS
from core.layers.parse.values import ParseError, Shape
from core.layers.shape_inference import infer
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Network,
    Pool,
    PReLU,
    Upsample,
)
from core.layers.validation import MAX_CHANNELS, LayerError

_COUNT = r"(?P<count>[\d,]+|--|\(recursive\))"
_SHAPE = r"\[(?P<shape>[^\]]*)\]"
ROWS = (
    re.compile(rf"^[│├└─|+\s-]*(?P<kind>[A-Z]\w+)(?: \(\w+\))?: \d+(?:-\d+)?\s+(?:\[[^\]]*\]\s+)?{_SHAPE}\s+{_COUNT}"),
    re.compile(rf"^\s*(?P<kind>[A-Z]\w*)-\d+\s+{_SHAPE}\s+{_COUNT}"),
    re.compile(rf"^[\s│|]*\S+ \((?P<kind>[A-Z]\w+)\)\s*[│|]?\s+\[?\((?P<shape>None[^)]*)\)\]?\s*[│|]?\s+{_COUNT}"),
)
KERAS = ROWS[2]
ACTIVATIONS = {
    **{call.partition("(")[0]: Activation(kind) for kind, call in TORCH_ACTIVATIONS.items()},
    "Activation": Activation("relu"),
}
NORMS = {"BatchNorm2d", "BatchNorm1d", "BatchNormalization"}
CONVOLUTIONS = {"Conv2d", "Conv2D", "DepthwiseConv2D"}
POOLS = {"MaxPool2d": "max", "MaxPooling2D": "max", "AvgPool2d": "average", "AveragePooling2D": "average"}
KERNELS = (3, 1, 5, 7, 11, 9, 2, 4, 6, 8)
WINDOWS = ((2, 2, 0), (3, 2, 1), (3, 2, 0), (2, 1, 0), (3, 1, 1), (3, 3, 0), (4, 4, 0))  # kernel, stride, padding


class Line(NamedTuple):
    """One row of a table."""

    line: int
    kind: str
    shape: Shape  # of the output, channels first
    parameters: int


def rows(text: str) -> list[Line]:
    """Return the rows of a table, in order; none where a text holds no table."""
    found: list[Line] = []
    for number, line in enumerate(text.splitlines(), 1):
        for pattern in ROWS:
            if match := pattern.match(line):
                sizes = [int(size) for size in re.findall(r"\d+", match["shape"].replace("-1", "", 1))]
                if pattern is KERAS:
                    sizes = [*sizes[-1:], *sizes[:-1]]
                elif not match["shape"].lstrip().startswith("-1"):
                    sizes = sizes[1:]
                if not 1 <= len(sizes) <= 3 or not all(0 < size <= MAX_CHANNELS for size in sizes):
                    continue
                digits = match["count"].replace(",", "")
                found.append(Line(number, match["kind"], tuple(sizes), int(digits) if digits.isdigit() else 0))
                break
    return found if len(found) > 1 else []


def network(table: list[Line], given: Shape | None) -> tuple[Network, Shape]:
    """Return layers that give a table's shapes and parameters, and the picture's shape. Raises ParseError."""
    if table[0].kind == "InputLayer" and len(table[0].shape) == 3:
        pictures: list[Shape] = [table[0].shape]
    else:
        pictures = [] if given is None else [given]
        pictures += _pictures(next((row for row in table if row.kind in {*CONVOLUTIONS, "Linear", "Dense"}), table[0]))
    error: ParseError | None = None
    for picture in pictures[:200]:
        try:
            return _network(table, picture), picture
        except ParseError as fault:
            if error is None or fault.line > error.line:
                error = fault
    raise error or ParseError(table[0].line, "the table doesn't say how large its picture is: set the size, (C, H, W).")


def _pictures(first: Line) -> list[Shape]:
    """Return pictures that the first layer with weights can have read."""
    if len(first.shape) != 3:
        size = (first.parameters - first.shape[0]) // first.shape[0]
        squares = [(planes, math.isqrt(size // planes)) for planes in (1, 3)]
        return [(planes, side, side) for planes, side in squares if planes * side * side == size]
    usual = (28, 32, 64, 96, 128, 224, 227, 256)
    sides = [side for side in usual if side >= first.shape[1]] + [first.shape[1] + more for more in range(11)]
    return [(planes, side, side) for side, planes in itertools.product(dict.fromkeys(sides), (3, 1))]


def _network(table: list[Line], picture: Shape) -> Network:
    layers: list[Layer] = []
    shape = picture
    for row in table:
        made = _layer(row, shape)
        if made and isinstance(made[0], Linear) and len(shape) > 1:
            made = [Flatten(), *made]
        weights = 0
        for layer in made:
            try:
                step = infer(layer, 0, shape, picture)
            except LayerError as error:
                raise ParseError(row.line, error.reason) from None
            shape, weights = step.shape, weights + step.weights + step.biases
        if made and (shape != row.shape or (row.kind not in NORMS and weights != row.parameters)):
            raise ParseError(row.line, f"no {row.kind:.30} of this app gives this row's shape and parameters.")
        layers += made
    return tuple(layers)


def _layer(row: Line, shape: Shape) -> list[Layer]:
    """Return the likeliest layer of a row, of none for a container."""
    kind = row.kind
    if kind in CONVOLUTIONS and len(shape) == len(row.shape) == 3:
        return [_conv(row, shape)]
    if kind in POOLS and len(shape) == len(row.shape) == 3:
        for window, stride, padding in WINDOWS:
            for ceil in (False, True):
                pool = Pool("max" if POOLS[kind] == "max" else "average", window, stride, padding, ceil)
                if _shape(pool, shape) == row.shape:
                    return [pool]
        return [AdaptivePool("max" if POOLS[kind] == "max" else "average", (row.shape[1], row.shape[2]))]
    if kind in ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d") and len(row.shape) == 3:
        how = "average" if "Avg" in kind else "max"
        size = (row.shape[1], row.shape[2])
        return [GlobalPool(how) if size == (1, 1) else AdaptivePool(how, size)]  # type: ignore[arg-type]
    if kind.startswith("Global"):
        pooled = GlobalPool("max" if "Max" in kind else "average")
        return [pooled, Flatten()] if len(row.shape) == 1 else [pooled]
    if kind in ("Linear", "Dense") and len(row.shape) == 1:
        return [Linear(row.shape[0], row.parameters != math.prod(shape) * row.shape[0])]
    if kind == "Flatten":
        return [Flatten()]
    if kind in NORMS:
        return [BatchNorm()]
    if kind in ACTIVATIONS:
        return [ACTIVATIONS[kind]]
    if kind.startswith(("Dropout", "SpatialDropout")):
        return [Dropout()]
    if kind == "PReLU":
        return [PReLU(row.parameters > 1)]
    if kind.lower().startswith("upsampl") and len(shape) == len(row.shape) == 3:
        return [Upsample((row.shape[1] // shape[1], row.shape[2] // shape[2]))]
    if row.parameters:
        raise ParseError(row.line, f"{kind:.40} is not a layer that can be read from a table: paste its program.")
    return []


def _conv(row: Line, shape: Shape) -> Conv:
    """Return the likeliest convolution between two shapes with this number of parameters. Raises ParseError."""
    filters = row.shape[0]
    for kernel, bias, groups in itertools.product(KERNELS, (True, False), dict.fromkeys((1, shape[0]))):
        if filters % groups or kernel**2 * shape[0] // groups * filters + filters * bias != row.parameters:
            continue
        for stride, padding in itertools.product((1, 2, 4, 3), dict.fromkeys(((kernel - 1) // 2, 0, 1, 2, 3))):
            conv = Conv(filters, kernel, stride, padding, 1, groups, bias)
            if _shape(conv, shape) == row.shape:
                return conv
    raise ParseError(row.line, "no square convolution gives this row's shape and parameters: paste the program.")


def _shape(layer: Layer, shape: Shape) -> Shape | None:
    try:
        return infer(layer, 0, shape).shape
    except LayerError:
        return None
