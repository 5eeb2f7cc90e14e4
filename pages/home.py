"""Home: a CNN that reads digits while they are drawn, the pages of the course, and this machine's devices and data."""

import streamlit as st

from core.ui.components.live_network import live_network
from core.ui.layout import course_map, navigation, page_frame, source_code
from core.ui.messages.hosting import hosted
from core.ui.run_panels import machine_status

page_frame.page("home")

with page_frame.stage(482):
    chosen = live_network()
if chosen:
    navigation.open_page(chosen)

course_map.course_map()

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", key="home_foot"):
    machine_status.line()
    if not hosted():
        navigation.link(navigation.INSTRUCTOR, label="Teach a class", help="Lessons, queue and announcements")
    source_code.button("home")
