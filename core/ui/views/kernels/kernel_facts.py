"""Properties of a kernel: sum, symmetry, separability and frequency response."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st
from markupsafe import Markup

from core.images.analysis import Symmetry, frequency_response, symmetry
from core.images.chain import Filter
from core.images.kernels import Kernel, separable
from core.ui.charts.base import built_once, tip
from core.ui.display import colors, numbers
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
RESPONSE_SIZE = 33  # frequencies along an axis: odd, so that zero is a cell of its own
_PLANES = ("Red", "Green", "Blue")


def show(current: Filter) -> None:
    """Draw the properties of the filter's kernel; a color filter has one kernel per channel to choose from."""
    plane = 0
    if len(current.grids) == 3:
        plane = st.segmented_control("Plane", range(3), default=0, required=True, format_func=_PLANES.__getitem__)
    kernel = np.array(current.grids[plane])
    words, picture = st.columns([3, 2], gap="large")
    with words:
        _size_and_sum(kernel, current)
        _symmetry(symmetry(kernel))
        _separable(kernel)
    with picture:
        _response(kernel)


def _size_and_sum(kernel: Kernel, current: Filter) -> None:
    height, width = kernel.shape
    st.markdown(
        f"**Size and sum.** F is {height} × {width}: {numbers.count(kernel.size)} weights, so each output pixel takes "
        f"{numbers.count(kernel.size)} multiplications. {kernel_picker.describe_sum(current)}"
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
            Markup("").join(cell.format(style, _tint(value / limit), _number(value)) for value in line)
        )
        for line in values
    )
    return Markup('<table style="border-collapse: collapse">{}</table>').format(rows)


def _tint(share: float) -> str:
    """Return a CSS color: blue below zero, orange above, light enough for text to stay readable."""
    light, dark = ("#0072B2", "#56B4E9") if share < 0 else ("#D55E00", "#F5A142")  # as in kit/palette.css
    return f"color-mix(in srgb, light-dark({light}, {dark}) {abs(share) * 45:.0f}%, transparent)"


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", numbers.MINUS) if abs(value) >= 5e-4 else "0"


def _response(kernel: Kernel) -> None:
    response = frequency_response(kernel, RESPONSE_SIZE)
    frequencies = (np.arange(RESPONSE_SIZE) - RESPONSE_SIZE // 2) / RESPONSE_SIZE
    down, across = np.meshgrid(frequencies, frequencies, indexing="ij")
    table = pd.DataFrame({"across": across.ravel(), "down": down.ravel(), "factor": response.ravel().round(4)})
    st.vega_lite_chart(table, response_spec(), key="k_response", width=380, alt="Frequency response of the kernel")
    st.caption(
        "**Frequency response:** the factor by which the kernel multiplies each wave. The center is frequency 0 (a "
        "uniform area), the edges are half a cycle per pixel. A factor of 0 removes a wave, 1 keeps it."
    )


@built_once
def response_spec() -> "alt.Chart":
    """Draw a kernel's frequency response over both frequencies, in cycles/px, as a heat map."""
    import altair as alt

    step = 1 / RESPONSE_SIZE
    edges = alt.Scale(domain=[-0.5, 0.5], nice=False)
    ticks = alt.Axis(values=[-0.5, -0.25, 0, 0.25, 0.5], format=".2f", grid=False, labelAngle=0)
    factor: dict[str, Any] = {
        "field": "factor",
        "type": "quantitative",
        "scale": alt.Scale(domainMin=0, range=list(colors.VIRIDIS)),
    }
    chart: alt.Chart = (
        alt.Chart()
        .transform_calculate(across2=f"datum.across + {step}", down2=f"datum.down + {step}")
        .mark_rect()
        .encode(
            x=alt.X(
                field="across", type="quantitative", title="horizontal frequency (cycles/px)", axis=ticks, scale=edges
            ),
            x2=alt.X2(field="across2"),
            y=alt.Y(field="down", type="quantitative", title="vertical frequency (cycles/px)", axis=ticks, scale=edges),
            y2=alt.Y2(field="down2"),
            fill=alt.Fill(**factor, legend=alt.Legend(title="factor", gradientLength=200)),
            stroke=alt.Stroke(**factor, legend=None),  # without it thin gaps show between the cells
            tooltip=[
                tip("across", "horizontal, cycles/px", ".2f"),
                tip("down", "vertical, cycles/px", ".2f"),
                tip("factor", "factor", ".2f"),
            ],
        )
        .properties(height=320)
    )
    return chart
