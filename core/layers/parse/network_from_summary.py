"""Guess layers from a table of output shapes and parameters, as torchinfo, torchsummary and Keras print it."""

import itertools
import math
import re
from collections.abc import Sequence

from core.layers import specs
from core.layers.codegen.pytorch_layers import ACTIVATIONS as TORCH_ACTIVATIONS
from core.layers.parse.summary_rows import Line
from core.layers.parse.trace import ParseError
from core.layers.setting_checks import LayerError
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.shape_inference.layer import infer
from core.layers.specs import Layer, Network

ACTIVATIONS = {
    **{call.partition("(")[0]: specs.Activation(kind) for kind, call in TORCH_ACTIVATIONS.items()},
    "Activation": specs.Activation("relu"),
}
NORMS = {"BatchNorm2d", "BatchNorm1d", "BatchNormalization"}
CONVOLUTIONS = {"Conv2d", "Conv2D", "DepthwiseConv2D"}
POOLS = {"MaxPool2d": "max", "MaxPooling2D": "max", "AvgPool2d": "average", "AveragePooling2D": "average"}
RESIDUAL = re.compile(
    r"^(BasicBlock|Bottleneck)$|Res\w*(Block|Unit|Layer)|Residual|PreAct\w*(Block|Bottleneck)"
)  # blocks that are called so
KERNELS = (3, 1, 5, 7, 11, 9, 2, 4, 6, 8)
WINDOWS = ((2, 2, 0), (3, 2, 1), (3, 2, 0), (2, 1, 0), (3, 1, 1), (3, 3, 0), (4, 4, 0))  # kernel, stride, padding


def network(table: list[Line], given: Shape | None) -> tuple[Network, Shape]:
    """Return layers that give a table's shapes and parameters, and the picture's shape. Raises ParseError."""
    if table[0].kind == "InputLayer" and len(table[0].shape) == 3:
        pictures: list[Shape] = [table[0].shape]
    elif len(table[0].coming) == 3:
        pictures = [table[0].coming]
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


def _network(table: Sequence[Line], picture: Shape) -> Network:
    """Return the layers of a table's rows: a chain, or the ways that Keras' connections say."""
    ways: dict[str, tuple[Network, Shape]] = {}
    way: tuple[Network, Shape] = ((), picture)
    place = 0
    while place < len(table):
        row = table[place]
        end = next((at for at in range(place + 1, len(table)) if table[at].depth <= row.depth), len(table))
        inside = table[place + 1 : end]
        coming = [found for source in row.sources if (found := _source(source, ways)) is not None]
        block = _block(row, inside, way[1], picture) if RESIDUAL.search(row.kind) else None
        if block is not None:
            way = ((*way[0], *block), row.shape)
            place += len(inside)
        elif row.kind == "Add" and len(coming) == 2:
            way = _added(row, coming[0], coming[1])
        else:
            before = coming[0] if coming else way
            layers, shape = _chain([row], before[1], picture)
            way = ((*before[0], *layers), shape)
        ways[row.name] = way
        place += 1
    return way[0]


def _source(name: str, ways: dict[str, tuple[Network, Shape]]) -> tuple[Network, Shape] | None:
    """Return the way to a layer, of whose name the end may be cut off: then the latest that begins so."""
    return ways.get(name) or next((ways[known] for known in reversed(ways) if known.startswith(name)), None)


def _added(row: Line, left: tuple[Network, Shape], right: tuple[Network, Shape]) -> tuple[Network, Shape]:
    """Return two ways that are added as a block, from where they part."""
    if left[1] != right[1]:
        raise ParseError(row.line, f"the two ways that are added here have the shapes {left[1]} and {right[1]}.")
    shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] is pair[1], zip(left[0], right[0], strict=False)))
    body, shortcut = sorted((left[0][shared:], right[0][shared:]), key=len, reverse=True)
    return ((*left[0][:shared], *([specs.Residual(body, shortcut)] if body else [])), left[1])


def _block(row: Line, inside: Sequence[Line], shape: Shape, picture: Shape) -> list[Layer] | None:
    """Return the residual block that a container's rows make, with what follows it; None if they make none."""
    depth = min((one.depth for one in inside), default=0)
    starts = [
        place for place, one in enumerate(inside) if one.depth == depth and one.kind in ("Sequential", "Identity")
    ]
    start = starts[-1] if starts else len(inside)
    end = next((at for at in range(start + 1, len(inside)) if inside[at].depth == depth), len(inside))
    past = [one for one in inside[start:end] if one.depth > depth]
    body, behind = list(inside[:start]), list(inside[end:])
    if not starts and body and body[-1].kind in ACTIVATIONS:
        body, behind = body[:-1], body[-1:]
    try:
        ways = [_chain(one, shape, picture) for one in (body, past)]
        if ways[0][1] != ways[1][1] or not ways[0][0]:
            return None
        return [specs.Residual(ways[0][0], ways[1][0]), *_chain(behind, ways[0][1], picture)[0]]
    except ParseError:
        return None


def _chain(table: Sequence[Line], coming: Shape, picture: Shape) -> tuple[Network, Shape]:
    """Return the layers of rows one after another, and the shape behind them. Raises ParseError."""
    layers: list[Layer] = []
    shape = coming
    for row in table:
        made = _layer(row, shape)
        if made and isinstance(made[0], specs.Linear) and len(shape) > 1:
            made = [specs.Flatten(), *made]
        weights = 0
        for layer in made:
            try:
                step = infer(layer, 0, shape, picture)
            except LayerError as error:
                raise ParseError(row.line, error.reason) from None
            shape, weights = step.shape, weights + step.weights + step.biases
        if made and (shape != row.shape or (row.kind not in NORMS and weights != row.parameters)):
            raise ParseError(row.line, f"no {row.kind:.30} of this app gives this row's shape and parameters.")
        if not made and row.name and shape != row.shape:
            raise ParseError(
                row.line, f"a table doesn't say how {row.kind:.30} makes this row's shape: paste the program."
            )
        layers += made
    return tuple(layers), shape


def _layer(row: Line, shape: Shape) -> list[Layer]:
    """Return the likeliest layer of a row, of none for a container."""
    kind = row.kind
    if kind in CONVOLUTIONS and len(shape) == len(row.shape) == 3:
        return [_conv(row, shape)]
    if kind in POOLS and len(shape) == len(row.shape) == 3:
        for window, stride, padding in WINDOWS:
            for ceil in (False, True):
                pool = specs.Pool("max" if POOLS[kind] == "max" else "average", window, stride, padding, ceil)
                if _shape(pool, shape) == row.shape:
                    return [pool]
        return [specs.AdaptivePool("max" if POOLS[kind] == "max" else "average", (row.shape[1], row.shape[2]))]
    if kind in ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d") and len(row.shape) == 3:
        how = "average" if "Avg" in kind else "max"
        size = (row.shape[1], row.shape[2])
        return [specs.GlobalPool(how) if size == (1, 1) else specs.AdaptivePool(how, size)]  # type: ignore[arg-type]
    if kind.startswith("Global"):
        pooled = specs.GlobalPool("max" if "Max" in kind else "average")
        return [pooled, specs.Flatten()] if len(row.shape) == 1 else [pooled]
    if kind in ("Linear", "Dense") and len(row.shape) == 1:
        return [specs.Linear(row.shape[0], row.parameters != math.prod(shape) * row.shape[0])]
    if kind == "Flatten":
        return [specs.Flatten()] if len(shape) > 1 else []
    if kind in ("Reshape", "Unflatten") and len(shape) == 1 and len(row.shape) == 3:
        return [specs.Unflatten(row.shape[0], (row.shape[1], row.shape[2]))]
    if kind in ("ZeroPadding2D", "ZeroPad2d") and len(shape) == len(row.shape) == 3:
        more = [after - before for before, after in zip(shape[1:], row.shape[1:], strict=True)]
        return [specs.Pad((more[0] // 2, -(-more[0] // 2)), (more[1] // 2, -(-more[1] // 2)))]
    if kind in ("GroupNorm", "GroupNormalization"):
        return [specs.GroupNorm(math.gcd(shape[0], 32))]
    if kind in ("ConvTranspose2d", "Conv2DTranspose") and len(shape) == len(row.shape) == 3:
        return [_transposed(row, shape)]
    if kind in NORMS:
        return [specs.BatchNorm()]
    if kind in ACTIVATIONS:
        return [ACTIVATIONS[kind]]
    if kind.startswith(("Dropout", "SpatialDropout")):
        return [specs.Dropout()]
    if kind == "PReLU":
        return [specs.PReLU(row.parameters > 1)]
    if kind.lower().startswith("upsampl") and len(shape) == len(row.shape) == 3:
        return [specs.Upsample((row.shape[1] // shape[1], row.shape[2] // shape[2]))]
    if kind in ("Sequential", "ModuleList", "BasicBlock", "Bottleneck") and row.parameters:
        raise ParseError(row.line, f"this {kind} is not opened: make the table with a larger depth, such as depth=9.")
    if row.parameters:
        raise ParseError(row.line, f"{kind:.40} is not a layer that can be read from a table: paste its program.")
    return []


def _conv(row: Line, shape: Shape) -> specs.Conv:
    """Return the likeliest convolution between two shapes with this number of parameters. Raises ParseError."""
    filters = row.shape[0]
    for kernel, bias, groups in itertools.product(KERNELS, (True, False), dict.fromkeys((1, shape[0]))):
        if filters % groups or kernel**2 * shape[0] // groups * filters + filters * bias != row.parameters:
            continue
        for stride, padding in itertools.product((1, 2, 4, 3), dict.fromkeys(((kernel - 1) // 2, 0, 1, 2, 3))):
            conv = specs.Conv(filters, kernel, stride, padding, 1, groups, bias)
            if _shape(conv, shape) == row.shape:
                return conv
    raise ParseError(row.line, "no square convolution gives this row's shape and parameters: paste the program.")


def _transposed(row: Line, shape: Shape) -> specs.ConvTranspose:
    """Return the likeliest transposed convolution between two shapes. Raises ParseError."""
    filters = row.shape[0]
    for kernel, bias in itertools.product((2, 4, 3, 5, 1, 6, 7, 8), (True, False)):
        if kernel**2 * shape[0] * filters + filters * bias == row.parameters:
            for stride, padding, extra in itertools.product((2, 1, 3, 4), range(4), range(2)):
                conv = specs.ConvTranspose(filters, kernel, stride, padding, 1, 1, bias, extra)
                if _shape(conv, shape) == row.shape:
                    return conv
    raise ParseError(row.line, "no square transposed convolution gives this row: paste the program.")


def _shape(layer: Layer, shape: Shape) -> Shape | None:
    try:
        return infer(layer, 0, shape).shape
    except LayerError:
        return None
