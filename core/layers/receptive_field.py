"""Which pixels of the picture each unit of a network can see: its receptive field, cut off at the picture's border.

`core.layers.calculator` says how large a receptive field is; here is where it lies. Found by walking backward through
the layers, unit by unit, so that padding, ceil mode, adaptive windows and transposed convolutions are exact.
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
    BlurPool,
    Conv,
    ConvTranspose,
    GlobalPool,
    Layer,
    Linear,
    Pool,
    Size,
    pair,
)

Intervals = NDArray[np.int64]  # (N, 2): the first place and the one after the last; equal where there is none


@dataclass(frozen=True, slots=True, eq=False)
class ReceptiveFields:
    """The receptive fields of one layer's units. A unit's row and column of the plane say which it has."""

    rows: Intervals  # (H, 2) in pixels of the picture
    columns: Intervals  # (W, 2)

    def box(self, unit: int) -> tuple[int, int, int, int]:
        """(top, bottom, left, right) of a unit by its place in the flattened (C, H, W); ends are one past the last.

        The units of a flat list stand where they stood on the plane before a Flatten; behind a fully connected layer
        all see the same.
        """
        row, column = divmod(unit % (len(self.rows) * len(self.columns)), len(self.columns))
        (top, bottom), (left, right) = self.rows[row].tolist(), self.columns[column].tolist()
        return top, bottom, left, right


def receptive_fields(layers: Sequence[Layer], input_shape: Sequence[int]) -> list[ReceptiveFields]:
    """One entry a layer, in order, for a picture of `input_shape` (C, H, W). Raises LayerError as `analyse` does."""
    _, height, width = input_shape
    return _follow(analyse(layers, input_shape), ReceptiveFields(_unit_intervals(height), _unit_intervals(width)))


def _follow(rows: Sequence[Row], seen: ReceptiveFields) -> list[ReceptiveFields]:
    """The fields of each layer's units, where those of what comes in are `seen`."""
    found: list[ReceptiveFields] = []
    for row in rows:
        if row.body:
            body, past = (_follow(way, seen)[-1] if way else seen for way in (row.body, row.shortcut))
            seen = ReceptiveFields(_union(body.rows, past.rows), _union(body.columns, past.columns))
        else:
            seen = ReceptiveFields(_behind_layer(row, seen.rows, 0), _behind_layer(row, seen.columns, 1))
        found.append(seen)
    return found


def _behind_layer(row: Row, seen: Intervals, axis: int) -> Intervals:
    """What is seen on one axis behind a layer."""
    if isinstance(row.layer, Linear) or (row.layer == Activation("softmax") and len(row.output_shape) == 1):
        return _through(seen, np.array([[0, len(seen)]]))
    if len(row.output_shape) == 1:
        return seen
    reads = _reads(row.layer, row.input_shape[1 + axis], row.output_shape[1 + axis], axis)
    return seen if reads is None else _through(seen, reads)


def _union(a: Intervals, b: Intervals) -> Intervals:
    """What is seen on one way or on another; a way that sees nothing adds nothing."""
    none_a, none_b = (one[:, :1] == one[:, 1:] for one in (a, b))
    both = np.stack([np.minimum(a[:, 0], b[:, 0]), np.maximum(a[:, 1], b[:, 1])], axis=1)
    return np.where(none_a, b, np.where(none_b, a, both))


def padding_before(layer: Conv, axis: int) -> int:
    """Zeros that a convolution puts before the first row (axis 0) or column (axis 1); "same" puts an odd one behind."""
    if layer.padding == "same":
        return pair(layer.dilation)[axis] * (pair(layer.kernel)[axis] - 1) // 2
    return pair(layer.padding)[axis]


def adaptive_windows(n: int, count: int) -> Intervals:
    """The windows of an adaptive pooling on one axis, as PyTorch spreads them: `count` of them over n pixels."""
    places = np.arange(count)
    return np.stack([places * n // count, -(-(places + 1) * n // count)], axis=1)


def _unit_intervals(n: int) -> Intervals:
    return np.stack([np.arange(n), np.arange(n) + 1], axis=1)


def _reads(layer: Layer, n: int, count: int, axis: int) -> Intervals | None:
    """Which of the n inputs on one axis each of the `count` outputs reads; None where each reads its own place."""

    def of(size: Size) -> int:
        return pair(size)[axis]

    places = np.arange(count)
    match layer:
        case Conv():
            return _taps(
                places * of(layer.stride) - padding_before(layer, axis), of(layer.kernel), of(layer.dilation), n
            )
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
    """Windows that start there, from their first to their last tap that is none of the padding's."""
    taps = starts[:, None] + dilation * np.arange(kernel)  # (outputs, taps)
    inside = (taps >= 0) & (taps < n)
    first, last = np.where(inside, taps, n).min(axis=1), np.where(inside, taps, -1).max(axis=1)
    return np.where(inside.any(axis=1, keepdims=True), np.stack([first, last + 1], axis=1), 0)


def _hull(reads: NDArray[np.bool_]) -> Intervals:
    """From the first to the last input that each output reads: (outputs, inputs) -> (outputs, 2)."""
    first, end = reads.argmax(axis=1), reads.shape[1] - reads[:, ::-1].argmax(axis=1)
    return np.where(reads.any(axis=1, keepdims=True), np.stack([first, end], axis=1), 0)


def _through(seen: Intervals, reads: Intervals) -> Intervals:
    """What is seen through the units before, of which `seen` holds the pixels."""
    found = np.zeros_like(reads)
    for place, (first, end) in enumerate(reads):
        part = seen[first:end]
        part = part[part[:, 0] < part[:, 1]]  # a unit that reads padding alone sees nothing
        if len(part):
            found[place] = part[:, 0].min(), part[:, 1].max()
    return found
