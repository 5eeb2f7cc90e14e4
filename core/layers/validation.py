"""What a person may write in a layer, and the error that says what is wrong with the rest.

The ranges are wide enough for any network that was ever published and narrow enough that no figure of the calculator
grows without bound. Whether a layer fits where it stands is for `core.layers.calculator` to say.
"""

import math
from collections.abc import Sequence
from typing import get_args

from core.layers.specs import (
    EVERY_KIND,
    MAX_DEPTH,
    Activation,
    ActivationKind,
    BlurPool,
    Conv,
    ConvTranspose,
    Dropout,
    Layer,
    Pool,
    PoolKind,
    Residual,
)

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
}
SIZES = {"kernel", "stride", "padding", "dilation", "output_padding", "size"}  # an int or (height, width)
FLAGS = {"bias", "ceil"}


class LayerError(ValueError):
    """A network that cannot be. The message is a sentence that says which number to change.

    `index` is the layer's place in the tuple, from 0, or None where the picture that goes in is at fault; the message
    counts from 1, as people do.
    """

    def __init__(self, index: int | None, reason: str) -> None:
        """The message is "layer 4: " and the reason."""
        super().__init__(f"layer {index + 1}: {reason}" if index is not None else reason)
        self.index = index
        self.reason = reason


def _is_whole(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high  # not isinstance: True is no size


def check_layer(layer: Layer, index: int, depth: int = 0) -> None:
    """Hold every field of one layer to its kind and range. Raises LayerError. `depth`: in how many blocks it is."""
    if type(layer) not in EVERY_KIND.values():
        raise LayerError(index, f"{layer!r:.40} is not a layer; a layer is one of {', '.join(EVERY_KIND)}.")
    if isinstance(layer, Residual):
        if depth == MAX_DEPTH:
            raise LayerError(index, f"blocks stand in blocks at most {MAX_DEPTH} deep.")
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
            default = name == "stride" and value is None and isinstance(layer, Pool)
            if (pair and name in SIZES) or same or default:
                continue
            what = "a whole number, or a pair of them," if name in SIZES else "a whole number"
            raise LayerError(index, f"{name} must be {what} from {low:,} to {high:,}; got {value!r:.40}.")
        if name in FLAGS and type(value) is not bool:
            raise LayerError(index, f"{name} must be true or false; got {value!r:.40}.")
        if name == "kind":
            kinds = get_args(ActivationKind if isinstance(layer, Activation) else PoolKind)
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


def check_input(input_shape: Sequence[int]) -> tuple[int, int, int]:
    """The picture's shape as (C, H, W). Raises LayerError for anything but three whole numbers in range."""
    shape = tuple(input_shape) if isinstance(input_shape, list | tuple) else ()
    limits = (MAX_CHANNELS, MAX_SIDE, MAX_SIDE)
    if len(shape) != 3 or not all(_is_whole(n, 1, high) for n, high in zip(shape, limits, strict=True)):
        raise LayerError(
            None,
            "The picture that goes in has three sizes (channels, height, width), whole numbers from 1 to "
            f"{MAX_SIDE:,}; got {input_shape!r:.60}.",
        )
    return shape[0], shape[1], shape[2]


def format_shape(sizes: Sequence[int]) -> str:
    """Sizes as a shape is spoken: 16x5x5."""
    return "x".join(str(size) for size in sizes)


def format_size(size: tuple[int, ...]) -> str:
    """A size as a person writes it: one number, or (height, width) where the two differ."""
    return str(size[0]) if len(set(size)) == 1 else str(size)


def window_spans(kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    """The pixels from a window's first tap to its last: D(F - 1) + 1 on each axis."""
    return dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1


def require_planes(index: int, what: str, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """`shape` as (C, H, W). Raises LayerError where only a flat list comes in."""
    if len(shape) != 3:
        raise LayerError(
            index,
            f"{what} needs rows and columns, but a flat list of {shape[0]:,} comes in; put it before the Flatten.",
        )
    return shape[0], shape[1], shape[2]


def checked_output_shape(index: int, channels: int, plane: tuple[int, int]) -> tuple[int, int, int]:
    """(channels, *plane). Raises LayerError where a side grows past MAX_SIDE."""
    if max(plane) > MAX_SIDE:
        raise LayerError(
            index,
            f"its output would be {format_shape(plane)}; at most {MAX_SIDE:,} a side: use a smaller stride, kernel or padding.",
        )
    return channels, plane[0], plane[1]


def check_groups(index: int, layer: Conv | ConvTranspose, channels: int) -> None:
    """Both the channels that come in and the filters are split into equal groups. Raises LayerError."""
    if channels % layer.groups == 0 and layer.filters % layer.groups == 0:
        return
    whole = math.gcd(channels, layer.filters)
    working = [g for g in range(1, math.isqrt(whole) + 1) if whole % g == 0]
    working = sorted({*working, *(whole // g for g in working)})
    below = max(g for g in working if g <= layer.groups)
    above = [g for g in working if g > layer.groups][:1]
    what = f"{channels} channels that come in" if channels % layer.groups else f"{layer.filters} filters"
    raise LayerError(
        index,
        f"groups {layer.groups} does not divide the {what}; {' or '.join(str(g) for g in [below, *above])} would.",
    )


def describe_misfit(
    what: str,
    plane: Sequence[int],
    kernel: tuple[int, int],
    dilation: tuple[int, int],
    padding: tuple[int, int],
    most_padding: int,
) -> str:
    """Why a window is too large for its input, and the nearest padding, dilation or kernel that would not be.

    `most_padding` is the most that the layer allows on both axes.
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
    spread = f" with dilation {format_size(dilation)}, which spans {format_shape(spans)}," if dilation != (1, 1) else ""
    edge = f" with padding {format_size(padding)}" if padding != (0, 0) else ""
    listed = " or ".join([", ".join(ways[:-1]), ways[-1]] if ways[:-1] else ways)
    return f"a {format_shape(kernel)} {what}{spread} does not fit a {format_shape(plane)} input{edge}; {listed} would."
