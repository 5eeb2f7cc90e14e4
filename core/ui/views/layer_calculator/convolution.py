"""One convolution by its letters: sliders whose bounds follow from each other, its picture, its formulas."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd, prod
from typing import Any

import numpy as np
import streamlit as st

from core.layers.calculator import Row, analyse
from core.layers.specs import Conv
from core.ui.components.convolution_inspector import inspector
from core.ui.components.kit import Floats
from core.ui.display import numbers
from core.ui.state.settings import Settings

DEFAULTS = {
    "c_w": 8,
    "c_d": 3,
    "c_k": 8,
    "c_f": 3,
    "c_s": 2,
    "c_p": 0,
    "c_dilation": 1,
    "c_groups": "1",
    "c_bias": True,
}
WIDTHS = (4, 256)  # px
LARGEST = 11  # window F, and padding P: what the inspector shows
LARGEST_STRIDE = 8
LARGEST_DILATION = 6
PLANES = (1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
SLIDER = 160  # px: two stand side by side on a phone
SHOWN = 24  # px: a wider picture loses windows from its middle, so that both its borders can be seen


@dataclass(frozen=True, slots=True)
class One:
    """A convolution and the square picture it reads."""

    layer: Conv
    width: int  # W_in, px
    depth: int  # D_in, planes

    @property
    def row(self) -> Row:
        """Its shapes and costs."""
        return analyse((self.layer,), (self.depth, self.width, self.width))[0]

    @property
    def kernel(self) -> int:
        """F."""
        return _whole(self.layer.kernel)

    @property
    def stride(self) -> int:
        """S."""
        return _whole(self.layer.stride)

    @property
    def padding(self) -> int:
        """P."""
        return _whole(self.layer.padding)

    @property
    def dilation(self) -> int:
        """D."""
        return _whole(self.layer.dilation)

    @property
    def span(self) -> int:
        """Pixels from the window's first tap to its last: D(F - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def largest_window(self) -> int:
        """The largest F within reach of its slider."""
        return largest_window(self.width, self.dilation)

    @property
    def most_padding(self) -> int:
        """The largest P within reach of its slider."""
        return most_padding(self.kernel, self.dilation)

    @property
    def read_columns(self) -> int:
        """Columns of the picture that some window reads."""
        starts = range(-self.padding, self.width + self.padding - self.span + 1, self.stride)
        read = {start + self.dilation * tap for start in starts for tap in range(self.kernel)}
        return sum(0 <= column < self.width for column in read)

    @property
    def remainder(self) -> int:
        """Columns of the padded picture, on the right, that no window reaches."""
        return (self.width + 2 * self.padding - self.span) % self.stride


def largest_window(width: int, dilation: int) -> int:
    """The largest F that fits a picture without padding, within what the inspector shows."""
    return min(LARGEST, (width - 1) // dilation + 1)


def most_padding(kernel: int, dilation: int) -> int:
    """The largest P that leaves every window at least one pixel of the picture."""
    return min(LARGEST, dilation * (kernel - 1))


def _whole(size: object) -> int:
    assert isinstance(size, int)  # this page's layer is square, its padding a number
    return size


def foreseen() -> One | None:
    """What the sliders say before they are drawn: None on a fresh page, and where a bound is about to move one."""
    if any(key not in st.session_state for key in DEFAULTS):
        return None
    letters: list[Any] = [st.session_state[key] for key in DEFAULTS]
    width, depth, filters, kernel, stride, padding, dilation, groups, bias = letters
    one = One(Conv(filters, kernel, stride, padding, dilation, int(groups), bias), width, depth)
    fits = kernel <= one.largest_window and padding <= one.most_padding and gcd(depth, filters) % int(groups) == 0
    return one if fits else None


def pick(settings: Settings) -> One:
    """The letters of the cost, those of the size, and behind a button dilation, groups and bias."""
    depth, filters = _planes(settings)
    return _size(settings, depth, filters)


def _planes(settings: Settings) -> tuple[int, int]:
    """The letters of the cost: the planes D_in that come in, and the filters K that read them."""
    with st.container(horizontal=True, gap="medium"):
        depth = settings.steps(
            "c_d", "Depth D_in (planes)", PLANES, width=SLIDER, help="Gray pictures have 1 plane, color 3."
        )
        filters = settings.steps(
            "c_k", "Filters K", PLANES, width=SLIDER, help="Each filter makes one plane of the output."
        )
    return depth, filters


def _size(settings: Settings, depth: int, filters: int) -> One:
    """The letters of the size, and behind a button dilation, groups and bias, for K `filters` on `depth` planes."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        width = settings.slider(
            "c_w", "Width W_in (px)", *WIDTHS, width=SLIDER, help="The picture that comes in is W × W pixels."
        )
        window, stride_place, padding_place = (st.container(width=SLIDER) for _ in range(3))
        with st.popover("More", icon=":material/tune:", help="Dilation, groups, bias"):
            dilation = _bounded(
                settings,
                "c_dilation",
                "Dilation D (px)",
                1,
                min(LARGEST_DILATION, width - 1),
                help="From one tap of the window to the next: 1 is a window without gaps.",
            )
            groups = _groups(settings, gcd(depth, filters))
            bias = settings.switch("c_bias", "Bias", help="One number more a filter, added to each of its outputs.")
        with window:
            kernel = _bounded(
                settings,
                "c_f",
                "Window F (px)",
                1,
                largest_window(width, dilation),
                help="Each filter looks at F × F pixels at a time. F goes as far as the picture is wide.",
            )
        with stride_place:
            stride = settings.slider("c_s", "Stride S (px)", 1, LARGEST_STRIDE, help="How far the window moves on.")
        with padding_place:
            padding = _bounded(
                settings,
                "c_p",
                "Padding P (px)",
                0,
                most_padding(kernel, dilation),
                help="Zeros on each side. P stays smaller than the window: beyond that it would see nothing but zeros.",
            )
    return One(Conv(filters, kernel, stride, padding, dilation, groups, bias), width, depth)


def _bounded(settings: Settings, key: str, label: str, low: int, high: int, *, help: str) -> int:
    """A slider whose upper bound follows from others, and takes its value along. With one value left it is at rest."""
    if key in st.session_state:
        st.session_state[key] = min(st.session_state[key], high)
    value = int(settings.slider(key, label, low, max(high, low + 1), help=help, disabled=high == low))
    if value > high:  # a default beyond the bound, where the URL says something else or nothing
        st.rerun()
    return value


def _groups(settings: Settings, common: int) -> int:
    """The groups that divide both planes and filters, whose greatest common divisor is `common`."""
    ways = [str(groups) for groups in range(1, common + 1) if common % groups == 0]
    if (now := st.session_state.get("c_groups", "1")) not in ways:
        st.session_state["c_groups"] = max((way for way in ways if int(way) <= int(now)), key=int)
    return int(
        settings.choice(
            "c_groups",
            "Groups G",
            ways,
            help="The planes are split into G groups, and each filter reads one of them: G divides D_in and K. With as "
            "many groups as planes the convolution is depthwise.",
        )
    )


def picture(one: One) -> None:
    """The inspector on a small grid of numbers: where the window lands, and hatched what is never read."""
    shown = one.width
    if shown > SHOWN:
        fewer = -(-(shown - max(SHOWN, one.span)) // one.stride)
        shown -= max(0, fewer) * one.stride
    inspector(
        image=_hill(shown),
        kernel=_slope(one.kernel),
        stride=one.stride,
        amount=one.padding,
        dilation=one.dilation,
        controls=("play",),
        alt=f"A grid of {shown} by {shown} whole numbers from 0 to 9, one plane of the input",
        key="c_inspector",
    )
    if shown < one.width:
        st.caption(
            f"A picture of {one.width} px is too wide to show its numbers. This one has {shown} px: "
            f"{(one.width - shown) // one.stride} windows are left out of its middle, and both borders are as before."
        )


def sentences(one: One) -> list[str]:
    """What to notice, with the present numbers."""
    row = one.row
    out = row.output_shape[1]
    return [
        f"The picture goes from {one.width} × {one.width} to **{out} × {out} px**, and from {one.depth} to "
        f"**{one.layer.filters} planes**, one a filter: {numbers.count(prod(row.input_shape))} numbers become "
        f"{numbers.count(prod(row.output_shape))}.",
        _unread(one, row),
        f"Each of the {numbers.count(row.weights)} weights is used at all {numbers.count(out * out)} places: that "
        f"makes {numbers.count(row.macs)} multiplications from so few numbers.",
    ]


def _unread(one: One, row: Row) -> str:
    """What the division leaves over, and what lies between the windows."""
    read = one.read_columns
    gaps = one.width - row.unused[0] - read
    seen = f" There are gaps as well: only {read * read:,} of {one.width**2:,} pixels are ever read." if gaps else ""
    if one.remainder == 0:
        return f"The division by S comes out even: nothing is left over at the border.{seen}"
    if row.unused[0] == 0:
        return f"The division by S leaves {one.remainder}, but that is padding: the picture's border is read.{seen}"
    pixels = f"{row.unused[0]} pixel{'s' * (row.unused[0] > 1)}"
    return (
        f"The division by S leaves {one.remainder}, so it is rounded down: **{pixels} unused** on the right, and as "
        f"many at the bottom (hatched).{seen}"
    )


def _hill(side: int) -> Floats:
    """Whole numbers from 0 to 9 that rise to a bright place and fall again: (side, side)."""
    y, x = np.mgrid[:side, :side] / max(side - 1, 1)
    hill: Floats = np.rint(9 * np.exp(-((x - 0.62) ** 2 + (y - 0.38) ** 2) / 0.16))
    return hill


def _slope(kernel: int) -> Floats:
    """-1 in the left half, +1 in the right, 0 in a middle column: how much brighter it gets to the right. (F, F)."""
    columns: Sequence[float] = np.sign(np.arange(kernel) - (kernel - 1) / 2) if kernel > 1 else [1.0]
    return np.tile(np.asarray(columns, float), (kernel, 1))
