"""What can be said of a kernel before it meets a picture: sum, symmetry, column times row, frequency response."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

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
SIZE = 33  # frequencies along an axis: odd, so that zero is a cell of its own
_PLANES = ("Red", "Green", "Blue")


def show(current: Filter) -> None:
    """Draw the facts of the filter's grid, or of one of its three."""
    place = 0
    if len(current.grids) == 3:
        place = st.segmented_control("Plane", range(3), default=0, required=True, format_func=_PLANES.__getitem__)
    kernel = np.array(current.grids[place])
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
        f"**Size and sum.** F is {height} × {width}: {numbers.count(kernel.size)} weights, so each answer takes "
        f"{numbers.count(kernel.size)} multiplications. {kernel_picker.summed_up(current)}"
    )


def _symmetry(found: Symmetry) -> None:
    same = [_MIRRORS[name] for name, parity in found._asdict().items() if parity == "even"]
    opposite = [_MIRRORS[name] for name, parity in found._asdict().items() if parity == "odd"]
    lines = []
    if same:
        lines.append(f"Swapping {_listed(same)} leaves it as it is.")
    if opposite:
        lines.append(f"Swapping {_listed(opposite)} turns every sign: the same edge, seen from the other side.")
    if found.half_turn == "even":
        lines.append("So correlation and convolution give the same answer.")
    st.markdown(f"**Symmetry.** {' '.join(lines) or 'None: no mirror image and no turn leaves it as it is.'}")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _separable(kernel: Kernel) -> None:
    singular = np.linalg.svd(kernel, compute_uv=False)
    parts = separable(kernel)
    if parts is None:
        rank = int((singular > 1e-9 * singular[0]).sum())
        values = ", ".join(f"{value:.2g}" for value in singular[:rank])
        st.markdown(
            f"**Not separable.** It has rank {rank} (singular values {values}): it is no column times a row, but a sum "
            f"of {rank} such products."
        )
        return
    whole, apart = parts.multiplications
    saving = f": {numbers.count(whole)} multiplications become {numbers.count(apart)}" if apart < whole else ""
    st.markdown(f"**Separable**, rank 1: a column times a row. Filtering down and then across gives the same{saving}.")
    grids = [_grid(parts.column[:, None]), "×", _grid(parts.row[None, :]), "=", _grid(kernel)]
    st.html(f'<div style="display: flex; align-items: center; gap: 0.75rem">{"".join(grids)}</div>')


def _grid(values: Kernel) -> str:
    """A matrix as a table in the two colors of signed numbers, on the page's own."""
    limit = float(np.abs(values).max()) or 1.0
    side = 40 if values.shape[0] <= 5 and values.shape[1] <= 5 else 22
    style = f"width: {side}px; height: {side}px; padding: 0; text-align: center; font-size: {side // 3}px; "
    style += "border: 1px solid color-mix(in srgb, currentColor 20%, transparent);"
    cells = "".join(
        "<tr>"
        + "".join(f'<td style="{style} background: {_tint(v / limit)}">{_number(v)}</td>' for v in line)
        + "</tr>"
        for line in values
    )
    return f'<table style="border-collapse: collapse">{cells}</table>'


def _tint(share: float) -> str:
    """Blue below zero, orange above; half as strong as in pictures, so that the page's ink reads on it."""
    return f"color-mix(in srgb, {'#0072B2' if share < 0 else '#D55E00'} {abs(share) * 45:.0f}%, transparent)"


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", numbers.MINUS) if abs(value) >= 5e-4 else "0"


def _response(kernel: Kernel) -> None:
    response = frequency_response(kernel, SIZE)
    places = (np.arange(SIZE) - SIZE // 2) / SIZE
    down, across = np.meshgrid(places, places, indexing="ij")
    table = pd.DataFrame({"across": across.ravel(), "down": down.ravel(), "factor": response.ravel().round(4)})
    st.vega_lite_chart(
        table, response_spec(), key="k_response", width=380, alt="What the kernel does to each frequency"
    )
    st.caption(
        "**Frequency response:** what each wave is multiplied with. In the middle the slowest, an even area; outward "
        "finer ones, up to half a cycle a pixel. 0 removes a wave, 1 keeps it."
    )


@built_once
def response_spec() -> "alt.Chart":
    """Draw a kernel's frequency response, cycles/px across and down, in the colors of magnitudes."""
    import altair as alt

    step = 1 / SIZE
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
            x=alt.X(field="across", type="quantitative", title="cycles/px across", axis=ticks, scale=edges),
            x2=alt.X2(field="across2"),
            y=alt.Y(field="down", type="quantitative", title="cycles/px down", axis=ticks, scale=edges),
            y2=alt.Y2(field="down2"),
            fill=alt.Fill(**factor, legend=alt.Legend(title="times", gradientLength=200)),
            stroke=alt.Stroke(**factor, legend=None),  # or thin seams show between the cells
            tooltip=[
                tip("across", "across, cycles/px", ".2f"),
                tip("down", "down, cycles/px", ".2f"),
                tip("factor", "multiplied with", ".2f"),
            ],
        )
        .properties(height=320)
    )
    return chart
