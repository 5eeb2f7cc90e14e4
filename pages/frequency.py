"""Frequency: waves to drive, a picture as their sum, and what filters do to it."""

import streamlit as st

from core.ui import picking, shell
from core.ui.frequency import aliasing, hybrid, largest, subject, sums, theorem
from core.ui.frequency.components import STYLE, filtering, waves
from core.ui.settings import Settings

shell.page("frequency")
st.html(STYLE)
waves()

st.header("A picture is a sum of waves", anchor=False)
st.markdown(
    "Its spectrum says how much of each wave it holds: slow ones in the middle, fast ones outside. Drag the ring to "
    "choose which of them pass."
)
settings = Settings(
    {
        **picking.defaults("f_", "cat"),
        **hybrid.DEFAULTS,
        **largest.DEFAULTS,
        **aliasing.DEFAULTS,
        **theorem.DEFAULTS,
    }
)
left, right = st.columns([2, 3], vertical_alignment="bottom")
with left:
    chosen = picking.pick(settings, "f_")
with right:
    st.caption(f"{chosen.alt}. The middle of it, at {subject.SIZE} × {subject.SIZE} px. {chosen.credit}")
picked = subject.of(chosen)
drawn = filtering(picked)

sum_tab, hybrid_tab, largest_tab, aliasing_tab, kernel_tab = st.tabs(
    ["Low + high = picture", "Two pictures in one", "The strongest waves", "Fewer pixels", "A kernel is a filter"],
    key="f_tab",
    on_change="rerun",
    bind="query-params",
)
with sum_tab:
    if sum_tab.open:
        sums.show(picked, drawn)
with hybrid_tab:
    if hybrid_tab.open:
        hybrid.show(settings, picked)
with largest_tab:
    if largest_tab.open:
        largest.show(settings, picked)
with aliasing_tab:
    if aliasing_tab.open:
        aliasing.show(settings, picked)
with kernel_tab:
    if kernel_tab.open:
        theorem.show(settings, picked)

shell.onward("frequency")
