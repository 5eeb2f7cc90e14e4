"""A single convolution: sliders whose bounds depend on each other, the inspector, and what to notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd, prod
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

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
MAX_WINDOW = 11  # px, of window F and padding P: the limit of the inspector
MAX_STRIDE = 8
MAX_DILATION = 6
PLANE_COUNTS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
SLIDER_WIDTH = 140  # px: six stand side by side, two on a phone
MAX_WIDTH_SHOWN = 24  # px: of a wider picture, windows in the middle are left out so that both borders are visible


@dataclass(frozen=True, slots=True)
class ConvolutionSettings:
    """A convolution and the size of its square input."""

    layer: Conv
    width: int  # W_in, px
    depth: int  # D_in, planes

    @property
    def row(self) -> Row:
        """Return its shapes and costs."""
        return analyse((self.layer,), (self.depth, self.width, self.width))[0]

    @property
    def kernel(self) -> int:
        """Return the window size F."""
        return _as_int(self.layer.kernel)

    @property
    def stride(self) -> int:
        """Return the stride S."""
        return _as_int(self.layer.stride)

    @property
    def padding(self) -> int:
        """Return the padding P."""
        return _as_int(self.layer.padding)

    @property
    def dilation(self) -> int:
        """Return the dilation D."""
        return _as_int(self.layer.dilation)

    @property
    def span(self) -> int:
        """Return the extent of the dilated window in pixels: D(F - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def max_window(self) -> int:
        """Return the largest F that the slider offers."""
        return max_window(self.width, self.dilation)

    @property
    def max_padding(self) -> int:
        """Return the largest P that the slider offers."""
        return max_padding(self.kernel, self.dilation)

    @property
    def read_columns(self) -> int:
        """Return the number of columns of the picture that some window reads."""
        starts = range(-self.padding, self.width + self.padding - self.span + 1, self.stride)
        read = {start + self.dilation * tap for start in starts for tap in range(self.kernel)}
        return sum(0 <= column < self.width for column in read)

    @property
    def remainder(self) -> int:
        """Return the number of columns on the right of the padded picture that no window reaches."""
        return (self.width + 2 * self.padding - self.span) % self.stride


def max_window(width: int, dilation: int) -> int:
    """Return the largest F that fits an unpadded picture, limited by the inspector."""
    return min(MAX_WINDOW, (width - 1) // dilation + 1)


def max_padding(kernel: int, dilation: int) -> int:
    """Return the largest P for which every window contains at least one pixel of the picture."""
    return min(MAX_WINDOW, dilation * (kernel - 1))


def _as_int(size: object) -> int:
    assert isinstance(size, int)  # this page's layer is square, with numeric padding
    return size


def from_session() -> ConvolutionSettings | None:
    """Return the settings before the sliders are drawn; None on a new page or if a bound will change a value."""
    if any(key not in st.session_state for key in DEFAULTS):
        return None
    values: list[Any] = [st.session_state[key] for key in DEFAULTS]
    width, depth, filters, kernel, stride, padding, dilation, groups, bias = values
    conv = ConvolutionSettings(Conv(filters, kernel, stride, padding, dilation, int(groups), bias), width, depth)
    fits = kernel <= conv.max_window and padding <= conv.max_padding and gcd(depth, filters) % int(groups) == 0
    return conv if fits else None


def pick(settings: Settings) -> ConvolutionSettings:
    """Draw the controls, those that change the drawing first, and return the settings of the convolution."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        sizes = [st.container(width=SLIDER_WIDTH) for _ in range(4)]
        depth, filters = _planes(settings)
        return _size(settings, depth, filters, sizes)


def _planes(settings: Settings) -> tuple[int, int]:
    """Draw the controls for the input depth D_in and the number of filters K."""
    depth = settings.steps(
        "c_d",
        "Depth D_in",
        PLANE_COUNTS,
        width=SLIDER_WIDTH,
        help="Planes of the input: gray pictures have 1, color pictures 3.",
    )
    filters = settings.steps(
        "c_k", "Filters K", PLANE_COUNTS, width=SLIDER_WIDTH, help="Each filter makes one plane of the output."
    )
    return depth, filters


def _size(settings: Settings, depth: int, filters: int, columns: Sequence[DeltaGenerator]) -> ConvolutionSettings:
    """Draw the controls for width, F, S and P in `columns`, and a popover with dilation, groups and bias."""
    width_column, window, stride_column, padding_column = columns
    with width_column:
        width = settings.slider("c_w", "Width W_in (px)", *WIDTHS, help="The input picture has W × W pixels.")
    with st.popover("More", icon=":material/tune:", help="Dilation, groups, bias"):
        dilation = _bounded(
            settings,
            "c_dilation",
            "Dilation D (px)",
            1,
            min(MAX_DILATION, width - 1),
            help="Distance between neighboring pixels of the window: 1 is a window without gaps.",
        )
        groups = _groups(settings, gcd(depth, filters))
        bias = settings.switch("c_bias", "Bias", help="One bias per filter, added to each of its outputs.")
    with window:
        kernel = _bounded(
            settings,
            "c_f",
            "Window F (px)",
            1,
            max_window(width, dilation),
            help="Each filter reads F × F pixels at a time. F is at most the width of the picture.",
        )
    with stride_column:
        stride = settings.slider("c_s", "Stride S (px)", 1, MAX_STRIDE, help="Step between windows (px).")
    with padding_column:
        padding = _bounded(
            settings,
            "c_p",
            "Padding P (px)",
            0,
            max_padding(kernel, dilation),
            help="Zeros on each side. P is smaller than the window, so that no window contains only zeros.",
        )
    return ConvolutionSettings(Conv(filters, kernel, stride, padding, dilation, groups, bias), width, depth)


def _bounded(settings: Settings, key: str, label: str, low: int, high: int, *, help: str) -> int:
    """Draw a slider whose upper bound depends on others and limits its value; disabled if only one is left."""
    if key in st.session_state:
        st.session_state[key] = min(st.session_state[key], high)
    value = int(settings.slider(key, label, low, max(high, low + 1), help=help, disabled=high == low))
    if value > high:  # the default is above the bound
        st.rerun()
    return value


def _groups(settings: Settings, common: int) -> int:
    """Draw the choice of groups: the divisors of `common`, the greatest common divisor of D_in and K."""
    options = [str(groups) for groups in range(1, common + 1) if common % groups == 0]
    if (now := st.session_state.get("c_groups", "1")) not in options:
        st.session_state["c_groups"] = max((option for option in options if int(option) <= int(now)), key=int)
    return int(
        settings.choice(
            "c_groups",
            "Groups G",
            options,
            help="The planes are split into G groups, and each filter reads one group: G divides D_in and K. With one "
            "group per plane the convolution is depthwise.",
        )
    )


def picture(conv: ConvolutionSettings) -> None:
    """Draw the inspector on a small grid of numbers; pixels that are never read are hatched."""
    shown = conv.width
    if shown > MAX_WIDTH_SHOWN:
        dropped = -(-(shown - max(MAX_WIDTH_SHOWN, conv.span)) // conv.stride)
        shown -= max(0, dropped) * conv.stride
    inspector(
        image=_hill(shown),
        kernel=_slope(conv.kernel),
        stride=conv.stride,
        amount=conv.padding,
        dilation=conv.dilation,
        controls=("play",),
        alt=f"A grid of {shown} by {shown} whole numbers from 0 to 9, one plane of the input",
        key="c_inspector",
    )
    if shown < conv.width:
        st.caption(
            f"A picture of {conv.width} px is too wide to show its numbers. The one above has {shown} px: "
            f"{(conv.width - shown) // conv.stride} windows in the middle are left out; both borders are the same."
        )


def sentences(conv: ConvolutionSettings) -> list[str]:
    """Return what to notice, with the current numbers."""
    row = conv.row
    out = row.output_shape[1]
    return [
        f"The picture goes from {conv.width} × {conv.width} to **{out} × {out} px**, and from {conv.depth} to "
        f"**{conv.layer.filters} planes**, one per filter: {numbers.count(prod(row.input_shape))} numbers become "
        f"{numbers.count(prod(row.output_shape))}.",
        _unread(conv, row),
        f"Each of the {numbers.count(row.weights)} weights is used at all {numbers.count(out * out)} positions: "
        f"{numbers.count(row.macs)} multiplications in total.",
    ]


def _unread(conv: ConvolutionSettings, row: Row) -> str:
    """Return a sentence about unread pixels: the remainder at the border and gaps between windows."""
    read = conv.read_columns
    gaps = conv.width - row.unused[0] - read
    gap_note = f" There are also gaps: only {read * read:,} of {conv.width**2:,} pixels are ever read." if gaps else ""
    if conv.remainder == 0:
        return f"The division by S leaves no remainder: no pixels are left over at the border.{gap_note}"
    if row.unused[0] == 0:
        return f"The division by S leaves {conv.remainder}, but only padding stays unread.{gap_note}"
    pixels = f"{row.unused[0]} pixel{'s' * (row.unused[0] > 1)}"
    return (
        f"The division by S leaves {conv.remainder} and is rounded down: **{pixels} unused** on the right, and as "
        f"many at the bottom (hatched).{gap_note}"
    )


def _hill(side: int) -> Floats:
    """Return integers from 0 to 9 with one bright peak: (side, side)."""
    y, x = np.mgrid[:side, :side] / max(side - 1, 1)
    hill: Floats = np.rint(9 * np.exp(-((x - 0.62) ** 2 + (y - 0.38) ** 2) / 0.16))
    return hill


def _slope(kernel: int) -> Floats:
    """Return a horizontal derivative kernel, (F, F): -1 in the left half, +1 in the right, 0 in a middle column."""
    columns: Sequence[float] = np.sign(np.arange(kernel) - (kernel - 1) / 2) if kernel > 1 else [1.0]
    return np.tile(np.asarray(columns, float), (kernel, 1))
