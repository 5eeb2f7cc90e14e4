"""The layer calculator: a single convolution, then a whole network as a table."""

import streamlit as st

from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.layer_calculator import STYLE, layer, network

page_frame.page("layer_calculator")
st.html(STYLE)
settings = Settings({**layer.DEFAULTS, **network.DEFAULTS})

layer.show(settings)
layer.explore(settings)
st.header("What does a whole network cost?", anchor=False)
network.show(settings)

page_frame.onward("layer_calculator")
