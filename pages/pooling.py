"""Pooling: what each window keeps, what is thrown away, and what happens when the picture moves."""

import streamlit as st

from core.images.kernels import KernelError
from core.images.pictures import PictureError
from core.ui import (
    pooling,
    pooling_blur,
    pooling_lost,
    pooling_planes,
    pooling_shifts,
    pooling_source,
    pooling_ways,
    shell,
)
from core.ui.settings import Settings

shell.page("pooling")
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
        shell.notice(*pooling.sentences(plane, chosen))
        with st.container(width=480, key="p_size"):
            pooling.formula(plane, chosen)

    lost, moves, ways, blur, everywhere, hurts = st.tabs(
        ["Thrown away", "When it moves", "Overlap and stride", "Blur pooling", "Global pooling", "Where it hurts"],
        key="p_tab",
        bind="query-params",
    )
    if lost.open:
        with lost:
            pooling_lost.show(plane, chosen)
    if moves.open:
        with moves:
            pooling_shifts.show(settings, plane, chosen)
    if ways.open:
        with ways:
            pooling_ways.show(settings, plane, chosen)
    if blur.open:
        with blur:
            pooling_blur.show(settings, plane, chosen)
    if everywhere.open:
        with everywhere:
            pooling_planes.show_global(settings, plane)
    if hurts.open:
        with hurts:
            pooling_planes.show_faces()
except (PictureError, KernelError) as error:
    st.error(str(error), icon=":material/error:")

shell.onward("pooling")
