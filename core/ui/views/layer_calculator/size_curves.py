"""The output's size as a curve over F, over S and over P, everything else staying as it is."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from core.layers.inverse import output_width
from core.ui.display.colors import CNN, LIGHTER, PAPER, Theme, theme
from core.ui.views.layer_calculator.convolution import LARGEST_STRIDE, One

TITLES = {"F": "Window F (px)", "S": "Stride S (px)", "P": "Padding P (px)"}


def show(one: One) -> None:
    """Three charts side by side, the present value marked."""
    for letter, column in zip(TITLES, st.columns(3, gap="medium"), strict=True):
        points = curve(one, letter)
        now = points[points["now"]]["out"].iloc[0]
        with column:
            st.vega_lite_chart(
                points,
                _spec(letter, theme()),
                key=f"c_curve_{letter}",
                width="stretch",
                alt=f"Width of the output over {TITLES[letter]}, from {points['out'].iloc[0]} px at "
                f"{points['x'].iloc[0]} to {points['out'].iloc[-1]} px at {points['x'].iloc[-1]}; now {now} px",
            )
    st.caption(
        "Filled: the division by S comes out even. Hollow: it leaves something over and is rounded down. "
        "The ring is the layer above."
    )


def curve(one: One, letter: str) -> pd.DataFrame:
    """The output's width for every value of one letter: columns x, out, left (what the division leaves), now."""
    values: Iterable[int]
    if letter == "F":
        values = (f for f in range(1, one.largest_window + 1))
    elif letter == "S":
        values = range(1, LARGEST_STRIDE + 1)
    else:
        values = range(one.most_padding + 1)
    rows = []
    for value in values:
        given = {"F": one.kernel, "S": one.stride, "P": one.padding} | {letter: value}
        f, s, p = given["F"], given["S"], given["P"]
        left = (one.width + 2 * p - one.dilation * (f - 1) - 1) % s
        now = given == {"F": one.kernel, "S": one.stride, "P": one.padding}
        rows.append((value, output_width(one.width, f, s, p, one.dilation), left, now))
    return pd.DataFrame(rows, columns=["x", "out", "left", "now"])


@lru_cache
def _spec(letter: str, theme: Theme) -> dict[str, Any]:
    line = CNN.color if theme == "light" else LIGHTER[CNN.color]
    return {
        "height": 200,
        "usermeta": {"embedOptions": {"renderer": "svg"}},
        "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}},
        "encoding": {
            "x": {
                "field": "x",
                "type": "quantitative",
                "title": TITLES[letter],
                "scale": {"nice": False, "zero": False, "padding": 14},
                "axis": {"grid": False, "tickMinStep": 1, "format": "d"},
            },
            "y": {
                "field": "out",
                "type": "quantitative",
                "title": "W_out (px)",
                "scale": {"zero": True},
                "axis": {"tickMinStep": 1, "tickCount": 5, "format": "d"},
            },
            "tooltip": [
                {"field": "x", "title": TITLES[letter]},
                {"field": "out", "title": "W_out (px)"},
                {"field": "left", "title": "Left over (px)"},
            ],
        },
        "layer": [
            {"mark": {"type": "line", "color": line, "strokeWidth": 1.5, "opacity": 0.6}},
            {
                "mark": {"type": "point", "size": 55, "filled": True, "stroke": line, "strokeWidth": 1.6, "opacity": 1},
                "encoding": {"fill": {"condition": {"test": "datum.left === 0", "value": line}, "value": PAPER[theme]}},
            },
            {
                "transform": [{"filter": "datum.now"}],
                "mark": {"type": "point", "size": 260, "strokeWidth": 2.2, "color": "#E69F00", "filled": False},
            },
            {
                "transform": [{"filter": "datum.now"}],
                "mark": {"type": "text", "dy": -17, "fontSize": 13, "fontWeight": 600, "color": line},
                "encoding": {"text": {"field": "out"}},
            },
        ],
    }
