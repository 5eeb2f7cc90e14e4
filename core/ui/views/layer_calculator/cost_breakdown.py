"""A network's totals, and the share of each layer in its parameters and MACs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

from core.layers.calculator import FLOAT32_BYTES, LayerError, Row, Totals, check_buildable, flatten_blocks, totals
from core.layers.limits import routing_work
from core.layers.specs import CapsuleDecoder, Conv, ConvTranspose, Linear, PrimaryCapsules
from core.size_text import format_bytes, format_shape
from core.ui import messages
from core.ui.charts.base import built_once, one_row, tip
from core.ui.display import layer_groups, numbers
from core.ui.display.colors import CNN, INK, SECOND, Theme, on_page, theme

if TYPE_CHECKING:
    import altair as alt

STATE_KEY = "c_totals"  # parameters and MACs before the last edit, and now
SECOND_TEXT = "#8A5A00"  # SECOND as text on the light page


def show(rows: list[Row]) -> None:
    """Draw the totals, and the share of each layer."""
    figures(rows)
    chart(rows)


def answer(rows: list[Row]) -> list[str]:
    """Return the sentence on what the last edit changed, then what else there is to notice."""
    sums = totals(rows)
    now = (sums.parameters, sums.macs)
    before, latest = st.session_state.get(STATE_KEY, (now, now))
    if now != latest:
        before, latest = latest, now
    st.session_state[STATE_KEY] = (before, latest)
    lines = notices(rows)
    return lines if before == latest else [changed(before, latest), *lines]


def changed(before: tuple[int, int], now: tuple[int, int]) -> str:
    """Return what became of the parameters and MACs."""
    parts = [
        f"{name} {numbers.count(old)} → **{numbers.count(new)}** ({_percent(old, new)})"
        if old != new
        else f"{name} stay {numbers.count(new)}"
        for name, old, new in zip(("parameters", "MACs"), before, now, strict=True)
    ]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _percent(old: int, new: int) -> str:
    """Return the change: "+12 %", or how many times as many where that says more."""
    if not old or new >= 10 * old:
        return f"{numbers.rounded(new / old)} times as many" if old else "from none"
    sign = "+" if new > old else "−"
    return f"{sign}{numbers.percent(abs(new - old) / old, 1)}"


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
    st.vega_lite_chart(shares, spec(theme()), key="c_balance", width="stretch", alt=" ".join(notices(rows)))


def frame(rows: list[Row]) -> pd.DataFrame:
    """Return the layers with parameters or MACs: position, name, counts, and shares in percent (MACs negative)."""
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
    """Return what to notice about the cost of the layers."""
    sums = totals(rows)
    if not sums.macs:
        return ["Nothing here has weights: add a convolution or a fully connected layer."]
    most_parameters = max(range(len(rows)), key=lambda index: rows[index].parameters)
    most_macs = max(range(len(rows)), key=lambda index: rows[index].macs)
    every = flatten_blocks(rows)
    dense = totals([row for row in every if isinstance(row.layer, Linear)])
    convolutions = totals([row for row in every if isinstance(row.layer, Conv | ConvTranspose | PrimaryCapsules)])
    lines = [
        f"Most parameters are in layer {most_parameters + 1} ({_name(rows[most_parameters]).lower()}): "
        f"{numbers.percent(rows[most_parameters].parameters / sums.parameters, 1)}. Most MACs are in layer "
        f"{most_macs + 1} ({_name(rows[most_macs]).lower()}): {numbers.percent(rows[most_macs].macs / sums.macs, 1)}."
    ]
    if dense.macs and convolutions.macs:
        lines.append(
            f"Fully connected layers hold {numbers.percent(dense.parameters / sums.parameters, 1)} of the parameters "
            f"and do {numbers.percent(dense.macs / sums.macs, 1)} of the MACs; convolutions hold "
            f"{numbers.percent(convolutions.parameters / sums.parameters, 1)} and do "
            f"{numbers.percent(convolutions.macs / sums.macs, 1)}: their few weights are used at every position."
        )
    lines += _capsule_notices(every, sums)
    last = rows[-1].receptive_field
    field = format_shape((last, last) if isinstance(last, int) else last)
    how = "A unit of the last layer sees" if rows[-1].is_exact else "A unit of the last layer sees at most"
    border = " of the picture." if last else " of the picture: it reads padding alone."
    if last and rows[-1].plane not in (None, (1, 1)):
        border = " of the picture, at the border it may see fewer."
    lines.append(f"{how} {field} px{border}")
    return lines


def _capsule_notices(rows: Sequence[Row], sums: Totals) -> list[str]:
    """Return what the MACs of capsules leave out or add, which no other layer does."""
    lines = []
    further = sum(map(routing_work, rows))
    if further:
        lines.append(
            "The MACs of a routing are those of its first iteration. Each further one weighs and compares all "
            f"predictions again: {numbers.count(further)} more multiply-adds here."
        )
    decoder = totals([row for row in rows if isinstance(row.layer, CapsuleDecoder)])
    if decoder.parameters:
        lines.append(
            f"The decoder redraws the picture in training alone: without it, a prediction takes "
            f"{numbers.count(sums.parameters - decoder.parameters)} parameters and "
            f"{numbers.count(sums.macs - decoder.macs)} MACs."
        )
    return lines


def _name(row: Row) -> str:
    return layer_groups.NAMES[type(row.layer).__name__]


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
