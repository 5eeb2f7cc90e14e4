"""Sentences for "What to notice", with the numbers of the current picture and settings."""

from math import prod

import numpy as np

from core.images.pictures import Picture
from core.images.pooling import PoolKind
from core.layers.calculator import Row
from core.ui.display import numbers
from core.ui.state import last_move
from core.ui.views.pooling.controls import NAMES, Pooling
from core.ui.views.pooling.figures import Plane
from core.ui.views.pooling.lost_detail import TOLERANCE

DESCRIPTIONS: dict[PoolKind, str] = {
    "max": "Each output is the largest of its window's {area} values. The position of that pixel is lost.",
    "average": "Each output is the mean of its window's {area} values: one bright pixel among dark ones counts "
    "1/{area}.",
    "min": "Each output is the smallest of its window's {area} values: a bright stroke thinner than {side} px can "
    "vanish.",
    "l2": "Each output is the square root of the sum of its window's {area} squares: large values count more than in a "
    "mean, and the output grows with the window.",
}

CHANGES = {"window": "Window F", "stride": "Stride S", "padding": "Padding P"}
LAST = "p_last"  # in the session: the picture and its pooling


def sentences(plane: Plane, pooling: Pooling, lost: Picture) -> list[str]:
    """Return what to notice: first the answer to the last change, then the rest, all with the current numbers.

    `lost` is the input minus what came back, (H, W).
    """
    row = pooling.row(plane.image)
    before, after = prod(row.input_shape), prod(row.output_shape)
    same = float((np.abs(lost) <= TOLERANCE).mean())
    return [
        f"{_change(plane, pooling)}{numbers.count(before)} numbers become {numbers.count(after)}, "
        f"{numbers.percent(after / before, 0)} of them; put back in place, they give {numbers.percent(same, 0)} of the "
        "pixels as they were. The rest is thrown away.",
        DESCRIPTIONS[pooling.kind].format(area=pooling.window**2, side=pooling.window),
        _layout(pooling, row),
        "Nothing here is learned: pooling has 0 parameters.",
    ]


def _change(plane: Plane, pooling: Pooling) -> str:
    """Return what the visitor changed last, as the start of a sentence: "Stride S 2 → 3: "; empty at first."""
    picture, before = last_move.before(LAST, (plane.alt, pooling))
    if picture != plane.alt:
        return "Another picture: "
    pairs = [(name, getattr(before, field), getattr(pooling, field)) for field, name in CHANGES.items()]
    changes = [f"{name} {old} → {new}" for name, old, new in pairs if old != new]
    if before.kind != pooling.kind:
        changes.insert(0, f"{NAMES[before.kind]} → {NAMES[pooling.kind].lower() if pooling.kind != 'l2' else 'L2'}")
    return f"{', '.join(changes)}: " if changes else ""


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
