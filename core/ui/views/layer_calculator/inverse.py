"""Inverse questions: which padding, which window, and how many filters give a wanted result."""

import streamlit as st

from core.layers import inverse
from core.ui.display import numbers
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.layer_calculator.convolution import ConvolutionSettings

DEFAULTS = {"c_want": 4, "c_budget": 1_000}
MAX_SHOWN = 12  # results; the rest are counted
MAX_BUDGET = 100_000_000


def show(settings: Settings, conv: ConvolutionSettings) -> None:
    """Draw three questions about the layer above, with their answers."""
    keep, window, filters = column_grid.thirds(gap="large")
    with keep:
        st.markdown("**Which padding keeps the size?**")
        st.markdown(size_keeping_padding(conv))
    with window:
        st.markdown("**Which F, S, P give this width?**")
        wanted = settings.number(
            "c_want", "Wanted width of the output (px)", 1, 256, help=f"From W_in = {conv.width} px"
        )
        st.markdown(windows_for(conv, wanted))
    with filters:
        st.markdown("**How many filters fit a budget?**")
        budget = settings.number(
            "c_budget", "Budget (parameters)", 1, MAX_BUDGET, help="Weights and biases of the layer together"
        )
        st.markdown(filters_for(conv, budget))


def size_keeping_padding(conv: ConvolutionSettings) -> str:
    """Return the padding P for which W_out = W_in, in a sentence."""
    paddings = inverse.paddings_that_keep(conv.width, conv.kernel, conv.stride, conv.dilation)
    if conv.stride > 1:
        hint = f" With S = 1 it would be P = {(conv.span - 1) // 2}." if conv.span % 2 else ""
        if not paddings:
            return f"None: a stride of {conv.stride} px shrinks the picture.{hint}"
        return f"Only P = {paddings[0]}, far more than the window: most outputs would read only zeros.{hint}"
    if not paddings:
        return (
            f"None: an even window of {conv.span} px needs one more pixel on one side than on the other. "
            'PyTorch\'s `padding="same"` adds it on the right and at the bottom.'
        )
    return f"**P = {paddings[0]}**: half the extent minus 1, D(F − 1)/2 = {conv.dilation} · {conv.kernel - 1} / 2."


def windows_for(conv: ConvolutionSettings, wanted: int) -> str:
    """Return a table of the windows that map W_in to `wanted`, those without remainder first."""
    windows = inverse.windows(conv.width, wanted, dilation=conv.dilation)
    if not windows:
        return f"No F up to 11, S up to 4 and P up to 5 turn {conv.width} px into {wanted} px."
    even = sum(window.remainder == 0 for window in windows)
    lines = [
        f"| {window.kernel} | {window.stride} | {window.padding} | {window.remainder or 'none'} |"
        for window in windows[:MAX_SHOWN]
    ]
    more = f"\n\n{len(windows) - MAX_SHOWN} more." if len(windows) > MAX_SHOWN else ""
    return (
        f"{len(windows)} solutions, {even} without remainder:\n\n| F | S | P | remainder (px) |\n|--:|--:|--:|--:|\n"
        + "\n".join(lines)
        + more
    )


def filters_for(conv: ConvolutionSettings, budget: int) -> str:
    """Return the largest number of filters K within `budget` parameters, in a sentence."""
    layer = conv.layer
    filters = inverse.filters_within(budget, conv.depth, conv.kernel, groups=layer.groups, bias=layer.bias)
    per_filter = conv.kernel**2 * (conv.depth // layer.groups) + layer.bias
    if not filters:
        minimum = "one filter" if layer.groups == 1 else "one filter per group"
        return f"None: {minimum} needs {numbers.count(per_filter * layer.groups)} parameters."
    return (
        f"**K = {numbers.count(filters)}**: each filter has {numbers.count(per_filter)} parameters, together "
        f"{numbers.count(filters * per_filter)}; {numbers.count(budget - filters * per_filter)} are left."
    )
