"""Output size as a function of F, S or P, with the other settings fixed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.layers.inverse import output_width
from core.ui.charts.base import built_once, tip
from core.ui.components.one_layer.state import MAX_STRIDE
from core.ui.display.colors import CNN, PAPER, SECOND, Theme, on_page, theme
from core.ui.layout import column_grid
from core.ui.views.layer_calculator.convolution import ConvolutionSettings

if TYPE_CHECKING:
    import altair as alt

TITLES = {"F": "Window F (px)", "S": "Stride S (px)", "P": "Padding P (px)"}


def show(conv: ConvolutionSettings) -> None:
    """Draw three charts side by side, with the current value marked."""
    for letter, column in zip(TITLES, column_grid.thirds(), strict=True):
        points = curve(conv, letter)
        now = points[points["now"]]["out"].iloc[0]
        with column:
            st.vega_lite_chart(
                points,
                spec(letter, theme()),
                key=f"c_curve_{letter}",
                width="stretch",
                alt=f"Width of the output over {TITLES[letter]}, from {points['out'].iloc[0]} px at "
                f"{points['x'].iloc[0]} to {points['out'].iloc[-1]} px at {points['x'].iloc[-1]}; currently {now} px",
            )
    st.caption(
        "Filled: the division by S leaves no remainder. Hollow: it leaves a remainder and is rounded down. "
        "The ring marks the layer above."
    )


def curve(conv: ConvolutionSettings, letter: str) -> pd.DataFrame:
    """Return the output's width for every value of one letter: columns x, out, left (the division's remainder), now."""
    values: Iterable[int]
    if letter == "F":
        values = (f for f in range(1, conv.max_window + 1))
    elif letter == "S":
        values = range(1, MAX_STRIDE + 1)
    else:
        values = range(conv.max_padding + 1)
    rows = []
    for value in values:
        settings = {"F": conv.kernel, "S": conv.stride, "P": conv.padding} | {letter: value}
        f, s, p = settings["F"], settings["S"], settings["P"]
        left = (conv.width + 2 * p - conv.dilation * (f - 1) - 1) % s
        now = settings == {"F": conv.kernel, "S": conv.stride, "P": conv.padding}
        rows.append((value, output_width(conv.width, f, s, p, conv.dilation), left, now))
    return pd.DataFrame(rows, columns=["x", "out", "left", "now"])


@built_once
def spec(letter: str, theme: Theme) -> "alt.LayerChart":
    """Draw the rows of `curve`: the output's width over one of TITLES."""
    import altair as alt

    blue = on_page(CNN.color, theme)
    points, now = alt.Chart(), alt.Chart().transform_filter("datum.now")
    filled = alt.FillValue(PAPER[theme], condition={"test": "datum.left === 0", "value": blue})
    return (
        alt.layer(
            points.mark_line(color=blue, strokeWidth=1.5, opacity=0.6),
            points.mark_point(size=55, filled=True, stroke=blue, strokeWidth=1.6, opacity=1).encode(fill=filled),
            now.mark_point(size=260, strokeWidth=2.2, color=SECOND, filled=False),
            now.mark_text(dy=-17, fontSize=12, fontWeight=600, color=blue).encode(text=alt.Text(field="out")),
        )
        .encode(
            x=alt.X(
                field="x",
                type="quantitative",
                title=TITLES[letter],
                scale=alt.Scale(nice=False, zero=False, padding=14),
                axis=alt.Axis(grid=False, tickMinStep=1, format="d"),
            ),
            y=alt.Y(
                field="out",
                type="quantitative",
                title="Output width (px)",
                scale=alt.Scale(zero=True),
                axis=alt.Axis(tickMinStep=1, tickCount=5, format="d"),
            ),
            tooltip=[tip("x", TITLES[letter]), tip("out", "Output width (px)"), tip("left", "Remainder (px)")],
        )
        .properties(height=200)
    )
