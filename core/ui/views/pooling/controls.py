"""The pooling page's settings, its inspector, and what to notice in it."""

from dataclasses import dataclass
from math import prod
from pathlib import Path

import streamlit as st

from core.images.pictures import Picture
from core.images.pooling import POOLS, PoolKind, windows
from core.layers.calculator import Row, analyse
from core.layers.formula_text import latex
from core.layers.specs import Pool
from core.ui.components.convolution_inspector import inspector
from core.ui.display import numbers
from core.ui.state.settings import Settings
from core.ui.views.pooling.figures import Plane

DEFAULTS = {"p_kind": "max", "p_f": 2, "p_s": 2, "p_p": 0, "p_ceil": False}
STYLE = Path(__file__).with_name("pooling.css")
MAX_WINDOW = MAX_STRIDE = 8  # px
SLIDER_WIDTH = 140  # px: three stand side by side, two on a phone

NAMES: dict[PoolKind, str] = {"max": "Max", "average": "Average", "min": "Min", "l2": "L2"}
DESCRIPTIONS: dict[PoolKind, str] = {
    "max": "Each output is the largest of its window's {area} values. The position of that pixel is lost.",
    "average": "Each output is the mean of its window's {area} values: one bright pixel among dark ones counts "
    "1/{area}.",
    "min": "Each output is the smallest of its window's {area} values: a bright stroke thinner than {side} px can "
    "vanish.",
    "l2": "Each output is the square root of the sum of its window's {area} squares: large values count more than in a "
    "mean, and the output grows with the window.",
}


@dataclass(frozen=True, slots=True)
class Pooling:
    """Settings of a pooling layer; sizes in pixels."""

    kind: PoolKind
    window: int
    stride: int
    padding: int
    ceil: bool

    @property
    def name(self) -> str:
        """Return its name, such as "Max pooling"."""
        return f"{NAMES[self.kind]} pooling"

    @property
    def arguments(self) -> tuple[PoolKind, int, int, int, bool]:
        """Return the arguments for the functions of `core.images.pooling`."""
        return self.kind, self.window, self.stride, self.padding, self.ceil

    def row(self, image: Picture) -> Row:
        """Return its shapes for this picture. They are the same for all kinds, so the layer is max pooling."""
        layer = Pool("max", self.window, self.stride, self.padding, self.ceil)
        height, width, depth = (*image.shape, 1)[:3]
        return analyse((layer,), (depth, height, width))[0]


def pick(settings: Settings) -> Pooling:
    """Draw the controls for kind, ceil mode, window F, stride S and padding P."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = settings.segments(
            "p_kind",
            "Pooling",
            POOLS,
            format=NAMES.__getitem__,
            help="Max keeps the largest value, average the mean, min the smallest, L2 the root of the sum of squares.",
        )
        ceil = settings.switch(
            "p_ceil",
            "Ceil mode",
            help="On: the output size is rounded up, and the last window may extend beyond the picture. Off: it is "
            "rounded down, and the last pixels may stay unread.",
        )
    with st.container(horizontal=True):
        with st.container(width=SLIDER_WIDTH):
            window = settings.slider(
                "p_f", "Window F (px)", 2, MAX_WINDOW, help="Each window of F × F pixels becomes one number."
            )
        with st.container(width=SLIDER_WIDTH):
            stride = settings.slider(
                "p_s",
                "Stride S (px)",
                1,
                MAX_STRIDE,
                help="Step between windows (px). S = F: adjacent windows. S smaller than F: overlapping windows.",
            )
        with st.container(width=SLIDER_WIDTH):
            padding = settings.slider(
                "p_p",
                "Padding P (px)",
                0,
                window // 2,
                help="Pixels around the picture, at most F/2 as in PyTorch. Max and min ignore padding; in average and "
                "L2 it counts as zeros.",
            )
    return Pooling(kind, window, stride, padding, ceil)


def show(plane: Plane, pooling: Pooling) -> None:
    """Draw the inspector: pointing at a window shows its values and the selected one.

    Raises:
        PictureError: if no window fits on the picture.
    """
    windows(plane.image.shape, *pooling.arguments[1:])
    inspector(
        image=plane.image,
        operation=pooling.kind,
        window=pooling.window,
        stride=pooling.stride,
        amount=pooling.padding,
        ceil=pooling.ceil,
        scale="own" if pooling.kind == "l2" else "auto",
        controls=("play",),
        alt=plane.alt,
        key="p_inspector",
    )


def formula(plane: Plane, pooling: Pooling) -> None:
    """Draw the formula of the output size, with numbers."""
    row = pooling.row(plane.image)
    st.markdown("**Output size**, from input width $W_{\\text{in}}$, window F, padding P and stride S")
    st.latex(latex(row.layer, row.input_shape, row.output_shape))


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
