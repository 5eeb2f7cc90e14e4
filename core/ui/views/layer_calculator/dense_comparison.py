"""A convolution compared with a fully connected layer of the same input and output: areas to scale, and numbers."""

from math import prod, sqrt

import streamlit as st
from markupsafe import Markup

from core.ui.display import numbers
from core.ui.display.colors import CNN, MLP, Role
from core.ui.views.layer_calculator.convolution import ConvolutionSettings

MAX_SIDE = 190.0  # of the larger square, in units of the view box
MIN_SIDE = 4.0  # a smaller square is drawn this large, with a note


def show(conv: ConvolutionSettings) -> None:
    """Draw parameters and multiply-accumulates (MACs) of both layers as squares to scale."""
    row = conv.row
    units = prod(row.output_shape)
    # computed here, as a fully connected layer of the table is limited in its units
    dense_macs = units * prod(row.input_shape)
    dense_parameters = dense_macs + (units if conv.layer.bias else 0)
    measures = (
        ("Parameters", row.parameters, dense_parameters, "weights and biases to learn and store"),
        ("MACs", row.macs, dense_macs, "multiply-accumulates per picture"),
    )
    drawn = Markup().join(_pair(*measure) for measure in measures)
    st.markdown(Markup('<div class="versus">{}</div>').format(drawn), unsafe_allow_html=True)  # st.html drops SVG
    st.markdown(
        f"In a fully connected layer with the same inputs and outputs, each of the {numbers.count(units)} units "
        f"has its own weight for each of the {numbers.count(prod(row.input_shape))} input values. The convolution "
        f"reads only {conv.kernel} × {conv.kernel} pixels at a time, with the same weights everywhere: "
        f"**{_ratio(dense_parameters, row.parameters)} parameters, {_ratio(dense_macs, row.macs)} MACs.**"
    )
    st.caption(
        "How they are counted: MACs are those of the weights. Tools that also count the biases add "
        f"{numbers.count(row.bias_additions)} additions here, which makes "
        f"{numbers.count(row.macs + row.bias_additions)}. One MAC is a multiplication and an addition, so these are "
        f"{numbers.count(2 * row.macs)} FLOPs (floating-point operations)."
    )


def _ratio(dense: int, convolution: int) -> str:
    ratio = dense / convolution
    if ratio < 1:
        return f"{numbers.rounded(1 / ratio)} times more"
    return f"{numbers.rounded(ratio)} times fewer" if ratio > 1 else "as many"


def _pair(name: str, convolution: int, dense: int, unit: str) -> Markup:
    """Return a figure of one measure: the smaller square in the corner of the larger."""
    largest = max(convolution, dense)
    inner, outer = (max(MAX_SIDE * sqrt(number / largest), MIN_SIDE) for number in (convolution, dense))
    small = MAX_SIDE * sqrt(min(convolution, dense) / largest)
    note = (
        f", except the dot: it is drawn {numbers.rounded(MIN_SIDE / small, 2)} times too wide"
        if small < MIN_SIDE
        else ""
    )
    alt = f"{name}: convolution {convolution:,}, fully connected {dense:,}, as areas to scale{note}"
    squares = sorted(((outer, MLP.color), (inner, CNN.color)), reverse=True)
    square = Markup('<rect x="0" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="{}"/>')
    return Markup(
        '<figure><svg viewBox="0 0 {0:g} {0:g}" width="{0:g}" role="img" aria-label="{alt}">{squares}</svg>'
        "<figcaption><b>{name}</b><span>{unit}</span>{convolution}{dense}<small>Areas to scale{note}.</small>"
        "</figcaption></figure>"
    ).format(
        MAX_SIDE,
        alt=alt,
        squares=Markup().join(square.format(MAX_SIDE - side, side, side, color) for side, color in squares),
        name=name,
        unit=unit,
        convolution=_line("Convolution", CNN, convolution),
        dense=_line("Fully connected", MLP, dense),
        note=note,
    )


def _line(name: str, role: Role, number: int) -> Markup:
    line = Markup('<span class="who"><i style="background:{}"></i>{}</span><strong>{}</strong>')
    return line.format(role.color, name, numbers.count(number))
