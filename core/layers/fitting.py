"""Whether a layer fits the shape that comes in; where it does not, the number at fault and the nearest that would."""

import math
from collections.abc import Sequence

from core.layers.specs import Conv, ConvTranspose
from core.layers.validation import MAX_SIDE, LayerError, by, text


def spans_of(kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    """The pixels from a window's first tap to its last: D(F - 1) + 1 on each axis."""
    return dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1


def as_picture(index: int, what: str, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """`shape` as (C, H, W). Raises LayerError where only a flat list comes in."""
    if len(shape) != 3:
        raise LayerError(
            index,
            f"{what} needs rows and columns, but a flat list of {shape[0]:,} comes in; put it before the Flatten.",
        )
    return shape[0], shape[1], shape[2]


def output_shape(index: int, channels: int, plane: tuple[int, int]) -> tuple[int, int, int]:
    """(channels, *plane). Raises LayerError where a side grows past MAX_SIDE."""
    if max(plane) > MAX_SIDE:
        raise LayerError(
            index,
            f"its output would be {by(plane)}; at most {MAX_SIDE:,} a side: use a smaller stride, kernel or padding.",
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


def misfit(
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
    spans = spans_of(kernel, dilation)
    ways = []
    needed = max(-(-(span - n) // 2) for span, n in zip(spans, plane, strict=True))
    if needed <= most_padding:
        ways.append(f"padding {needed}")
    if dilation != (1, 1):
        widest = min((n + 2 * p - 1) // (f - 1) for n, f, _, p in axes if f > 1)
        if widest >= 1:
            ways.append(f"a dilation of at most {widest}")
    fitting = [min(f, (n + 2 * p - 1) // d + 1) for n, f, d, p in axes]
    ways.append(f"a kernel of at most {min(fitting) if kernel[0] == kernel[1] else by(fitting)}")
    spread = f" with dilation {text(dilation)}, which spans {by(spans)}," if dilation != (1, 1) else ""
    edge = f" with padding {text(padding)}" if padding != (0, 0) else ""
    listed = " or ".join([", ".join(ways[:-1]), ways[-1]] if ways[:-1] else ways)
    return f"a {by(kernel)} {what}{spread} does not fit a {by(plane)} input{edge}; {listed} would."
