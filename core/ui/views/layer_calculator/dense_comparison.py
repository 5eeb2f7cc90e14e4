"""A convolution against the fully connected layer that would do the same: two areas to scale, and their numbers."""

from html import escape
from math import prod, sqrt

import streamlit as st

from core.ui.display import numbers
from core.ui.display.colors import CNN, MLP, Role
from core.ui.views.layer_calculator.convolution import One

SIDE = 190.0  # of the larger square, in units of the view box
LEAST = 4.0  # a smaller square is drawn this large, and said to be


def show(one: One) -> None:
    """Parameters and multiply-accumulates (MACs) of both, each pair as one square within another."""
    row = one.row
    units = prod(row.output_shape)
    # by arithmetic of its own: a layer that somebody writes may not have so many units
    dense_macs = units * prod(row.input_shape)
    dense_parameters = dense_macs + (units if one.layer.bias else 0)
    measures = (
        ("Parameters", row.parameters, dense_parameters, "numbers to learn and to keep"),
        ("MACs", row.macs, dense_macs, "multiply-accumulates for one picture"),
    )
    drawn = "".join(_pair(*measure) for measure in measures)
    st.markdown(f'<div class="versus">{drawn}</div>', unsafe_allow_html=True)  # st.html drops SVG
    st.markdown(
        f"A fully connected layer with the same inputs and outputs gives each of its {numbers.count(units)} units a "
        f"weight of its own for each of the {numbers.count(prod(row.input_shape))} numbers that come in. The "
        f"convolution looks at {one.kernel} × {one.kernel} pixels only, and with the same weights everywhere: "
        f"**{_times(dense_parameters, row.parameters, 'fewer')} parameters, "
        f"{_times(dense_macs, row.macs, 'less')} work.**"
    )
    st.caption(
        "How they are counted: MACs are those of the weights. Tools that count the biases too add "
        f"{numbers.count(row.bias_additions)} additions here, which makes "
        f"{numbers.count(row.macs + row.bias_additions)}. One MAC is a multiplication and an addition, so these are "
        f"{numbers.count(2 * row.macs)} FLOPs (floating-point operations)."
    )


def _times(dense: int, convolution: int, less: str) -> str:
    ratio = dense / convolution
    if ratio < 1:
        return f"{numbers.rounded(1 / ratio)} times more"
    return f"{numbers.rounded(ratio)} times {less}" if ratio > 1 else "as much in"


def _pair(name: str, convolution: int, dense: int, what: str) -> str:
    """One measure: the smaller square in the corner of the larger one."""
    largest = max(convolution, dense)
    inner, outer = (max(SIDE * sqrt(number / largest), LEAST) for number in (convolution, dense))
    small = SIDE * sqrt(min(convolution, dense) / largest)
    note = f", but for the dot: it is drawn {numbers.rounded(LEAST / small, 2)} times too wide" if small < LEAST else ""
    alt = escape(f"{name}: convolution {convolution:,}, fully connected {dense:,}, as areas to scale{note}")
    squares = sorted(((outer, MLP.color), (inner, CNN.color)), reverse=True)
    drawn = "".join(
        f'<rect x="0" y="{SIDE - side:.2f}" width="{side:.2f}" height="{side:.2f}" fill="{color}"/>'
        for side, color in squares
    )
    return (
        f'<figure><svg viewBox="0 0 {SIDE:g} {SIDE:g}" width="{SIDE:g}" role="img" aria-label="{alt}">{drawn}</svg>'
        f"<figcaption><b>{name}</b><span>{what}</span>{_line('Convolution', CNN, convolution)}"
        f"{_line('Fully connected', MLP, dense)}<small>Areas to scale{note}.</small></figcaption></figure>"
    )


def _line(name: str, role: Role, number: int) -> str:
    return (
        f'<span class="who"><i style="background:{role.color}"></i>{name}</span>'
        f"<strong>{numbers.count(number)}</strong>"
    )
