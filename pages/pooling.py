"""Pooling: what each window keeps, what is thrown away, and what happens when the picture moves."""

import streamlit as st

from core.images.kernels import KernelError
from core.images.pictures import PictureError
from core.ui import (
    messages,
    pooling,
    pooling_blur,
    pooling_lost,
    pooling_planes,
    pooling_shifts,
    pooling_source,
    pooling_ways,
)
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.widgets import tabs

page_frame.page("pooling")
st.html(pooling.STYLE)

settings = Settings(
    {
        **pooling_source.DEFAULTS,
        **pooling.DEFAULTS,
        **pooling_shifts.DEFAULTS,
        **pooling_ways.DEFAULTS,
        **pooling_blur.DEFAULTS,
        **pooling_planes.DEFAULTS,
    }
)
left, right = st.columns(2, gap="medium")
with left:
    plane = pooling_source.pick(settings)
with right:
    chosen = pooling.pick(settings)

try:
    pooling.show(plane, chosen)
    with st.container(horizontal=True, gap="large"):
        page_frame.notice(*pooling.sentences(plane, chosen))
        with st.container(width=480, key="p_size"):
            pooling.formula(plane, chosen)

    tabs.show(
        "p_tab",
        {
            "Thrown away": lambda: pooling_lost.show(plane, chosen),
            "When it moves": lambda: pooling_shifts.show(settings, plane, chosen),
            "Overlap and stride": lambda: pooling_ways.show(settings, plane, chosen),
            "Blur pooling": lambda: pooling_blur.show(settings, plane, chosen),
            "Global pooling": lambda: pooling_planes.show_global(settings, plane),
            "Where it hurts": pooling_planes.show_faces,
        },
    )
except (PictureError, KernelError) as error:
    messages.error(error)

page_frame.onward("pooling")
