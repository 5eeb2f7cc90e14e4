"""The calculator's questions asked backwards: which padding, which window, how many filters."""

import streamlit as st

from core.layers import inverse
from core.ui.display import numbers
from core.ui.state.settings import Settings
from core.ui.views.layer_calculator.convolution import One

DEFAULTS = {"c_want": 4, "c_budget": 1_000}
MOST = 12  # answers in sight; the rest are counted
LARGEST_BUDGET = 100_000_000


def show(settings: Settings, one: One) -> None:
    """Three questions about the layer above, each with its answer."""
    keep, window, filters = st.columns(3, gap="large")
    with keep:
        st.markdown("**Which padding keeps the size?**")
        st.markdown(keeping(one))
    with window:
        st.markdown("**Which F, S, P give this width?**")
        wanted = settings.number("c_want", "Wanted W_out (px)", 1, 256, help=f"From W_in = {one.width} px")
        st.markdown(giving(one, wanted))
    with filters:
        st.markdown("**How many filters fit a budget?**")
        budget = settings.number(
            "c_budget", "Budget (parameters)", 1, LARGEST_BUDGET, help="Weights and biases of the layer together"
        )
        st.markdown(affording(one, budget))


def keeping(one: One) -> str:
    """The paddings P for which W_out = W_in."""
    found = inverse.paddings_that_keep(one.width, one.kernel, one.stride, one.dilation)
    if one.stride > 1:
        need = f" With S = 1 it would be P = {(one.span - 1) // 2}." if one.span % 2 else ""
        if not found:
            return f"None: a stride of {one.stride} px shrinks the picture.{need}"
        return f"Only P = {found[0]}, far more than the window: most outputs would see nothing but zeros.{need}"
    if not found:
        return (
            f"None: an even window of {one.span} px needs one pixel more on one side than on the other. "
            'PyTorch\'s `padding="same"` adds it at the right and the bottom.'
        )
    return f"**P = {found[0]}**: half of what the window overhangs, D(F − 1)/2 = {one.dilation} · {one.kernel - 1} / 2."


def giving(one: One, wanted: int) -> str:
    """All windows within bounds that turn W_in into `wanted`, those that come out even first."""
    found = inverse.windows(one.width, wanted, dilation=one.dilation)
    if not found:
        return f"No F up to 11, S up to 4 and P up to 5 make {wanted} px out of {one.width} px."
    even = sum(window.remainder == 0 for window in found)
    lines = [
        f"| {window.kernel} | {window.stride} | {window.padding} | {window.remainder or 'none'} |"
        for window in found[:MOST]
    ]
    more = f"\n\n{len(found) - MOST} more." if len(found) > MOST else ""
    return (
        f"{len(found)} ways, {even} of them even:\n\n| F | S | P | left over (px) |\n|--:|--:|--:|--:|\n"
        + "\n".join(lines)
        + more
    )


def affording(one: One, budget: int) -> str:
    """The most filters K within `budget` parameters."""
    layer = one.layer
    filters = inverse.filters_within(budget, one.depth, one.kernel, groups=layer.groups, bias=layer.bias)
    each = one.kernel**2 * (one.depth // layer.groups) + layer.bias
    if not filters:
        least = "one filter" if layer.groups == 1 else "one filter a group"
        return f"None: {least} takes {numbers.count(each * layer.groups)} parameters."
    return (
        f"**K = {numbers.count(filters)}**: each filter has {numbers.count(each)} parameters, together "
        f"{numbers.count(filters * each)}; {numbers.count(budget - filters * each)} are left."
    )
