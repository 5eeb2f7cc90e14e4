"""Histograms of the random numbers that steps draw, and of the operations that policies choose."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.training.augmentation.pipeline import Pipeline
from core.ui.charts.base import TABLE, built_once, tip
from core.ui.display import numbers
from core.ui.display.colors import CNN_AUGMENTED
from core.ui.state import pipeline_link
from core.ui.views.augmentation.queries import Average

if TYPE_CHECKING:
    import altair as alt

BINS = 24
PIXELS = ("dx", "dy", "top", "left", "height", "width")  # whole numbers
UNITS = {
    **dict.fromkeys(PIXELS, "px"),
    **dict.fromkeys(("sigma", "corners", "moved"), "px"),
    **dict.fromkeys(("angle", "shear"), "°"),
    "hue": "turns",
}
TITLES = {
    "dx": "to the right",
    "dy": "down",
    "part": "share of this picture",
    "corners": "corners moved",
    "moved": "bent by",
}


@built_once
def bars_spec() -> "alt.FacetChart":
    """Draw the rows of `histograms`: a small chart for each number."""
    import altair as alt

    chart: alt.FacetChart = (
        alt.Chart(alt.NamedData(name=TABLE))
        .mark_bar(color=CNN_AUGMENTED.color)
        .encode(
            x=alt.X(field="low", bin="binned", type="quantitative", title=None, scale=alt.Scale(zero=False)),
            x2=alt.X2(field="high"),
            y=alt.Y(field="draws", type="quantitative", title="draws", axis=alt.Axis(tickCount=3)),
            y2=alt.Y2Datum(0),
            tooltip=[tip("low", "from", ".3~g"), tip("high", "to", ".3~g"), tip("draws", "Draws")],
        )
        .properties(width=250, height=110)
        .facet(
            facet=alt.Facet(
                field="number", type="nominal", title=None, sort=alt.EncodingSortField(field="order", op="min")
            ),
            columns=3,
        )
        .resolve_scale(x="independent", y="independent")
        .configure_header(labelFontSize=12)
    )
    return chart


@built_once
def operations_spec() -> "alt.Chart":
    """Draw how often each operation was chosen: columns operation and draws."""
    import altair as alt

    chart: alt.Chart = (
        alt.Chart()
        .mark_bar(color=CNN_AUGMENTED.color)
        .encode(
            x=alt.X(field="draws", type="quantitative", title="draws", axis=alt.Axis(tickCount=5)),
            y=alt.Y(field="operation", type="nominal", title=None, sort="-x"),
            tooltip=[tip("operation", "Operation"), tip("draws", "Draws")],
        )
        .properties(height=320)
    )
    return chart


def show(average: Average, pipeline: Pipeline) -> None:
    """Draw the histograms."""
    table = histograms(average, pipeline)
    if len(table):
        names = ", ".join(table["number"].unique())
        st.vega_lite_chart(table, bars_spec(), key="a_histograms", alt=f"Histograms of what was drawn: {names}")
    chosen = [(name, count) for ops in average.ops for name, count in ops.items()]
    if chosen:
        operations = pd.DataFrame(chosen, columns=["operation", "draws"])
        st.vega_lite_chart(operations, operations_spec(), key="a_operations", alt="How often each operation was chosen")
    probabilities = [
        f"Step {number}, {pipeline_link.NAMES[step.name]}, is applied in **{numbers.percent(done, 0)}** of the draws."
        for number, (step, done) in enumerate(zip(pipeline.steps, average.done, strict=True), 1)
        if done < 1
    ]
    st.markdown("  \n".join(probabilities))
    if not len(table) and not chosen and not probabilities:
        st.caption("These steps draw no random numbers to show.")


def histograms(average: Average, pipeline: Pipeline) -> pd.DataFrame:
    """Return one row per bar: number (name and unit), low, high, draws, and the number's order in the pipeline."""
    bars: list[tuple[str, float, float, int, int]] = []
    order = 0
    for position, (step, drawn) in enumerate(zip(pipeline.steps, average.drawn, strict=True), 1):
        for name, values in drawn.items():
            if not values:
                continue
            unit = f" ({UNITS[name]})" if name in UNITS else ""
            title = f"{position} {pipeline_link.NAMES[step.name]}: {TITLES.get(name, name)}{unit}"
            counts, edges = np.histogram(values, _edges(name, np.array(values)))
            bars += [(title, *bar, order) for bar in zip(edges[:-1], edges[1:], counts.tolist(), strict=True)]
            order += 1
    return pd.DataFrame(bars, columns=["number", "low", "high", "draws", "order"])


def _edges(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return bin edges: one bin per whole pixel if they are few, else BINS of equal width."""
    low, high = float(values.min()), float(values.max())
    if name in PIXELS and high - low < 40:
        return np.arange(low - 0.5, high + 1)
    return np.linspace(low, high if high > low else low + 1e-6, BINS + 1)
