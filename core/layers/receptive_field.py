"""Find the pixels that each unit of a network sees: its receptive field, cropped at the picture's border.

`core.layers.calculator` computes how large a receptive field is; this module computes where it is. It walks backward
through the layers, unit by unit, so that padding, ceil mode, adaptive windows and transposed convolutions are exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.layers.calculator import Row, analyse
from core.layers.shape_inference import blur_padding
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Pool,
    PrimaryCapsules,
    RoutedCapsules,
    Size,
    pair,
)

Intervals = NDArray[np.int64]  # (N, 2): the first place and the one after the last; equal where there is none


@dataclass(frozen=True, slots=True, eq=False)
class ReceptiveFields:
    """The receptive fields of one layer's units, by row and by column of the plane."""

    rows: Intervals  # (H, 2) in pixels of the picture
    columns: Intervals  # (W, 2)
    depth: int = 1  # how many neighbors in the flattened output have one position: the numbers of a capsule

    def box(self, unit: int) -> tuple[int, int, int, int]:
        """Return a unit's receptive field in pixels of the picture.

        The units of a flat list have the positions they had on the plane before the Flatten, and all numbers of a
        capsule have the capsule's; after a fully connected layer, or a routing, all see the same pixels.

        Args:
            unit: Index in the flattened output (C, H, W) or (capsules, dimensions).

        Returns:
            (top, bottom, left, right); bottom and right are one past the last pixel.
        """
        row, column = divmod(unit // self.depth % (len(self.rows) * len(self.columns)), len(self.columns))
        (top, bottom), (left, right) = self.rows[row].tolist(), self.columns[column].tolist()
        return top, bottom, left, right


def receptive_fields(layers: Sequence[Layer], input_shape: Sequence[int]) -> list[ReceptiveFields]:
    """Return the receptive fields of every layer's units.

    Args:
        layers: The network.
        input_shape: Shape of one picture, (C, H, W).

    Returns:
        One entry per layer, in order.

    Raises:
        LayerError: A layer does not fit, as in `analyse`.

    References:
        Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks", 2019.

    Examples:
        Two 3 x 3 convolutions see 5 x 5 pixels, fewer at the border:

        >>> first, second = receptive_fields([Conv(1, 3, padding=1), Conv(1, 3, padding=1)], (1, 7, 7))
        >>> second.rows.tolist()
        [[0, 3], [0, 4], [0, 5], [1, 6], [2, 7], [3, 7], [4, 7]]
        >>> second.box(unit=3 * 7 + 3)  # the unit in the middle
        (1, 6, 1, 6)
    """
    _, height, width = input_shape
    return _follow(analyse(layers, input_shape), ReceptiveFields(_unit_intervals(height), _unit_intervals(width)))


def _follow(rows: Sequence[Row], seen: ReceptiveFields) -> list[ReceptiveFields]:
    """Return the receptive fields after each layer, given those of the input's units."""
    found: list[ReceptiveFields] = []
    for row in rows:
        if row.body:
            body, past = (_follow(way, seen)[-1] if way else seen for way in (row.body, row.shortcut))
            rows, columns = _union(body.rows, past.rows), _union(body.columns, past.columns)
            seen = ReceptiveFields(rows, columns, max(body.depth, past.depth))
        else:
            depth = _depth(row, seen.depth)
            seen = ReceptiveFields(_behind_layer(row, seen.rows, 0), _behind_layer(row, seen.columns, 1), depth)
        found.append(seen)
    return found


def _behind_layer(row: Row, seen: Intervals, axis: int) -> Intervals:
    """Return the receptive fields on one axis after a layer."""
    flat_softmax = row.layer == Activation("softmax") and len(row.output_shape) == 1
    if isinstance(row.layer, Linear | RoutedCapsules) or flat_softmax:
        return _through(seen, np.array([[0, len(seen)]]))
    if (plane := row.plane) is None:
        return seen
    reads = _reads(row.layer, row.input_shape[1 + axis], plane[axis], axis)
    return seen if reads is None else _through(seen, reads)


def _depth(row: Row, before: int) -> int:
    """Return how many neighbors in a layer's flattened output have one position."""
    if len(row.output_shape) == 2:
        return row.output_shape[1]
    return before if isinstance(row.layer, Flatten | Activation | BatchNorm | Dropout) else 1


def _union(a: Intervals, b: Intervals) -> Intervals:
    """Return the intervals that cover two branches; a branch that sees nothing adds nothing.

    Lists that were flattened from planes of different sizes have no positions in common: each unit is then given all
    that any unit sees.
    """
    if 1 < min(len(a), len(b)) < max(len(a), len(b)):
        a, b = (_through(one, np.array([[0, len(one)]])) for one in (a, b))
    none_a, none_b = (one[:, :1] == one[:, 1:] for one in (a, b))
    both = np.stack([np.minimum(a[:, 0], b[:, 0]), np.maximum(a[:, 1], b[:, 1])], axis=1)
    return np.where(none_a, b, np.where(none_b, a, both))


def padding_before(layer: Conv, axis: int) -> int:
    """Return the zeros that a convolution puts before the first row or column; "same" puts an odd one after the last.

    Args:
        layer: The convolution.
        axis: 0 for rows, 1 for columns.

    Returns:
        Pixels of padding.

    Examples:
        >>> padding_before(Conv(1, 4, padding="same"), axis=0)
        1
    """
    if layer.padding == "same":
        return pair(layer.dilation)[axis] * (pair(layer.kernel)[axis] - 1) // 2
    return pair(layer.padding)[axis]


def adaptive_windows(n: int, count: int) -> Intervals:
    """Return the windows of an adaptive pooling on one axis, spread as in PyTorch.

    Args:
        n: Pixels of the input.
        count: Pixels of the output.

    Returns:
        First pixel and end of each window, (count, 2).

    Examples:
        >>> adaptive_windows(7, 3).tolist()
        [[0, 3], [2, 5], [4, 7]]
    """
    places = np.arange(count)
    return np.stack([places * n // count, -(-(places + 1) * n // count)], axis=1)


def _unit_intervals(n: int) -> Intervals:
    """Return the receptive fields of the picture itself: each pixel sees itself."""
    return np.stack([np.arange(n), np.arange(n) + 1], axis=1)


def _reads(layer: Layer, n: int, count: int, axis: int) -> Intervals | None:
    """Return the inputs on one axis that each output reads; None if each reads its own position."""

    def of(size: Size) -> int:
        """Return a size on this axis."""
        return pair(size)[axis]

    places = np.arange(count)
    match layer:
        case Conv():
            return _taps(
                places * of(layer.stride) - padding_before(layer, axis), of(layer.kernel), of(layer.dilation), n
            )
        case PrimaryCapsules():
            return _taps(places * of(layer.stride) - of(layer.padding), of(layer.kernel), 1, n)
        case Pool():
            stride = of(layer.kernel) if layer.stride is None else of(layer.stride)
            return _taps(places * stride - of(layer.padding), of(layer.kernel), 1, n)
        case BlurPool():
            taps = places[:, None] * of(layer.stride) - blur_padding(layer.kernel)[0] + np.arange(layer.kernel)
            mirrored = (n - 1) - np.abs((n - 1) - np.abs(taps))  # beyond the border stands what lies within it
            return np.stack([mirrored.min(axis=1), mirrored.max(axis=1) + 1], axis=1)
        case AdaptivePool():
            return adaptive_windows(n, count)
        case GlobalPool():
            return np.array([[0, n]])
        case ConvTranspose():
            reach = of(layer.dilation) * (of(layer.kernel) - 1)
            taps = places[:, None] + of(layer.padding) - np.arange(n) * of(layer.stride)  # (outputs, inputs)
            return _hull((taps >= 0) & (taps <= reach) & (taps % of(layer.dilation) == 0))
    return None


def _taps(starts: NDArray[Any], kernel: int, dilation: int, n: int) -> Intervals:
    """Return windows from their first to their last tap that is not on padding."""
    taps = starts[:, None] + dilation * np.arange(kernel)  # (outputs, taps)
    inside = (taps >= 0) & (taps < n)
    first, last = np.where(inside, taps, n).min(axis=1), np.where(inside, taps, -1).max(axis=1)
    return np.where(inside.any(axis=1, keepdims=True), np.stack([first, last + 1], axis=1), 0)


def _hull(reads: NDArray[np.bool_]) -> Intervals:
    """Return the interval of inputs that each output reads: (outputs, inputs) -> (outputs, 2)."""
    first, end = reads.argmax(axis=1), reads.shape[1] - reads[:, ::-1].argmax(axis=1)
    return np.where(reads.any(axis=1, keepdims=True), np.stack([first, end], axis=1), 0)


def _through(seen: Intervals, reads: Intervals) -> Intervals:
    """Return the pixels seen through the previous units, whose receptive fields are `seen`."""
    found = np.zeros_like(reads)
    for place, (first, end) in enumerate(reads):
        part = seen[first:end]
        part = part[part[:, 0] < part[:, 1]]  # a unit that reads padding alone sees nothing
        if len(part):
            found[place] = part[:, 0].min(), part[:, 1].max()
    return found
