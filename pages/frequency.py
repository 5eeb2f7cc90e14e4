"""Frequency: sine waves, a picture as their sum, and filters in the frequency domain."""

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
    "Its spectrum shows how strong each wave is: low frequencies at the center, high ones outside. Drag the ring to "
    "choose which of them the filter keeps."
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
with st.container(key="editor_filter"):
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        chosen = picture_picker.pick(settings, "f_")
    with right, st.container(horizontal=True, vertical_alignment="bottom"):
        st.caption(f"{chosen.alt}. Its central square, {picture.SIZE} × {picture.SIZE} px. {chosen.credit}")
        steps = st.container(width="content")
    picked = picture.from_chosen(chosen)
    drawn = editors.drawn_filter(picked, steps)

tabs.show(
    "f_tab",
    {
        "Low + high = picture": lambda: reconstruction.show(picked, drawn),
        "Hybrid pictures": lambda: hybrid.show(settings, picked),
        "Strongest waves": lambda: strongest_waves.show(settings, picked),
        "Aliasing": lambda: aliasing.show(settings, picked),
        "Convolution theorem": lambda: convolution_theorem.show(settings, picked),
    },
    names=("sum", "hybrid", "strongest", "aliasing", "kernel"),
)

page_frame.onward("frequency")
