"""Output size and number of parameters of the layer, for gray and color input."""

import streamlit as st

from core.layers.calculator import Row
from core.layers.formulas.notation import END
from core.layers.specs import Conv, pair
from core.size_text import format_shape
from core.ui.display import numbers
from core.ui.display.formulas import NEW_LINE, spaced
from core.ui.layout import column_grid
from core.ui.views.filters.layer import Layer


def show(layer: Layer) -> None:
    """Draw the formulas with numbers, and the layer's cost for three input depths."""
    st.markdown(
        "**K** filters of **F** × **F** pixels, as deep as their input ($D_{in}$ planes), slide with stride "
        "**S** over a picture of $H_{in}$ × $W_{in}$ with **P** zeros on each side."
    )
    formula, table = column_grid.halves(gap="large")
    with formula, st.container(key="l_formula"):
        st.latex(_without_macs(layer.row().formula))
    with table, st.container(key="l_shapes"):
        lines = [
            "| Input | One filter | $K \\cdot F \\cdot F \\cdot D_{in} + K$ |",
            "| --- | --- | --- |",
            _line("Gray", layer.row(1), layer.depth == 1),
            _line("Color", layer.row(3), layer.depth == 3),
            _line("This block, in a second layer", layer.row(len(layer.filters)), False),
        ]
        st.markdown("\n".join(lines))
        st.caption(
            "The output has one plane per filter, whatever the depth of the input. The number of parameters does not "
            "depend on the picture's height and width: the same filters are used at every position."
        )


def _without_macs(formula: str) -> str:
    """Return the formula without the MACs, with more space between the lines."""
    lines = formula.removesuffix(END).split(NEW_LINE)
    end = next((index for index, line in enumerate(lines) if line.startswith(r"\text{MACs}")), len(lines))
    return spaced(NEW_LINE.join(lines[:end]) + END)


def _line(name: str, row: Row, is_current: bool) -> str:
    assert isinstance(row.layer, Conv)
    count, size, depth = row.layer.filters, pair(row.layer.kernel)[0], row.input_shape[0]
    cells = [
        f"{name}, {format_shape(row.input_shape)}",
        format_shape((depth, size, size)),
        f"{count} · {size} · {size} · {depth} + {count} = {numbers.count(row.parameters)}",
    ]
    return "| " + " | ".join(f"**{cell}**" if is_current else cell for cell in cells) + " |"
