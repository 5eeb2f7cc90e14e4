"""Sentences for "What to notice", with the numbers of the current picture and settings."""

from math import prod

from core.images.pooling import PoolKind
from core.layers.calculator import Row
from core.ui.display import numbers
from core.ui.views.pooling.controls import Pooling
from core.ui.views.pooling.figures import Plane

DESCRIPTIONS: dict[PoolKind, str] = {
    "max": "Each output is the largest of its window's {area} values. The position of that pixel is lost.",
    "average": "Each output is the mean of its window's {area} values: one bright pixel among dark ones counts "
    "1/{area}.",
    "min": "Each output is the smallest of its window's {area} values: a bright stroke thinner than {side} px can "
    "vanish.",
    "l2": "Each output is the square root of the sum of its window's {area} squares: large values count more than in a "
    "mean, and the output grows with the window.",
}


def sentences(plane: Plane, pooling: Pooling) -> list[str]:
    """Return what to notice, with the current numbers."""
    row = pooling.row(plane.image)
    before, after = prod(row.input_shape), prod(row.output_shape)
    return [
        f"{numbers.count(before)} numbers become {numbers.count(after)}, {numbers.percent(after / before, 0)} of them. "
        "Nothing here is learned: pooling has 0 parameters.",
        DESCRIPTIONS[pooling.kind].format(area=pooling.window**2, side=pooling.window),
        _layout(pooling, row),
    ]


def _layout(pooling: Pooling, row: Row) -> str:
    """Return a sentence about the overlap of the windows and the unread pixels."""
    window, stride = pooling.window, pooling.stride
    if stride == window:
        text = "S = F, so the windows are adjacent."
    elif stride < window:
        readers = -(-window // stride)
        text = (
            f"S is smaller than F, so neighboring windows share {window - stride} px, and up to "
            f"{readers}\u00a0×\u00a0{readers} of them read the same pixel."
        )
    else:
        text = f"S is larger than F, so {stride - window} px between windows are never read."
    unread = [f"{n} {name}{'s' if n > 1 else ''}" for n, name in zip(row.unused, ("row", "column"), strict=True) if n]
    return f"{text} At the right or bottom border, {' and '.join(unread)} stay unread." if unread else text
