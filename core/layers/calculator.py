"""Compute shapes, parameters, work, memory and receptive fields of a network by arithmetic.

The formulas are those of the course notes (K filters, F size, S stride, P padding, D_in depth, W_in width), with
dilation, groups and ceil mode as in PyTorch.

References:
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.
    Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks", 2019.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from core.layers import seen_pixels
from core.layers.formulas.layer import latex, latex_block
from core.layers.layer_count import MAX_LAYERS, layer_count, too_many_layers
from core.layers.seen_pixels import ReceptiveFields
from core.layers.setting_checks import LayerError, check_input, check_layer
from core.layers.shape_inference import reach
from core.layers.shape_inference.inferred_layer import LayerShapes, Shape
from core.layers.shape_inference.layer import infer
from core.layers.shape_inference.reach import IDENTITY_STEP, Jump, Step
from core.layers.specs import CapsuleDecoder, GroupNorm, Layer, PrimaryCapsules, Residual, Size, Unflatten
from core.size_text import format_bytes, format_shape

__all__ = [
    "MAX_ACTIVATION_BYTES",
    "MAX_PARAMETERS",
    "LayerError",
    "Row",
    "Totals",
    "analyze",
    "check_buildable",
    "flatten_blocks",
    "totals",
]

MAX_PARAMETERS = 150_000_000  # of a network that is built: VGG-16 fits (553 MB as float32), a typing mistake does not
MAX_ACTIVATION_BYTES = 2**30  # of one picture, all layers together
FLOAT32_BYTES = 4
MAX_EXACT_SIDE = 2_048  # pixels of a plane up to which every unit's receptive field is followed

_Number = TypeVar("_Number", int, Jump)


@dataclass(frozen=True, slots=True)
class Row:
    """One layer at its position in a network: input, output, and cost for one picture."""

    layer: Layer
    input_shape: Shape
    output_shape: Shape
    weights: int  # trainable; a batch norm's scales are weights, its shifts are biases
    biases: int
    buffers: int  # kept but not trained: a batch norm's running means and variances
    macs: int  # multiply-accumulates of the weights; one is two FLOPs
    bias_additions: int  # what tools that count biases add to `macs`
    receptive_field: Size  # pixels of the picture between the first and the last that the unit with the most sees
    jump: Jump | tuple[Jump, Jump]  # input pixels from one unit's receptive field to the next one's
    unused: tuple[int, int]  # (right, bottom) pixels of this layer's input that no window ever reads
    body: tuple["Row", ...] = ()  # of a block: the rows of the layers in it, whose sums this row holds
    shortcut: tuple["Row", ...] = ()
    fields: ReceptiveFields | None = field(default=None, compare=False, repr=False)  # None on very large planes

    @property
    def is_exact(self) -> bool:
        """Whether a unit sees `receptive_field` pixels; on very large planes it is only certain that none sees more."""
        return self.fields is not None

    @property
    def parameters(self) -> int:
        """Number of trainable values: weights and biases."""
        return self.weights + self.biases

    @property
    def activation_bytes(self) -> int:
        """Memory of the output for one picture as float32; of a block, also of every layer in it."""
        inside = sum(row.activation_bytes for row in (*self.body, *self.shortcut))
        return FLOAT32_BYTES * math.prod(self.output_shape) + inside

    @property
    def formula(self) -> str:
        """LaTeX in the letters of the course notes: output size and parameters, first symbolic, then with numbers."""
        if self.body:
            within = flatten_blocks([self])
            parameters, macs = ([getattr(row, name) for row in within] for name in ("parameters", "macs"))
            return latex_block(bool(self.shortcut), parameters, macs)
        pixels = self.biases - self.layer.first - self.layer.second if isinstance(self.layer, CapsuleDecoder) else 0
        plane = self.plane or ()
        return latex(self.layer, self.input_shape, self.output_shape, plane=plane, pixels=pixels)

    @property
    def plane(self) -> tuple[int, int] | None:
        """(H, W) of the output's positions, of planes and of primary capsules; None for other outputs."""
        if len(self.output_shape) == 3:
            return self.output_shape[1], self.output_shape[2]
        return infer(self.layer, 0, self.input_shape).plane if isinstance(self.layer, PrimaryCapsules) else None


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
    """Return the sums over rows; all zero for a network without layers.

    Args:
        rows: The rows of `analyze`. A block's row already includes its layers.

    Returns:
        The sums, for one picture.

    Examples:
        >>> from core.layers.specs import Conv, Flatten, Linear
        >>> rows = analyze([Conv(8, 3), Flatten(), Linear(10)], (1, 28, 28))
        >>> totals(rows).parameters, totals(rows).macs
        (54170, 102752)
    """
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
    """Return the rows with each block replaced by the rows inside it, its body's before its shortcut's.

    Args:
        rows: The rows of `analyze`.

    Returns:
        The rows of all layers that are not blocks.

    Examples:
        >>> from core.layers.specs import BatchNorm, Conv
        >>> rows = analyze([Residual([Conv(3, 3, padding=1), BatchNorm()])], (3, 8, 8))
        >>> [type(row.layer).__name__ for row in flatten_blocks(rows)]
        ['Conv', 'BatchNorm']
    """
    return [one for row in rows for one in (flatten_blocks([*row.body, *row.shortcut]) if row.body else [row])]


def analyze(layers: Sequence[Layer], input_shape: Sequence[int]) -> list[Row]:
    """Return shapes and costs of every layer of a network.

    Any size within `core.layers.setting_checks.LIMITS` is analyzed; `check_buildable` limits what is built.

    Args:
        layers: The network.
        input_shape: Shape of one picture, (C, H, W).

    Returns:
        One row per layer, in order.

    Raises:
        LayerError: A layer does not fit, or there are too many; `index` is its position. What PyTorch refuses is
            refused.

    Examples:
        >>> from core.layers.specs import Conv, Pool
        >>> rows = analyze([Conv(6, 5), Pool("max", 2)], (1, 32, 32))
        >>> [(row.output_shape, row.parameters, row.receptive_field) for row in rows]
        [((6, 28, 28), 156, 5), ((6, 14, 14), 0, 6)]
        >>> analyze([Conv(6, 5)], (1, 4, 4))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        core.layers.setting_checks.LayerError: layer 1: a 5 × 5 kernel does not fit a 4 × 4 input: use padding 1 or ...
    """
    shape: Shape = check_input(input_shape)
    if (count := layer_count(layers)) > MAX_LAYERS:
        counts = itertools.accumulate(layer_count([layer]) for layer in layers)
        first = next(index for index, so_far in enumerate(counts) if so_far > MAX_LAYERS)
        raise LayerError(first, too_many_layers(count))
    seen = seen_pixels.of_picture(shape[1], shape[2]) if max(shape[1:]) <= MAX_EXACT_SIDE else None
    return _rows(layers, _State(shape, shape[1:], shape, ([IDENTITY_STEP], [IDENTITY_STEP]), seen), 0)[0]


@dataclass(frozen=True, slots=True)
class _State:
    """Where a picture has come to within a network."""

    shape: Shape
    plane: Shape  # (H, W) of what a flat list was flattened from
    picture: Shape  # (C, H, W) of the network's input
    paths: tuple[list[Step], list[Step]]  # back to the picture, down and right
    seen: ReceptiveFields | None  # None once a plane was too large


def _rows(layers: Sequence[Layer], place: _State, depth: int) -> tuple[list[Row], _State]:
    """Return the rows of `layers`, starting from a state, and the state after them."""
    rows: list[Row] = []
    for index, layer in enumerate(layers):
        check_layer(layer, index, depth)
        row, place = _block(layer, index, place, depth) if isinstance(layer, Residual) else _row(layer, index, place)
        rows.append(row)
    return rows, place


def _row(layer: Layer, index: int, place: _State) -> tuple[Row, _State]:
    """Return one layer's row, and the state after it."""
    reading = infer(layer, index, place.shape, place.picture)
    steps, plane = reading.steps, place.plane
    positions = (reading.shape[1], reading.shape[2]) if len(reading.shape) == 3 else reading.plane
    if positions is not None:
        if isinstance(layer, Unflatten) and positions != plane:  # other units come to lie beside one another
            steps = (Step(plane[0], plane[0] - 1), Step(plane[1], plane[1] - 1))
        plane = positions
    elif seen_pixels.mixes(layer, reading.shape) or isinstance(
        layer, GroupNorm
    ):  # as a convolution of the whole plane's size would
        steps = (Step(plane[0], plane[0] - 1), Step(plane[1], plane[1] - 1))
        plane = (1, 1)
    down, right = (reach.extended(path, step) for path, step in zip(place.paths, steps, strict=True))
    seen = place.seen
    if seen is not None:
        small = positions is None or max(positions) <= MAX_EXACT_SIDE
        seen = seen_pixels.after_layer(layer, seen, reading.shape, positions) if small else None
    row = Row(
        layer=layer,
        input_shape=place.shape,
        output_shape=reading.shape,
        weights=reading.weights,
        biases=reading.biases,
        buffers=reading.buffers,
        macs=reading.macs,
        bias_additions=_bias_additions(layer, reading),
        receptive_field=_receptive_field(seen, (down, right), place.picture),
        jump=_int_or_pair((reach.jump(down), reach.jump(right))),
        unused=reading.unused,
        fields=seen,
    )
    return row, _State(reading.shape, plane, place.picture, (down, right), seen)


def _block(layer: Residual, index: int, place: _State, depth: int) -> tuple[Row, _State]:
    """Return a block's row, with the sums of its layers' rows, and the state after it: of the branch that sees more."""
    ways: list[tuple[list[Row], _State]] = []
    for name, way in (("body", layer.body), ("shortcut", layer.shortcut)):
        try:
            ways.append(_rows(way, place, depth + 1))
        except LayerError as error:
            where = f"in its {name}, layer {(error.index or 0) + 1}: "
            raise LayerError(index, where + error.reason) from None
    (body, behind), (shortcut, past) = ways
    if behind.shape != past.shape:
        other = "its shortcut gives" if layer.shortcut else "its input is"
        raise LayerError(
            index,
            "the outputs of a Residual's body and shortcut are added, so they must have the same shape: its body gives "
            f"{format_shape(behind.shape)}, {other} {format_shape(past.shape)}. Give the shortcut a convolution with "
            "the body's filters and stride.",
        )
    down, right = (max(pair, key=reach.bound) for pair in zip(behind.paths, past.paths, strict=True))
    seen = seen_pixels.after_sum(behind.seen, past.seen) if behind.seen and past.seen else None
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
        receptive_field=_receptive_field(seen, (down, right), place.picture),
        jump=_int_or_pair((reach.jump(down), reach.jump(right))),
        unused=(min(body[0].unused[0], missed[0]), min(body[0].unused[1], missed[1])),  # what neither way reads
        body=tuple(body),
        shortcut=tuple(shortcut),
        fields=seen,
    )
    return row, replace(behind, paths=(down, right), seen=seen)


def check_buildable(rows: Sequence[Row]) -> None:
    """Refuse a network that is too large to be built and run on this machine.

    Args:
        rows: The rows of `analyze`.

    Raises:
        LayerError: There are too many parameters or activations; `index` is the largest layer's.

    Examples:
        >>> from core.layers.specs import Flatten, Linear
        >>> check_buildable(analyze([Flatten(), Linear(1000)], (3, 32, 32)))
    """
    if (parameters := totals(rows).parameters) > MAX_PARAMETERS:
        worst = max(range(len(rows)), key=lambda index: rows[index].parameters)
        raise LayerError(
            worst,
            f"the network has {parameters:,} parameters, {rows[worst].parameters:,} of them in this layer; the limit "
            f"is {MAX_PARAMETERS:,}. Use fewer units, fewer filters, or a smaller input to this layer.",
        )
    if (memory := totals(rows).activation_bytes) > MAX_ACTIVATION_BYTES:
        worst = max(range(len(rows)), key=lambda index: rows[index].activation_bytes)
        raise LayerError(
            worst,
            f"the activations of one picture need {format_bytes(memory)}, most of it in this layer; the limit is "
            f"{format_bytes(MAX_ACTIVATION_BYTES)}. Use fewer filters, less padding or a larger stride.",
        )


def _bias_additions(layer: Layer, reading: LayerShapes) -> int:
    """Return the additions of biases for one picture: one for each output of a layer that sums products."""
    if isinstance(layer, CapsuleDecoder):  # its output is its input: what it sums is a picture, and two hidden layers
        return reading.biases
    return math.prod(reading.shape) if reading.biases and reading.macs else 0


def _int_or_pair(sizes: tuple[_Number, _Number]) -> _Number | tuple[_Number, _Number]:
    """Return one number if both are equal, else the pair."""
    return sizes[0] if sizes[0] == sizes[1] else sizes


def _receptive_field(seen: ReceptiveFields | None, paths: tuple[list[Step], list[Step]], picture: Shape) -> Size:
    """Return the most pixels that a unit sees; without `seen`, as many as none can exceed."""
    if seen is not None:
        return _int_or_pair(seen.largest)
    height, width = (min(reach.bound(path), side) for path, side in zip(paths, picture[1:], strict=True))
    return _int_or_pair((height, width))
