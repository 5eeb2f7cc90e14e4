"""Home: an animated convolution, the course map, and this machine's devices and data."""

import streamlit as st

from core.ui.components.sliding_window import sliding_window
from core.ui.layout import course_map, page_frame, source_code
from core.ui.run_panels import machine_status

page_frame.page("home")

sliding_window()
page_frame.notice(
    "**The same nine weights everywhere:** at each position the nine pixels under the window are multiplied by the "
    "kernel's weights and added up. That is a convolution; each sum is one pixel of the output on the right.",
    "Move the pointer over the digit to move the window yourself. Orange sums are above zero, blue ones below.",
    "A convolutional network learns these weights from data.",
)

course_map.course_map()

st.header("What this machine has", anchor=False)
machine_status.devices()
machine_status.datasets()

source_code.button("home")
