"""The pooling page's one row of controls, its stage with the sizes, and the formula of the output size."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.images.pictures import Picture
from core.images.pooling import POOLS, PoolKind
from core.layers.calculator import Row, analyze
from core.layers.formulas.layer import latex
from core.layers.specs import Pool
from core.ui.components.pooling_stage import pooling_stage
from core.ui.display.formulas import spaced
from core.ui.state import query
from core.ui.state.settings import Settings
from core.ui.views.pooling import input_picture
from core.ui.views.pooling.figures import Plane
from core.ui.widgets import picture_picker

DEFAULTS = {"p_kind": "max", "p_f": 2, "p_s": 2, "p_p": 0, "p_ceil": False}
STYLE = Path(__file__).with_name("pooling.css")
MAX_WINDOW = MAX_STRIDE = 8  # px

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
        return analyze((layer,), (depth, height, width))[0]


def pick(settings: Settings) -> tuple[Plane, Pooling]:
    """Draw picture and kind, with the rest in a popover; return input and pooling."""
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
    with st.popover("Settings", help="What is pooled, its size, and how the output is rounded"):
        plane = input_picture.plane(settings, picture)
        ceil = settings.switch(
            "p_ceil",
            "Ceil mode",
            help="On: the output size is rounded up, and the last window may extend beyond the picture. Off: it is "
            "rounded down, and the last pixels may stay unread.",
        )
    return plane, Pooling(kind, *_sizes(settings), ceil)


SIZES = {"window": "p_f", "stride": "p_s", "padding": "p_p"}


def _sizes(settings: Settings) -> tuple[int, int, int]:
    """Return window F, stride S and padding P, which are numbers on the stage."""
    window = settings.held("p_f", "Window F", 2, MAX_WINDOW)
    return window, settings.held("p_s", "Stride S", 1, MAX_STRIDE), settings.held("p_p", "Padding P", 0, window // 2)


def _resize(window: int, stride: int, padding: int) -> None:
    """Take over sizes from the stage. For callbacks."""
    st.session_state["p_f"] = min(max(window, 2), MAX_WINDOW)
    st.session_state["p_s"] = min(max(stride, 1), MAX_STRIDE)
    st.session_state["p_p"] = min(max(padding, 0), st.session_state["p_f"] // 2)


def show(plane: Plane, pooling: Pooling) -> None:
    """Draw the sizes, the input, the output, and the input minus what came back, with one window in all three."""
    query.note_fact("input_width", plane.image.shape[1])
    query.note_fact("output_width", pooling.row(plane.image).output_shape[2])
    pooling_stage(
        image=plane.image,
        operation=pooling.kind,
        window=pooling.window,
        stride=pooling.stride,
        padding=pooling.padding,
        ceil=pooling.ceil,
        limits={"window": MAX_WINDOW, "stride": MAX_STRIDE},
        fixed=[name for name, key in SIZES.items() if query.is_fixed(key)],
        alt=plane.alt,
        key="p_stage",
        on_sizes=_resize,
    )


def formula(plane: Plane, pooling: Pooling) -> None:
    """Draw the formula of the output size, with numbers."""
    row = pooling.row(plane.image)
    with st.container(key="p_size"):
        st.markdown("Output size from input width $W_{\\text{in}}$, window F, padding P and stride S:")
        st.latex(spaced(latex(row.layer, row.input_shape, row.output_shape)))
