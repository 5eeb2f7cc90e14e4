"""The pooling page's one row of controls, its stage, and the formula of the output size."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.images.pictures import Picture, to_grey
from core.images.pooling import POOLS, PoolingLoss, PoolKind
from core.layers.calculator import Row, analyse
from core.layers.formula_text import latex
from core.layers.specs import Pool
from core.ui.components.pooling_stage import pooling_stage
from core.ui.display.formulas import spaced
from core.ui.state import query
from core.ui.state.settings import Settings
from core.ui.views.pooling import source
from core.ui.views.pooling.figures import Plane
from core.ui.widgets import picture_picker

DEFAULTS = {"p_kind": "max", "p_f": 2, "p_s": 2, "p_p": 0, "p_ceil": False}
STYLE = Path(__file__).with_name("pooling.css")
MAX_WINDOW = MAX_STRIDE = 8  # px
SLIDER_WIDTH = 80  # px: three stand in the row of controls, also on a screen of 1280 px

NAMES: dict[PoolKind, str] = {"max": "Max", "average": "Average", "min": "Min", "l2": "L2"}


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


def pick(settings: Settings) -> tuple[Plane, Pooling]:
    """Draw picture, kind, window F, stride S and padding P, with the rest in a popover; return input and pooling."""
    picture = picture_picker.pick(settings, "p_")
    with st.container(width="content"):
        kind = settings.segments(
            "p_kind",
            "Pooling",
            POOLS,
            format=NAMES.__getitem__,
            label_visibility="collapsed",
            help="Max keeps the largest value, average the mean, min the smallest, L2 the root of the sum of squares.",
        )
    with st.container(horizontal=True, gap="xsmall", width="content", key="p_sizes"):
        window = settings.slider(
            "p_f",
            "Window F",
            2,
            MAX_WINDOW,
            width=SLIDER_WIDTH,
            help="In px: each window of F × F pixels becomes one number.",
        )
        stride = settings.slider(
            "p_s",
            "Stride S",
            1,
            MAX_STRIDE,
            width=SLIDER_WIDTH,
            help="Step between windows (px). S = F: adjacent windows. S smaller than F: overlapping windows.",
        )
        padding = settings.slider(
            "p_p",
            "Padding P",
            0,
            window // 2,
            width=SLIDER_WIDTH,
            help="Pixels around the picture, at most F/2 as in PyTorch. Max and min ignore padding; in average and L2 "
            "it counts as zeros.",
        )
    with st.popover("Settings", help="What is pooled, its size, and how the output is rounded"):
        plane = source.plane(settings, picture)
        ceil = settings.switch(
            "p_ceil",
            "Ceil mode",
            help="On: the output size is rounded up, and the last window may extend beyond the picture. Off: it is "
            "rounded down, and the last pixels may stay unread.",
        )
    return plane, Pooling(kind, window, stride, padding, ceil)


def show(plane: Plane, pooling: Pooling, loss: PoolingLoss) -> None:
    """Draw the input, the output, and the input minus what came back; the window shows its values in all three."""
    query.note_fact("input_width", plane.image.shape[1])
    query.note_fact("output_width", pooling.row(plane.image).output_shape[2])
    pooling_stage(
        image=plane.image,
        lost=to_grey(loss.difference),
        operation=pooling.kind,
        window=pooling.window,
        stride=pooling.stride,
        padding=pooling.padding,
        ceil=pooling.ceil,
        alt=plane.alt,
        key="p_stage",
    )


def formula(plane: Plane, pooling: Pooling) -> None:
    """Draw the formula of the output size, with numbers."""
    row = pooling.row(plane.image)
    with st.container(key="p_size"):
        st.markdown("Output size from input width $W_{\\text{in}}$, window F, padding P and stride S:")
        st.latex(spaced(latex(row.layer, row.input_shape, row.output_shape)))
