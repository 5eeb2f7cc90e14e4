"""Frequency: waves to drive, a picture as their sum, and what filters do to it."""

import streamlit as st

from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.frequency import (
    STYLE,
    aliasing,
    convolution_theorem,
    editors,
    hybrid,
    picture,
    reconstruction,
    strongest_waves,
)
from core.ui.widgets import picture_picker, tabs

page_frame.page("frequency")
st.html(STYLE)
editors.waves()

st.header("A picture is a sum of waves", anchor=False)
st.markdown(
    "Its spectrum says how much of each wave it holds: slow ones in the middle, fast ones outside. Drag the ring to "
    "choose which of them pass."
)
settings = Settings(
    {
        **picture_picker.defaults("f_", "cat"),
        **hybrid.DEFAULTS,
        **strongest_waves.DEFAULTS,
        **aliasing.DEFAULTS,
        **convolution_theorem.DEFAULTS,
    }
)
left, right = st.columns([2, 3], vertical_alignment="bottom")
with left:
    chosen = picture_picker.pick(settings, "f_")
with right:
    st.caption(f"{chosen.alt}. The middle of it, at {picture.SIZE} × {picture.SIZE} px. {chosen.credit}")
picked = picture.of(chosen)
drawn = editors.drawn_filter(picked)

tabs.show(
    "f_tab",
    {
        "Low + high = picture": lambda: reconstruction.show(picked, drawn),
        "Two pictures in one": lambda: hybrid.show(settings, picked),
        "The strongest waves": lambda: strongest_waves.show(settings, picked),
        "Fewer pixels": lambda: aliasing.show(settings, picked),
        "A kernel is a filter": lambda: convolution_theorem.show(settings, picked),
    },
    names=("sum", "hybrid", "strongest", "aliasing", "kernel"),
)

page_frame.onward("frequency")
