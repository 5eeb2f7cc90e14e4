"""A network's totals, and where its parameters and its work are: never the same place."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core.layers.calculator import FLOAT32_BYTES, LayerError, Row, Totals, check_buildable, flatten_blocks, totals
from core.layers.specs import Conv, ConvTranspose, Linear
from core.shapes import format_shape
from core.ui import messages
from core.ui.charts.base import built_once, one_row, tip
from core.ui.display import network_stages, numbers
from core.ui.display.colors import CNN, INK, SECOND, Theme, on_page, theme

if TYPE_CHECKING:
    import altair as alt

DARK_SECOND = "#8A5A00"  # SECOND as letters on the light page


def figures(rows: list[Row]) -> None:
    """The sums, large."""
    sums = totals(rows)
    told = (
        ("Parameters", numbers.count(sums.parameters), f"{numbers.memory(FLOAT32_BYTES * sums.parameters)} as float32"),
        ("MACs a picture", numbers.count(sums.macs), f"{numbers.count(2 * sums.macs)} FLOPs"),
        ("Activations a picture", numbers.memory(sums.activation_bytes), "all layers' outputs, as float32"),
    )
    st.html(
        '<div class="figures">'
        + "".join(f"<div><span>{name}</span><b>{value}</b><span>{more}</span></div>" for name, value, more in told)
        + "</div>"
    )
    st.caption(conventions(sums))
    try:
        check_buildable(rows)
    except LayerError as error:
        messages.info(f"Counted here, but too large to be built on this machine. {_sentence(error)}")


def conventions(sums: Totals) -> str:
    """The ways of counting, with this network's numbers in each."""
    kept = f" {numbers.count(sums.buffers)} running means and variances are kept but not trained."
    return (
        "How they are counted: MACs (multiply-accumulates) are those of the weights. Tools that count the biases too "
        f"say {numbers.count(sums.macs + sums.bias_additions)}. One MAC is two floating-point operations (FLOPs). "
        f"Of the parameters, {numbers.count(sums.weights)} are weights and {numbers.count(sums.biases)} biases."
        f"{kept if sums.buffers else ''}"
    )


def chart(rows: list[Row]) -> None:
    """Each layer's share of the parameters upward, of the work downward."""
    shares = frame(rows)
    st.vega_lite_chart(shares, spec(theme()), key="c_balance", width="stretch", alt=" ".join(notices(rows)))


def frame(rows: list[Row]) -> pd.DataFrame:
    """The layers that cost something: place, layer, and of parameters and MACs the number and the share in percent."""
    sums = totals(rows)
    costly = [(place, row) for place, row in enumerate(rows, 1) if row.parameters or row.macs]
    return pd.DataFrame(
        {
            "place": [place for place, _ in costly],
            "layer": [f"{place}. {_name(row)}" for place, row in costly],
            "parameters": [100 * row.parameters / max(sums.parameters, 1) for _, row in costly],
            "work": [-100 * row.macs / max(sums.macs, 1) for _, row in costly],
            "Parameters": [numbers.count(row.parameters) for _, row in costly],
            "MACs": [numbers.count(row.macs) for _, row in costly],
            "Output": [format_shape(row.output_shape) for _, row in costly],
        }
    )


def notices(rows: list[Row]) -> list[str]:
    """What to notice about where the cost is."""
    sums = totals(rows)
    if not sums.macs:
        return ["Nothing here has weights: add a convolution or a fully connected layer."]
    most = max(range(len(rows)), key=lambda place: rows[place].parameters)
    hardest = max(range(len(rows)), key=lambda place: rows[place].macs)
    every = flatten_blocks(rows)
    dense = totals([row for row in every if isinstance(row.layer, Linear)])
    convolutions = totals([row for row in every if isinstance(row.layer, Conv | ConvTranspose)])
    lines = [
        f"Most parameters are in layer {most + 1} ({_name(rows[most]).lower()}): "
        f"{numbers.percent(rows[most].parameters / sums.parameters, 1)}. Most work is in layer {hardest + 1} "
        f"({_name(rows[hardest]).lower()}): {numbers.percent(rows[hardest].macs / sums.macs, 1)}."
    ]
    if dense.macs and convolutions.macs:
        lines.append(
            f"Fully connected layers hold {numbers.percent(dense.parameters / sums.parameters, 1)} of the parameters "
            f"and do {numbers.percent(dense.macs / sums.macs, 1)} of the work; convolutions hold "
            f"{numbers.percent(convolutions.parameters / sums.parameters, 1)} and do "
            f"{numbers.percent(convolutions.macs / sums.macs, 1)}: their few weights are used at every place."
        )
    last = rows[-1].receptive_field
    seen = format_shape((last,) if isinstance(last, int) else last)
    lines.append(f"A unit of the last layer sees {seen} px of the picture, padding included.")
    return lines


def _name(row: Row) -> str:
    return network_stages.NAMES[type(row.layer).__name__]


def _sentence(error: LayerError) -> str:
    text = str(error)
    return text[0].upper() + text[1:]


@built_once
def spec(theme: Theme) -> "alt.LayerChart":
    """Draw the rows of `frame`: parameters upward, work downward."""
    import altair as alt

    blue = on_page(CNN.color, theme)
    bars = alt.Chart().encode(
        x=alt.X(
            field="place",
            type="ordinal",
            title="Layer (its place in the table)",
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
    name: dict[str, Any] = {"align": "left", "fontSize": 13, "fontWeight": 600, "x": 6}
    orange = SECOND if theme == "dark" else DARK_SECOND
    layers = [
        bars.mark_bar(color=blue).encode(y=share.field("parameters")),
        bars.mark_bar(color=SECOND).encode(y=share.field("work")),
        one_row().mark_rule(color=INK[theme]).encode(y=alt.YDatum(0)),
        one_row().mark_text(**name, text="▲ parameters", color=blue, y=8),
        one_row().mark_text(**name, text="▼ work (MACs)", color=orange, y=alt.ExprRef("height - 8")),
    ]
    return alt.LayerChart(layer=layers, height=300)
