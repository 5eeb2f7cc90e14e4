"""The kernel playground: a picture, a kernel, and what it answers at every place."""

import streamlit as st

from core.ui import picking, shell
from core.ui.filtering import choosing, cube, facts, lens, line, row, strength, taking, whole
from core.ui.settings import Settings

shell.page("kernels")

settings = Settings({**picking.defaults("k_"), **choosing.DEFAULTS, **strength.DEFAULTS, **row.DEFAULTS})
left, middle, right = st.columns([3, 5, 4], gap="medium")
with left:
    chosen = picking.pick(settings, "k_")
with middle:
    entry, weights = choosing.kernel(settings)
with right:
    colors = choosing.colors(settings, chosen)
    planes = choosing.deepened(settings, weights) if colors == "depth" else (weights,)
st.caption(f"**{entry.title}** ({entry.family}). {entry.why}")

seen = chosen.gray() if colors == "luminance" else chosen
current = lens.show(seen, choosing.as_filter(planes, entry.key))
answer = whole.show(seen, current)
shell.notice(
    choosing.summed_up(current),
    whole.strongest(answer) if answer is not None else "There is no answer: the kernel does not fit on the picture.",
    "Change a weight in the kernel, or point at one: every pixel it touches lights up.",
)

kernel_tab, color_tab, strength_tab, line_tab, row_tab, take_tab = st.tabs(
    [
        "The kernel itself",
        "Color as three planes",
        "Edges: how strong, which way",
        "Along a line",
        "Filters in a row",
        "Take it with you",
    ],
    key="k_tab",
    on_change="rerun",
    bind="query-params",
)
with kernel_tab:
    if kernel_tab.open:
        facts.show(current)
with color_tab:
    if color_tab.open:
        cube.show(chosen)
with strength_tab:
    if strength_tab.open:
        strength.show(settings, chosen)
with line_tab:
    if line_tab.open:
        line.show(chosen, current)
with row_tab:
    if row_tab.open:
        row.show(settings, seen, current)
with take_tab:
    if take_tab.open:
        taking.show(seen, current, answer)

shell.onward("kernels")
