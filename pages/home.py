"""Home: what this is, one thing that moves at once, the map of pages, what this machine has."""

import streamlit as st

from core.ui.components.sliding_window import sliding_window
from core.ui.layout import course_map, page_frame, source_code
from core.ui.run_panels import machine_status

page_frame.page("home")

sliding_window()
page_frame.notice(
    "**The same nine numbers everywhere:** at each place the kernel's numbers are multiplied with the nine pixels "
    "under the window and added up. That is a convolution; each sum is one pixel of the plane at the right.",
    "Move the pointer over the digit to move the window yourself. Orange sums are above zero, blue ones below.",
    "A convolutional network is not given such numbers: it learns them.",
)

course_map.course_map()

st.header("What this machine has", anchor=False)
machine_status.devices()
machine_status.datasets()

source_code.button("home")
