"""Properties of a kernel: sum, symmetry, separability and frequency response."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core.images.filter_chain import Filter
from core.images.kernel_analysis import Symmetry, frequency_response, symmetry
from core.images.kernels import Kernel, separable
from core.size_text import format_shape
from core.ui.charts.base import built_once, tip
from core.ui.display import colors, numbers
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.kernels import kernel_picker

if TYPE_CHECKING:
    import altair as alt

_MIRRORS = {
    "left_right": "left and right",
    "top_bottom": "top and bottom",
    "half_turn": "a half turn",
    "quarter_turn": "a quarter turn",
    "diagonal": "rows and columns",
}
PLANE = "k_plane"  # key
DEFAULTS = {PLANE: kernel_picker.PLANES[0]}
RESPONSE_SIZE = 33  # frequencies along an axis: odd, so that zero is a cell of its own
_RESPONSE_SIDE = 210  # px: with its axes it fits its column at 1280 px


def show(settings: Settings, current: Filter) -> None:
    """Draw the properties of the filter; a color filter has one kernel per channel to choose from."""
    st.markdown(describe_size(current))
    plane = 0
    if len(current.grids) == 3:
        color = settings.segments(
            PLANE,
            "Plane",
            kernel_picker.PLANES,
            format=str.capitalize,
            help="The filter has a kernel for each color channel; what follows is about one of them",
        )
        plane = kernel_picker.PLANES.index(color)
    kernel = np.array(current.grids[plane])
    if len(current.grids) == 3:
        st.markdown(describe_plane(kernel, kernel_picker.PLANES[plane]))
    if not kernel.any():
        return  # no symmetry, rank or frequency response to speak of
    words, picture = column_grid.main_and_side(gap="large")
    with words:
        _symmetry(symmetry(kernel))
        _separable(kernel)
    with picture:
        _response(kernel)


def describe_size(current: Filter) -> str:
    """Return the size, the multiplications and the sum of the whole filter, with all of its planes."""
    grids = np.array(current.grids)
    size = format_shape(grids.shape if len(grids) == 3 else grids.shape[1:])
    return (
        f"**Size and sum.** F is {size}: {numbers.count(grids.size)} weights, so each output pixel takes "
        f"{numbers.count(grids.size)} multiplications. {kernel_picker.describe_sum(current)}"
    )


def describe_plane(kernel: Kernel, color: str) -> str:
    """Return what one plane has of a color filter's weights."""
    if not kernel.any():
        return f"**The {color} plane** has {numbers.count(kernel.size)} weights, all 0: the filter ignores {color}."
    total = float(kernel.sum())
    total = total if abs(total) > kernel_picker.ROUNDING * float(np.abs(kernel).sum()) else 0.0
    return (
        f"**The {color} plane** has {numbers.count(kernel.size)} of the weights, which sum to "
        f"**{numbers.rounded(total)}**."
    )


def _symmetry(parities: Symmetry) -> None:
    same = [_MIRRORS[name] for name, parity in parities._asdict().items() if parity == "even"]
    opposite = [_MIRRORS[name] for name, parity in parities._asdict().items() if parity == "odd"]
    lines = []
    if same:
        lines.append(f"Swapping {_join_words(same)} leaves it unchanged.")
    if opposite:
        lines.append(
            f"Swapping {_join_words(opposite)} flips the sign of every weight: the same edge, seen from the other side."
        )
    if parities.half_turn == "even":
        lines.append("So correlation and convolution give the same result.")
    st.markdown(f"**Symmetry.** {' '.join(lines) or 'None: every reflection and rotation changes it.'}")


def _join_words(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _separable(kernel: Kernel) -> None:
    singular = np.linalg.svd(kernel, compute_uv=False)
    parts = separable(kernel)
    if parts is None:
        rank = int((singular > 1e-9 * singular[0]).sum())
        values = ", ".join(f"{value:.2g}" for value in singular[:rank])
        st.markdown(
            f"**Not separable.** It has rank {rank} (singular values {values}): it is not a single outer product of a "
            f"column and a row, but a sum of {rank} of them."
        )
        return
    direct, separated = parts.multiplications
    saving = (
        f": {numbers.count(direct)} multiplications become {numbers.count(separated)}" if separated < direct else ""
    )
    st.markdown(
        "**Separable**, rank 1: a column times a row. Filtering vertically and then horizontally gives the same result"
        f"{saving}."
    )
    grids = [_grid(parts.column[:, None]), "×", _grid(parts.row[None, :]), "=", _grid(kernel)]
    row = Markup('<div style="display: flex; align-items: center; gap: 0.75rem">{}</div>')
    st.html(row.format(Markup("").join(grids)))


def _grid(values: Kernel) -> Markup:
    """Return an HTML table of a matrix, its cells tinted by sign and size."""
    limit = float(np.abs(values).max()) or 1.0
    side = 40 if values.shape[0] <= 5 and values.shape[1] <= 5 else 22
    style = f"width: {side}px; height: {side}px; padding: 0; text-align: center; font-size: {side // 3}px; "
    style += "border: 1px solid color-mix(in srgb, currentColor 20%, transparent);"
    cell = Markup('<td style="{} background: {}">{}</td>')
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                cell.format(style, _tint(value / limit), text) for value, text in zip(line, texts, strict=True)
            )
        )
        for line, texts in zip(values, numbers.grid(values), strict=True)
    )
    return Markup('<table style="border-collapse: collapse">{}</table>').format(rows)


def _tint(share: float) -> str:
    """Return a CSS color: blue below zero, orange above, light enough for text to stay readable."""
    light, dark = ("#0072B2", "#56B4E9") if share < 0 else ("#D55E00", "#F5A142")  # as in kit/palette.css
    return f"color-mix(in srgb, light-dark({light}, {dark}) {abs(share) * 45:.0f}%, transparent)"


def _response(kernel: Kernel) -> None:
    response, frequencies = sampled_response(kernel)
    down, across = np.meshgrid(frequencies, frequencies, indexing="ij")
    table = pd.DataFrame({"across": across.ravel(), "down": down.ravel(), "factor": response.ravel().round(4)})
    st.vega_lite_chart(
        table,
        response_spec(float(f"{response.max():.4g}")),
        key="k_response",
        width="content",
        alt="Frequency response of the kernel",
    )
    st.caption(
        "**Frequency response:** the factor by which the kernel multiplies each wave. The center is frequency 0 (a "
        "uniform area), the edges are half a cycle per pixel. A factor of 0 removes a wave, 1 keeps it."
    )


def sampled_response(kernel: Kernel) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the response at frequencies from -1/2 to 1/2, both ends and a quarter among them, and the frequencies.

    So the largest factor of a short kernel, which is often at one of these, is in the picture.
    """
    period = RESPONSE_SIZE - 1  # the highest frequency is the same wave at both ends
    response = np.pad(frequency_response(kernel, period), [(0, 1), (0, 1)], mode="wrap")
    return response, np.linspace(-0.5, 0.5, RESPONSE_SIZE)


@built_once
def response_spec(limit: float = 1.0) -> "alt.Chart":
    """Draw a frequency response up to `limit` over both frequencies, in cycles/px, as a heat map."""
    import altair as alt

    half = 0.5 / (RESPONSE_SIZE - 1)  # of a cell, whose middle is its frequency
    edges = alt.Scale(domain=[-0.5 - half, 0.5 + half], nice=False)
    ticks = alt.Axis(values=[-0.5, -0.25, 0, 0.25, 0.5], format=".2f", grid=False, labelAngle=0)
    factor: dict[str, Any] = {
        "field": "factor",
        "type": "quantitative",
        "scale": alt.Scale(domain=[0, limit], range=list(colors.VIRIDIS)),
    }
    legend = alt.Legend(
        title="factor", orient="bottom", gradientLength=_RESPONSE_SIDE, values=[0, limit / 2, limit], format=".3~r"
    )
    chart: alt.Chart = (
        alt.Chart()
        .transform_calculate(
            left=f"datum.across - {half}",
            right=f"datum.across + {half}",
            top=f"datum.down - {half}",
            bottom=f"datum.down + {half}",
        )
        .mark_rect()
        .encode(
            x=alt.X(
                field="left", type="quantitative", title="horizontal frequency (cycles/px)", axis=ticks, scale=edges
            ),
            x2=alt.X2(field="right"),
            y=alt.Y(field="top", type="quantitative", title="vertical frequency (cycles/px)", axis=ticks, scale=edges),
            y2=alt.Y2(field="bottom"),
            fill=alt.Fill(**factor, legend=legend),
            stroke=alt.Stroke(**factor, legend=None),  # without it thin gaps show between the cells
            tooltip=[
                tip("across", "horizontal, cycles/px", ".2f"),
                tip("down", "vertical, cycles/px", ".2f"),
                tip("factor", "factor", ".2f"),
            ],
        )
        .properties(width=_RESPONSE_SIDE, height=_RESPONSE_SIDE, autosize=alt.AutoSizeParams(type="pad"))
    )
    return chart
