"""A network's totals, and the share of each layer in its parameters and MACs."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

from core.layers.calculator import FLOAT32_BYTES, LayerError, Row, Totals, check_buildable, totals
from core.size_text import format_bytes, format_shape
from core.ui import messages
from core.ui.charts.base import built_once, one_row, tip
from core.ui.display import numbers
from core.ui.display.colors import CNN, INK, SECOND, Theme, on_page, theme
from core.ui.views.layer_calculator import what_to_notice

if TYPE_CHECKING:
    import altair as alt

SECOND_TEXT = "#8A5A00"  # SECOND as text on the light page


def show(rows: list[Row]) -> None:
    """Draw the totals, and the share of each layer."""
    figures(rows)
    chart(rows)


def figures(rows: list[Row]) -> None:
    """Draw the totals in large numbers."""
    sums = totals(rows)
    totals_shown = (
        ("Parameters", numbers.count(sums.parameters), f"{format_bytes(FLOAT32_BYTES * sums.parameters)} as float32"),
        ("MACs per picture", numbers.count(sums.macs), f"{numbers.count(2 * sums.macs)} FLOPs"),
        ("Activations per picture", format_bytes(sums.activation_bytes), "outputs of all layers, as float32"),
    )
    cell = Markup("<div><span>{}</span><b>{}</b><span>{}</span></div>")
    cells = Markup().join(cell.format(*total) for total in totals_shown)
    st.html(Markup('<div class="figures">{}</div>').format(cells))
    st.caption(conventions(sums))
    try:
        check_buildable(rows)
    except LayerError as error:
        messages.info(f"Too large to be built on this machine. {_as_sentence(error)}")


def conventions(sums: Totals) -> str:
    """Return how parameters, MACs and FLOPs are counted, with this network's numbers."""
    buffers = f" It also stores {numbers.count(sums.buffers)} running means and variances, which are not trained."
    return (
        "How they are counted: MACs (multiply-accumulates) are those of the weights. Tools that also count the biases "
        f"report {numbers.count(sums.macs + sums.bias_additions)}. One MAC is two floating-point operations (FLOPs). "
        f"Of the parameters, {numbers.count(sums.weights)} are weights and {numbers.count(sums.biases)} biases."
        f"{buffers if sums.buffers else ''}"
    )


def chart(rows: list[Row]) -> None:
    """Draw each layer's share of the parameters (upward) and of the MACs (downward)."""
    shares = frame(rows)
    st.vega_lite_chart(
        shares, spec(theme()), key="c_balance", width="stretch", alt=" ".join(what_to_notice.on_costs(rows))
    )


def frame(rows: list[Row]) -> pd.DataFrame:
    """Return the layers with parameters or MACs: position, name, counts, and shares in percent (MACs negative)."""
    sums = totals(rows)
    costly = [(place, row) for place, row in enumerate(rows, 1) if row.parameters or row.macs]
    return pd.DataFrame(
        {
            "place": [place for place, _ in costly],
            "layer": [f"{place}. {what_to_notice.layer_name(row)}" for place, row in costly],
            "parameters": [100 * row.parameters / max(sums.parameters, 1) for _, row in costly],
            "work": [-100 * row.macs / max(sums.macs, 1) for _, row in costly],
            "Parameters": [numbers.count(row.parameters) for _, row in costly],
            "MACs": [numbers.count(row.macs) for _, row in costly],
            "Output": [format_shape(row.output_shape) for _, row in costly],
        }
    )


def _as_sentence(error: LayerError) -> str:
    text = str(error)
    return text[0].upper() + text[1:]


@built_once
def spec(theme: Theme) -> "alt.LayerChart":
    """Draw the rows of `frame`: parameters upward, MACs downward."""
    import altair as alt

    blue = on_page(CNN.color, theme)
    bars = alt.Chart().encode(
        x=alt.X(
            field="place",
            type="ordinal",
            title="Layer (row in the table)",
            axis=alt.Axis(labelAngle=0, labelOverlap="greedy", grid=False, ticks=False),
        ),
        tooltip=[tip("layer", "Layer"), tip("Output"), tip("Parameters"), tip("MACs")],
    )
    share = alt.Y(
        type="quantitative",
        title="Share of the total (%)",
        scale=alt.Scale(domain=[-100, 100], nice=False),
        axis=alt.Axis(labelExpr="abs(datum.value)", tickCount=5),
    )
    name: dict[str, Any] = {"align": "left", "fontSize": 12, "fontWeight": 600, "x": 6}
    orange = SECOND if theme == "dark" else SECOND_TEXT
    layers = [
        bars.mark_bar(color=blue).encode(y=share.field("parameters")),
        bars.mark_bar(color=SECOND).encode(y=share.field("work")),
        one_row().mark_rule(color=INK[theme]).encode(y=alt.YDatum(0)),
        one_row().mark_text(**name, text="▲ parameters", color=blue, y=8),
        one_row().mark_text(**name, text="▼ MACs", color=orange, y=alt.ExprRef("height - 8")),
    ]
    return alt.LayerChart(layer=layers, height=300)
