"""Validate the settings of layers, and say what is wrong with invalid ones.

The ranges are wide enough for any published network and narrow enough that no result of the calculator grows without
bound. Whether a layer fits its input is for `core.layers.shape_inference` to check.
"""

import math
from collections.abc import Sequence

from core.layers.specs import (
    CHOICES,
    EVERY_KIND,
    MAX_DEPTH,
    BlurPool,
    Conv,
    ConvTranspose,
    Dropout,
    Layer,
    LPPool,
    Pool,
    Residual,
)
from core.shapes import describe_shape, format_shape

MAX_SIDE = 1_000_000  # of any plane, in pixels
MAX_CHANNELS = 1_000_000
MAX_BLUR = 7  # rows of a blur pooling's binomial: Zhang's largest

# The least and the most of every whole number a layer can hold: the calculator's sliders and the checks read one table.
LIMITS: dict[str, tuple[int, int]] = {
    "filters": (1, MAX_CHANNELS),
    "units": (1, MAX_CHANNELS),
    "groups": (1, MAX_CHANNELS),
    "kernel": (1, 10_000),
    "stride": (1, 10_000),
    "padding": (0, 10_000),
    "dilation": (1, 10_000),
    "output_padding": (0, 10_000),
    "size": (1, 10_000),
    "types": (1, 10_000),
    "dimensions": (1, 10_000),
    "capsules": (1, 10_000),
    "iterations": (0, 5),
    "first": (1, MAX_CHANNELS),
    "second": (1, MAX_CHANNELS),
    "scale": (1, 1_000),
    "factor": (1, 1_000),
    "rows": (0, 10_000),
    "columns": (0, 10_000),
    "channels": (1, MAX_CHANNELS),
    "plane": (1, MAX_SIDE),
    "axes": (1, 3),
}
MAX_NORM = 100.0  # p of Lp pooling
# an int or two of them: (height, width), (top, bottom) or (left, right)
SIZES = {
    *("kernel", "stride", "padding", "dilation", "output_padding", "size", "scale", "rows", "columns", "plane"),
}
FLAGS = {"bias", "ceil", "through", "shared", "affine", "corners", "per_channel"}


class LayerError(ValueError):
    """Raised for an invalid network. The message is a sentence that says which number to change.

    `index` is the layer's position in the tuple, from 0, or None if the input shape is at fault; the message counts
    from 1.
    """

    def __init__(self, index: int | None, reason: str) -> None:
        """Compose the message: "layer 4: " and the reason."""
        super().__init__(f"layer {index + 1}: {reason}" if index is not None else reason)
        self.index = index
        self.reason = reason

    @property
    def faults(self) -> tuple[str, ...]:
        """All faults, as a ParseError has them."""
        return (str(self),)


def _is_whole(value: object, low: int, high: int) -> bool:
    """Return whether a value is a whole number in a range."""
    return type(value) is int and low <= value <= high  # not isinstance: True is no size


def check_layer(layer: Layer, index: int, depth: int = 0) -> None:
    """Check the kind and range of every setting of one layer.

    Args:
        layer: The layer.
        index: Its position, for the error message.
        depth: Number of blocks that contain it.

    Raises:
        LayerError: A setting is invalid.
    """
    if type(layer) not in EVERY_KIND.values():
        raise LayerError(index, f"{layer!r:.40} is not a layer: use one of {', '.join(EVERY_KIND)}.")
    if isinstance(layer, Residual):
        if depth == MAX_DEPTH:
            raise LayerError(index, f"blocks can be nested at most {MAX_DEPTH} deep.")
        if not layer.body:
            raise LayerError(index, "the body of a Residual needs at least one layer.")
        return  # its layers are checked where they are read
    for name in layer.__dataclass_fields__:
        value = getattr(layer, name)
        if name in LIMITS:
            low, high = LIMITS[name]
            if _is_whole(value, low, high):
                continue
            pair = (
                isinstance(value, tuple) and len(value) == 2 and all(_is_whole(number, low, high) for number in value)
            )
            same = name == "padding" and value == "same" and isinstance(layer, Conv)
            default = name == "stride" and value is None and isinstance(layer, Pool | LPPool)
            if (pair and name in SIZES) or same or default:
                continue
            what = "a whole number, or a pair of them," if name in SIZES else "a whole number"
            raise LayerError(index, f"{name} must be {what} from {low:,} to {high:,}; got {value!r:.40}.")
        if name in FLAGS and type(value) is not bool:
            raise LayerError(index, f"{name} must be true or false; got {value!r:.40}.")
        if name == "kind":
            kinds = CHOICES[type(layer).__name__]
            if value not in kinds:
                raise LayerError(index, f"kind must be one of {', '.join(kinds)}; got {value!r:.40}.")
    if isinstance(layer, BlurPool) and not _is_whole(layer.kernel, 1, MAX_BLUR):
        raise LayerError(
            index, f"kernel of blur pooling must be a whole number from 1 to {MAX_BLUR}; got {layer.kernel}."
        )
    if isinstance(layer, Dropout) and not (
        isinstance(layer.p, float) and math.isfinite(layer.p) and 0.0 <= layer.p <= 1.0
    ):
        raise LayerError(index, f"p must be a number from 0 to 1; got {layer.p!r:.40}.")
    if isinstance(layer, Pool) and layer.kind == "average" and layer.dilation != 1:
        raise LayerError(index, "pooling with the mean has no dilation: use 1, or max pooling.")
    if isinstance(layer, LPPool) and not (isinstance(layer.norm, float) and 0 < layer.norm <= MAX_NORM):
        raise LayerError(index, f"norm must be a number above 0, at most {MAX_NORM:g}; got {layer.norm!r:.40}.")


def check_input(input_shape: Sequence[int]) -> tuple[int, int, int]:
    """Return the input shape as (C, H, W). Raises LayerError unless it is three whole numbers in range."""
    shape = tuple(input_shape) if isinstance(input_shape, list | tuple) else ()
    limits = (MAX_CHANNELS, MAX_SIDE, MAX_SIDE)
    if len(shape) != 3 or not all(_is_whole(n, 1, high) for n, high in zip(shape, limits, strict=True)):
        raise LayerError(
            None,
            "The input needs three sizes (channels, height, width), whole numbers from 1 to "
            f"{MAX_SIDE:,}; got {input_shape!r:.60}.",
        )
    return shape[0], shape[1], shape[2]


def format_size(size: tuple[int, ...]) -> str:
    """Return a size as a user writes it: one number, or (height, width) if the two differ.

    Examples:
        >>> format_size((3, 3)), format_size((3, 5))
        ('3', '(3, 5)')
    """
    return str(size[0]) if len(set(size)) == 1 else str(size)


def window_spans(kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    """Return the pixels from a window's first tap to its last on each axis: D(F - 1) + 1.

    Args:
        kernel: F, (height, width).
        dilation: D, (height, width).

    Returns:
        Pixels, (height, width).

    Examples:
        >>> window_spans((3, 5), (2, 1))
        (5, 5)
    """
    return dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1


def require_planes(index: int, what: str, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return the input shape as (C, H, W).

    Args:
        index: The layer's position, for the error message.
        what: The layer's name in the message.
        shape: Shape of its input.

    Returns:
        The same shape.

    Raises:
        LayerError: The input is flat.
    """
    if len(shape) == 2:
        raise LayerError(index, f"{what} needs planes, but its input is {describe_shape(shape)}: move it before them.")
    if len(shape) != 3:
        raise LayerError(
            index,
            f"{what} needs planes, but its input is flat ({describe_shape(shape)}): move it before the Flatten.",
        )
    return shape[0], shape[1], shape[2]


def require_capsules(index: int, what: str, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the input shape as (capsules, dimensions).

    Args:
        index: The layer's position, for the error message.
        what: The layer's name in the message.
        shape: Shape of its input.

    Returns:
        The same shape.

    Raises:
        LayerError: The input is no capsules.
    """
    if len(shape) != 2:
        raise LayerError(
            index, f"{what} needs capsules, but its input is {describe_shape(shape)}: add a PrimaryCapsules before it."
        )
    return shape[0], shape[1]


def refuse_capsules(index: int, what: str, shape: tuple[int, ...]) -> None:
    """Raise LayerError if the input of a layer is capsules, which it cannot read."""
    if len(shape) == 2:
        raise LayerError(
            index,
            f"{what} reads no capsules, but its input is {describe_shape(shape)}: add a Flatten before it, or a "
            "CapsuleLengths.",
        )


def checked_output_shape(index: int, channels: int, plane: tuple[int, int]) -> tuple[int, int, int]:
    """Return the output shape, unless it is too large.

    Args:
        index: The layer's position, for the error message.
        channels: Output channels.
        plane: Output size, (H, W).

    Returns:
        (C, H, W).

    Raises:
        LayerError: A side exceeds MAX_SIDE.
    """
    if max(plane) > MAX_SIDE:
        raise LayerError(
            index,
            f"its output would be {format_shape(plane)}, but a side can have at most {MAX_SIDE:,}: use a smaller "
            "stride, kernel or padding.",
        )
    return channels, plane[0], plane[1]


def check_norm_groups(index: int, groups: int, channels: int) -> None:
    """Raise LayerError unless the groups of a normalization divide its channels evenly."""
    if channels % groups:
        near = [divisor for divisor in range(1, channels + 1) if channels % divisor == 0] if channels <= 10_000 else [1]
        best = min(near, key=lambda divisor: abs(divisor - groups))
        raise LayerError(index, f"groups {groups} does not divide the {channels:,} channels: use {best}.")


def check_groups(index: int, layer: Conv | ConvTranspose, channels: int) -> None:
    """Check that input channels and filters can be split into equal groups.

    Args:
        index: The layer's position, for the error message.
        layer: The convolution.
        channels: Input channels.

    Raises:
        LayerError: `groups` does not divide both; the message names the nearest that do.
    """
    if channels % layer.groups == 0 and layer.filters % layer.groups == 0:
        return
    whole = math.gcd(channels, layer.filters)
    working = [g for g in range(1, math.isqrt(whole) + 1) if whole % g == 0]
    working = sorted({*working, *(whole // g for g in working)})
    below = max(g for g in working if g <= layer.groups)
    above = [g for g in working if g > layer.groups][:1]
    what = f"{channels} input channels" if channels % layer.groups else f"{layer.filters} filters"
    raise LayerError(
        index,
        f"groups {layer.groups} does not divide the {what}: use {' or '.join(str(g) for g in [below, *above])}.",
    )


def describe_misfit(
    what: str,
    plane: Sequence[int],
    kernel: tuple[int, int],
    dilation: tuple[int, int],
    padding: tuple[int, int],
    most_padding: int,
) -> str:
    """Return why a window is too large for its input, and the nearest padding, dilation or kernel that would fit.

    Args:
        what: Name of the window in the sentence.
        plane: Input size, (H, W).
        kernel: Window size, (height, width).
        dilation: Dilation, (height, width).
        padding: Padding, (height, width).
        most_padding: The largest padding that the layer allows on both axes.

    Returns:
        A sentence.

    Examples:
        >>> describe_misfit("kernel", (4, 4), (5, 5), (1, 1), (0, 0), most_padding=9)
        'a 5 × 5 kernel does not fit a 4 × 4 input: use padding 1 or a kernel of at most 4.'
    """
    axes = list(zip(plane, kernel, dilation, padding, strict=True))
    spans = window_spans(kernel, dilation)
    ways = []
    needed = max(-(-(span - n) // 2) for span, n in zip(spans, plane, strict=True))
    if needed <= most_padding:
        ways.append(f"padding {needed}")
    if dilation != (1, 1):
        widest = min((n + 2 * p - 1) // (f - 1) for n, f, _, p in axes if f > 1)
        if widest >= 1:
            ways.append(f"a dilation of at most {widest}")
    fitting = [min(f, (n + 2 * p - 1) // d + 1) for n, f, d, p in axes]
    ways.append(f"a kernel of at most {min(fitting) if kernel[0] == kernel[1] else format_shape(fitting)}")
    spread = f" with dilation {format_size(dilation)} (spanning {format_shape(spans)})" if dilation != (1, 1) else ""
    edge = f" with padding {format_size(padding)}" if padding != (0, 0) else ""
    listed = " or ".join([", ".join(ways[:-1]), ways[-1]] if ways[:-1] else ways)
    return f"a {format_shape(kernel)} {what}{spread} does not fit a {format_shape(plane)} input{edge}: use {listed}."
