"""Follow the pixels that the units of a network see from layer to layer, unit by unit.

`core.layers.calculator` uses it for every row, so the table and the anatomy have one truth. Padding, ceil mode,
adaptive windows, mirrored borders, and the gaps of dilated and transposed convolutions are exact.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from core.layers import specs
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.shape_inference.windows import blur_padding
from core.layers.specs import Layer, pair

# (2, N): the first pixel that each unit sees, and minus the last. What two units see together is thus a minimum.
Seen = NDArray[np.int64]
NOTHING = 2**40  # in both places: the unit sees no pixel, padding alone


@dataclass(frozen=True, slots=True, eq=False)
class ReceptiveFields:
    """The receptive fields of one layer's units, by row and by column of the plane, cropped at the picture's border."""

    down: Seen
    right: Seen
    depth: int = 1  # how many neighbors in the flattened output have one position: the numbers of a capsule

    @property
    def rows(self) -> NDArray[np.int64]:
        """First row of the picture and the one after the last, (H, 2); equal where a unit sees none."""
        return _ends(self.down)

    @property
    def columns(self) -> NDArray[np.int64]:
        """First column of the picture and the one after the last, (W, 2); equal where a unit sees none."""
        return _ends(self.right)

    @property
    def largest(self) -> tuple[int, int]:
        """Rows and columns of the picture that the unit with the most sees; (0, 0) if all see padding alone."""
        height = _longest(self.down)
        width = height if self.right is self.down else _longest(self.right)
        return (height, width) if height and width else (0, 0)

    def box(self, unit: int) -> tuple[int, int, int, int]:
        """Return a unit's receptive field in pixels of the picture.

        The units of a flat list have the positions they had on the plane before the Flatten, and all numbers of a
        capsule have the capsule's; after a fully connected layer, or a routing, all see the same pixels.

        Args:
            unit: Index in the flattened output (C, H, W) or (capsules, dimensions).

        Returns:
            (top, bottom, left, right); bottom and right are one past the last pixel.
        """
        height, width = self.down.shape[1], self.right.shape[1]
        row, column = divmod(unit // self.depth % (height * width), width)
        (top, bottom), (left, right) = self.rows[row].tolist(), self.columns[column].tolist()
        return top, bottom, left, right


def of_picture(height: int, width: int) -> ReceptiveFields:
    """Return the receptive fields of the picture itself: each pixel sees itself."""
    down = _each(height)
    return ReceptiveFields(down, down if width == height else _each(width))


def after_layer(
    layer: Layer, before: ReceptiveFields, shape: Shape, plane: tuple[int, int] | None
) -> ReceptiveFields | None:
    """Return the receptive fields after one layer.

    Args:
        layer: The layer, not a block.
        before: The receptive fields of its input's units.
        shape: Shape of its output.
        plane: (H, W) of the output's positions; None if it has none of its own.

    Returns:
        The receptive fields of its output's units; None where they are no rectangles of rows and columns.
    """
    depth = _depth(layer, shape, before.depth)
    if mixes(layer, shape):
        return ReceptiveFields(_all(before.down), _all(before.right), depth)
    places = before.down.shape[1], before.right.shape[1]
    if isinstance(layer, specs.Unflatten) and places != plane and places != (1, 1):
        return None
    if isinstance(layer, specs.GroupNorm) and plane is None and places != (1, 1):
        return None
    if plane is None:
        return ReceptiveFields(before.down, before.right, depth)
    down = _after(layer, before.down, plane[0], axis=0)
    alike = before.right is before.down and plane[0] == plane[1]  # and no setting differs between the axes
    alike = alike and not (isinstance(layer, specs.LayerNorm) and layer.axes == 1)
    if alike and not any(isinstance(getattr(layer, setting.name), tuple) for setting in fields(layer)):
        return ReceptiveFields(down, down, depth)
    return ReceptiveFields(down, _after(layer, before.right, plane[1], axis=1), depth)


def mixes(layer: Layer, shape: Shape) -> bool:
    """Return whether each output of a layer whose outputs, of this shape, have no positions depends on all inputs."""
    match layer:
        case specs.Linear() | specs.RoutedCapsules():
            return True
        case specs.Activation(kind="softmax" | "log_softmax") | specs.LayerNorm() | specs.GroupNorm(groups=1):
            return len(shape) == 1
    return False


def after_sum(a: ReceptiveFields, b: ReceptiveFields) -> ReceptiveFields:
    """Return the receptive fields of a sum: of both branches; one that sees nothing adds nothing.

    Lists that were flattened from planes of different sizes have no positions in common: each unit is then given all
    that any unit sees.
    """
    sides = [(one.down.shape[1], one.right.shape[1]) for one in (a, b)]
    if (sides[0] != sides[1] or a.depth != b.depth) and (1, 1) not in sides:
        a, b = (ReceptiveFields(_all(one.down), _all(one.right)) for one in (a, b))
    for one, other in ((a, b), (b, a)):
        if one.largest == (0, 0):
            return other
    down = np.minimum(a.down, b.down)
    alike = a.down is a.right and b.down is b.right
    return ReceptiveFields(down, down if alike else np.minimum(a.right, b.right), max(a.depth, b.depth))


def padding_before(layer: specs.Conv, axis: int) -> int:
    """Return the zeros that a convolution puts before the first row or column; "same" puts an odd one after the last.

    Args:
        layer: The convolution.
        axis: 0 for rows, 1 for columns.

    Returns:
        Pixels of padding.

    Examples:
        >>> padding_before(specs.Conv(1, 4, padding="same"), axis=0)
        1
    """
    if layer.padding == "same":
        return pair(layer.dilation)[axis] * (pair(layer.kernel)[axis] - 1) // 2
    return pair(layer.padding)[axis]


def adaptive_windows(n: int, count: int) -> NDArray[np.int64]:
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


def _each(n: int) -> Seen:
    """Return n units that see one pixel each."""
    places = np.arange(n)
    return np.stack([places, -places])


def _all(seen: Seen) -> Seen:
    """Return one unit that sees all that these see."""
    whole: Seen = seen.min(axis=1, keepdims=True)
    return whole


def _ends(seen: Seen) -> NDArray[np.int64]:
    """Return the first pixel and the one after the last of each unit, (N, 2)."""
    return np.where(seen[0] < NOTHING, [seen[0], 1 - seen[1]], 0).T


def _longest(seen: Seen) -> int:
    """Return the most pixels that one unit sees."""
    return max(1 - int(seen.sum(axis=0).min()), 0)


def _depth(layer: Layer, shape: Shape, before: int) -> int:
    """Return how many neighbors in a layer's flattened output have one position."""
    if len(shape) == 2:
        return shape[1]
    is_kept = isinstance(layer, specs.Flatten | specs.Activation | specs.PReLU | specs.BatchNorm | specs.Dropout)
    return before if is_kept else 1


def _after(layer: Layer, seen: Seen, count: int, axis: int) -> Seen:
    """Return what `count` outputs see on one axis, whose inputs see `seen`."""

    def of(size: specs.Size) -> int:
        """Return a size on this axis."""
        return pair(size)[axis]

    n = seen.shape[1]
    match layer:
        case specs.Conv():
            start = -padding_before(layer, axis)
            return _slide(seen, start, of(layer.kernel), of(layer.stride), count, of(layer.dilation))
        case specs.PrimaryCapsules():
            return _slide(seen, -of(layer.padding), of(layer.kernel), of(layer.stride), count)
        case specs.Pool():
            stride = of(layer.kernel) if layer.stride is None else of(layer.stride)
            return _slide(seen, -of(layer.padding), of(layer.kernel), stride, count, of(layer.dilation))
        case specs.LPPool():
            return _slide(seen, 0, of(layer.kernel), of(layer.kernel if layer.stride is None else layer.stride), count)
        case specs.GroupNorm() | specs.InstanceNorm() | specs.LayerNorm(axes=2 | 3):
            return np.repeat(_all(seen), n, axis=1)
        case specs.LayerNorm():
            return np.repeat(_all(seen), n, axis=1) if axis == 1 else seen
        case specs.Unflatten():
            return np.repeat(seen, count // n, axis=1)
        case specs.PixelShuffle():
            return np.repeat(seen, layer.factor, axis=1)
        case specs.Upsample():
            return _upsampled(layer, seen, count)
        case specs.Pad():
            return _padded(layer, seen, *pair(layer.rows if axis == 0 else layer.columns))
        case specs.BlurPool():
            before, after = blur_padding(layer.kernel)
            taps = np.arange(-before, n + after)
            mirrored = (n - 1) - np.abs((n - 1) - np.abs(taps))  # beyond the border stands what lies within it
            return _slide(seen[:, mirrored], 0, layer.kernel, of(layer.stride), count)
        case specs.AdaptivePool():
            closed = np.append(seen, [[NOTHING], [NOTHING]], axis=1)  # so that a window may end at n
            windows: Seen = np.minimum.reduceat(closed, adaptive_windows(n, count).ravel(), axis=1)[:, ::2]
            return windows
        case specs.GlobalPool():
            return _all(seen)
        case specs.ConvTranspose():  # the inputs S apart with nothing between them, then a convolution
            apart = np.full((2, (n - 1) * of(layer.stride) + 1), NOTHING)
            apart[:, :: of(layer.stride)] = seen
            start = of(layer.padding) - of(layer.dilation) * (of(layer.kernel) - 1)
            return _slide(apart, start, of(layer.kernel), 1, count, of(layer.dilation))
    return seen


def _upsampled(layer: specs.Upsample, seen: Seen, count: int) -> Seen:
    """Return what the outputs of an upsampling see: the inputs around the place where each of them lies."""
    n = seen.shape[1]
    scale = count // n
    if layer.kind == "nearest":
        return np.repeat(seen, scale, axis=1)
    # the place of an output among the inputs, as a fraction: its numerator and its denominator
    numerator, denominator = 2 * np.arange(count) + 1 - scale, 2 * scale
    if layer.corners:
        numerator, denominator = np.arange(count) * (n - 1), max(count - 1, 1)
    if layer.kind == "bilinear":
        numerator = np.maximum(numerator, 0)
    low, between = numerator // denominator, numerator % denominator > 0
    taps = (0, 1) if layer.kind == "bilinear" else (-1, 0, 1, 2)
    places = (np.clip(np.where(between, low + tap, low), 0, n - 1) for tap in taps)
    seen_there: Seen = np.minimum.reduce([seen[:, place] for place in places])
    return seen_there


def _padded(layer: specs.Pad, seen: Seen, before: int, after: int) -> Seen:
    """Return what a plane sees with pixels added before and after it."""
    n = seen.shape[1]
    places = np.arange(-before, n + after)
    match layer.kind:
        case "zeros":
            return np.pad(seen, ((0, 0), (before, after)), constant_values=NOTHING)
        case "reflect":
            return seen[:, (n - 1) - np.abs((n - 1) - np.abs(places))]
        case "circular":
            return seen[:, places % n]
    return seen[:, np.clip(places, 0, n - 1)]


def _slide(seen: Seen, start: int, kernel: int, stride: int, count: int, dilation: int = 1) -> Seen:
    """Return what `count` windows see, the first of which starts at `start`; outside the plane there is nothing."""
    length = (count - 1) * stride + dilation * (kernel - 1) + 1
    windows = np.full((2, length), NOTHING)
    low, high = max(-start, 0), min(seen.shape[1] - start, length)
    if low < high:
        windows[:, low:high] = seen[:, start + low : start + high]
    taps = 1
    while taps < kernel:  # two windows of t taps, s <= t taps apart, have t + s together
        further = min(taps, kernel - taps)
        windows = np.minimum(windows[:, : -further * dilation], windows[:, further * dilation :])
        taps += further
    return windows[:, ::stride]
