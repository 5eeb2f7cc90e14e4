"""How large the layer's output is and how many numbers it learns, for a gray and for a color picture."""

import streamlit as st

from core.layers.calculator import Row
from core.layers.formulas import END
from core.layers.specs import Conv, pair
from core.shapes import format_shape
from core.ui.display import numbers
from core.ui.views.filters.layer_controls import Layer


def show(layer: Layer) -> None:
    """Draw the formulas with the numbers in, and the same layer on three depths of input."""
    st.markdown(
        "**K** filters of **F** × **F** pixels, as deep as their input ($D_{in}$ planes), are moved with the stride "
        "**S** over a picture of $H_{in}$ × $W_{in}$ with **P** zeros on each side."
    )
    formula, table = st.columns([5, 6], gap="large")
    with formula, st.container(key="l_formula"):
        st.latex(_spaced(layer.row().formula))
    with table:
        lines = [
            "| Input | One filter | $K \\cdot F \\cdot F \\cdot D_{in} + K$ |",
            "| --- | --- | --- |",
            _line("Gray", layer.row(1), layer.depth == 1),
            _line("Color", layer.row(3), layer.depth == 3),
            _line("This block, in a second layer", layer.row(len(layer.filters)), False),
        ]
        st.markdown("\n".join(lines))
        st.caption(
            "Whatever the input's depth, the output is as deep as there are filters. The picture's height and width "
            "are not among the factors: the same filters serve at every place, and for a picture of any size."
        )


def _spaced(formula: str) -> str:
    """Sizes and parameters without the work they cost, their fractions further apart."""
    lines = formula.removesuffix(END).split(r" \\ ")
    last = next((place for place, line in enumerate(lines) if line.startswith(r"\text{MACs}")), len(lines))
    return r" \\[0.8em] ".join(lines[:last]) + END


def _line(name: str, row: Row, is_now: bool) -> str:
    assert isinstance(row.layer, Conv)
    count, size, depth = row.layer.filters, pair(row.layer.kernel)[0], row.input_shape[0]
    cells = [
        f"{name}, {format_shape(row.input_shape)}",
        format_shape((depth, size, size)),
        f"{count} · {size} · {size} · {depth} + {count} = {numbers.count(row.parameters)}",
    ]
    return "| " + " | ".join(f"**{cell}**" if is_now else cell for cell in cells) + " |"
