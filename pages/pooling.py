"""Pooling: what each window keeps, what is lost, and how the output changes when the picture moves."""

import streamlit as st

from core.images.kernels import KernelError
from core.images.pictures import PictureError
from core.ui import messages
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.pooling import (
    alternatives,
    blur_pooling,
    controls,
    global_pooling,
    lost_detail,
    shift_response,
    source,
    what_to_notice,
)
from core.ui.widgets import tabs

page_frame.page("pooling")
st.html(controls.STYLE)

settings = Settings(
    {
        **source.DEFAULTS,
        **controls.DEFAULTS,
        **shift_response.DEFAULTS,
        **alternatives.DEFAULTS,
        **blur_pooling.DEFAULTS,
        **global_pooling.DEFAULTS,
    }
)
left, right = st.columns(2, gap="medium")
with left:
    plane = source.pick(settings)
with right:
    chosen = controls.pick(settings)

try:
    controls.show(plane, chosen)
    with st.container(horizontal=True, gap="large"):
        page_frame.notice(*what_to_notice.sentences(plane, chosen))
        with st.container(width=480, key="p_size"):
            controls.formula(plane, chosen)

    tabs.show(
        "p_tab",
        {
            "Lost detail": lambda: lost_detail.show(plane, chosen),
            "Shift sensitivity": lambda: shift_response.show(settings, plane, chosen),
            "Alternatives": lambda: alternatives.show(settings, plane, chosen),
            "Blur pooling": lambda: blur_pooling.show(settings, plane, chosen),
            "Global pooling": lambda: global_pooling.show_global(settings, plane),
            "Limitations": global_pooling.show_faces,
        },
        names=("detail", "shift", "alternatives", "blur", "global", "limits"),
    )
except (PictureError, KernelError) as error:
    messages.error(error)

page_frame.onward("pooling")
