"""Shapes, parameters, work, memory and receptive fields of a network, by arithmetic alone.

The formulas are those of the course notes (K filters, F size, S stride, P padding, D_in depth, W_in width), with
dilation, groups and ceil mode as PyTorch has them; Dumoulin & Visin, "A guide to convolution arithmetic for deep
learning" (2016) derives them, Araujo et al., "Computing receptive fields" (2019) the receptive field.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from core.layers import formulas
from core.layers.shape_inference import IDENTITY_STEP, Shape, Step, infer
from core.layers.specs import MAX_LAYERS, Activation, Layer, Linear, Residual, Size, layer_count, too_many_layers
from core.layers.validation import LayerError, check_input, check_layer, format_shape

__all__ = [
    "MAX_ACTIVATION_BYTES",
    "MAX_PARAMETERS",
    "LayerError",
    "Row",
    "Totals",
    "analyse",
    "check_buildable",
    "flatten_blocks",
    "totals",
]

MAX_PARAMETERS = 150_000_000  # built on the host: VGG-16 fits (553 MB as float32), a slip of the keyboard does not
MAX_ACTIVATION_BYTES = 2**30  # of one picture, all layers together
FLOAT32_BYTES = 4

Jump = int | Fraction  # input pixels between neighboring units; a fraction once a layer has enlarged the picture
_Number = TypeVar("_Number", int, Jump)


@dataclass(frozen=True, slots=True)
class Row:
    """One layer in its place: what comes in, what goes out, and what it costs for one picture."""

    layer: Layer
    input_shape: Shape
    output_shape: Shape
    weights: int  # trainable; a batch norm's scales are weights, its shifts are biases
    biases: int
    buffers: int  # kept but not trained: a batch norm's running means and variances
    macs: int  # multiply-accumulates of the weights; one is two FLOPs
    bias_additions: int  # what tools that count biases add to `macs`
    receptive_field: Size  # input pixels that one unit can see, padding included
    jump: Jump | tuple[Jump, Jump]  # input pixels from one unit's receptive field to the next one's
    unused: tuple[int, int]  # (right, bottom) pixels of this layer's input that no window ever reads
    body: tuple["Row", ...] = ()  # of a block: the rows of the layers in it, whose sums this row holds
    shortcut: tuple["Row", ...] = ()

    @property
    def parameters(self) -> int:
        """Trainable numbers: weights and biases."""
        return self.weights + self.biases

    @property
    def activation_bytes(self) -> int:
        """Memory of the output for one picture, as float32; of a block also that of every layer in it."""
        inside = sum(row.activation_bytes for row in (*self.body, *self.shortcut))
        return FLOAT32_BYTES * math.prod(self.output_shape) + inside

    @property
    def formula(self) -> str:
        """LaTeX in the notes' letters: output size and parameters, symbolic and with this row's numbers."""
        if self.body:
            within = flatten_blocks([self])
            parameters, macs = ([getattr(row, name) for row in within] for name in ("parameters", "macs"))
            return formulas.latex_block(bool(self.shortcut), parameters, macs)
        return formulas.latex(self.layer, self.input_shape, self.output_shape)


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums over a network's rows, for one picture."""

    parameters: int
    weights: int
    biases: int
    buffers: int
    macs: int
    bias_additions: int
    activation_bytes: int


def totals(rows: Sequence[Row]) -> Totals:
    """The sums over `rows`; all zero for a network of no layers."""
    return Totals(
        parameters=sum(row.parameters for row in rows),
        weights=sum(row.weights for row in rows),
        biases=sum(row.biases for row in rows),
        buffers=sum(row.buffers for row in rows),
        macs=sum(row.macs for row in rows),
        bias_additions=sum(row.bias_additions for row in rows),
        activation_bytes=sum(row.activation_bytes for row in rows),
    )


def flatten_blocks(rows: Sequence[Row]) -> list[Row]:
    """The rows with those of the layers within it in the place of each block, its body's before its shortcut's."""
    return [one for row in rows for one in (flatten_blocks([*row.body, *row.shortcut]) if row.body else [row])]


def analyse(layers: Sequence[Layer], input_shape: Sequence[int]) -> list[Row]:
    """What every layer does to a picture of `input_shape` (C, H, W): one row a layer, in order.

    Raises LayerError, with the layer's place, for the first layer that cannot be; what PyTorch refuses is refused.
    Any size within `core.layers.validation.LIMITS` is analysed, however large; `check_buildable` says what is built.
    """
    shape: Shape = check_input(input_shape)
    if (count := layer_count(layers)) > MAX_LAYERS:
        counts = itertools.accumulate(layer_count([layer]) for layer in layers)
        first = next(index for index, so_far in enumerate(counts) if so_far > MAX_LAYERS)
        raise LayerError(first, too_many_layers(count))
    return _rows(layers, _State(shape, shape[1:], ([IDENTITY_STEP], [IDENTITY_STEP])), 0)[0]


@dataclass(frozen=True, slots=True)
class _State:
    """Where a picture has come to within a network."""

    shape: Shape
    plane: Shape  # (H, W) of what a flat list was flattened from
    paths: tuple[list[Step], list[Step]]  # back to the picture, down and right


def _rows(layers: Sequence[Layer], place: _State, depth: int) -> tuple[list[Row], _State]:
    """The rows of `layers` from `place` on, and the place behind them."""
    rows: list[Row] = []
    for index, layer in enumerate(layers):
        check_layer(layer, index, depth)
        row, place = _block(layer, index, place, depth) if isinstance(layer, Residual) else _row(layer, index, place)
        rows.append(row)
    return rows, place


def _row(layer: Layer, index: int, place: _State) -> tuple[Row, _State]:
    """One layer's row, and the place behind it."""
    reading = infer(layer, index, place.shape)
    steps, plane = reading.steps, place.plane
    if len(reading.shape) == 3:
        plane = reading.shape[1:]
    elif _mixes(layer):  # as a convolution of the whole plane's size would
        steps = (Step(plane[0], plane[0] - 1), Step(plane[1], plane[1] - 1))
        plane = (1, 1)
    down, right = (_extended(path, step) for path, step in zip(place.paths, steps, strict=True))
    row = Row(
        layer=layer,
        input_shape=place.shape,
        output_shape=reading.shape,
        weights=reading.weights,
        biases=reading.biases,
        buffers=reading.buffers,
        macs=reading.macs,
        bias_additions=math.prod(reading.shape) if reading.biases and reading.macs else 0,
        receptive_field=_int_or_pair((_field(down), _field(right))),
        jump=_int_or_pair((_jump(down), _jump(right))),
        unused=reading.unused,
    )
    return row, _State(reading.shape, plane, (down, right))


def _block(layer: Residual, index: int, place: _State, depth: int) -> tuple[Row, _State]:
    """A block's row, which holds the sums of its layers' rows, and the place behind it: of the way that sees more."""
    ways: list[tuple[list[Row], _State]] = []
    for name, way in (("body", layer.body), ("shortcut", layer.shortcut)):
        try:
            ways.append(_rows(way, place, depth + 1))
        except LayerError as error:
            where = f"in its {name}, layer {(error.index or 0) + 1}: "
            raise LayerError(index, where + error.reason) from None
    (body, behind), (shortcut, past) = ways
    if behind.shape != past.shape:
        past_it = "its shortcut gives" if layer.shortcut else "what goes past it is"
        raise LayerError(
            index,
            f"the two ways through a Residual are added, so they must end in one shape: its body gives "
            f"{format_shape(behind.shape)}, {past_it} {format_shape(past.shape)}; let the shortcut have the body's filters and stride.",
        )
    down, right = (max(pair, key=_field) for pair in zip(behind.paths, past.paths, strict=True))
    sums = totals([*body, *shortcut])
    missed = shortcut[0].unused if shortcut else (0, 0)
    row = Row(
        layer=layer,
        input_shape=place.shape,
        output_shape=behind.shape,
        weights=sums.weights,
        biases=sums.biases,
        buffers=sums.buffers,
        macs=sums.macs,
        bias_additions=sums.bias_additions,
        receptive_field=_int_or_pair((_field(down), _field(right))),
        jump=_int_or_pair((_jump(down), _jump(right))),
        unused=(min(body[0].unused[0], missed[0]), min(body[0].unused[1], missed[1])),  # what neither way reads
        body=tuple(body),
        shortcut=tuple(shortcut),
    )
    return row, replace(behind, paths=(down, right))


def check_buildable(rows: Sequence[Row]) -> None:
    """Refuse what is too large to be built and run on this host. Raises LayerError at the largest layer."""
    if (parameters := totals(rows).parameters) > MAX_PARAMETERS:
        worst = max(range(len(rows)), key=lambda index: rows[index].parameters)
        raise LayerError(
            worst,
            f"the network has {parameters:,} parameters, {rows[worst].parameters:,} of them here; at most "
            f"{MAX_PARAMETERS:,} are built. Use fewer units, fewer filters, or a smaller input to this layer.",
        )
    if (memory := totals(rows).activation_bytes) > MAX_ACTIVATION_BYTES:
        worst = max(range(len(rows)), key=lambda index: rows[index].activation_bytes)
        raise LayerError(
            worst,
            f"one picture would need {memory / 2**30:,.1f} GiB for the network's activations, most of it here; at most "
            f"{MAX_ACTIVATION_BYTES / 2**30:.0f} GiB is built. Use fewer filters, less padding or a larger stride.",
        )


def _mixes(layer: Layer) -> bool:
    """Whether each number that comes out of a flat layer depends on all that go in."""
    return isinstance(layer, Linear) or (isinstance(layer, Activation) and layer.kind == "softmax")


def _int_or_pair(sizes: tuple[_Number, _Number]) -> _Number | tuple[_Number, _Number]:
    """One size where both are equal."""
    return sizes[0] if sizes[0] == sizes[1] else sizes


def _extended(path: list[Step], step: Step) -> list[Step]:
    """`path` with `step` at its end. Without a division of its own it is one with the step before it."""
    if step.divide > 1:
        return [*path, step]
    *rest, before = path
    return [*rest, Step(before.multiply * step.multiply, before.multiply * step.add + before.add, before.divide)]


def _field(path: list[Step]) -> int:
    """Pixels of the picture that one unit at the end of `path` sees."""
    length = 0
    for step in reversed(path):
        length = (length * step.multiply + step.add) // step.divide
    return length + 1


def _jump(path: list[Step]) -> Jump:
    """Pixels of the picture from one unit's receptive field to the next one's."""
    jump = Fraction(math.prod(step.multiply for step in path), math.prod(step.divide for step in path))
    return jump.numerator if jump.denominator == 1 else jump
