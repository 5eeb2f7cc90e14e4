"""From filters to a layer: each filter makes one plane, and the planes are stacked along depth."""

import streamlit as st

from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.filters import STYLE, connectivity, layer_controls, layer_drawing, learned_filters, output_sizes
from core.ui.widgets import tabs

page_frame.page("filters", STYLE)

settings = Settings({**layer_controls.DEFAULTS, **connectivity.DEFAULTS})
controls, stage, filters = st.container(), page_frame.stage(718), st.container()
with controls:
    layer = layer_controls.pick(settings, filters)
with stage:
    selected = layer_drawing.show(layer)

tabs.show(
    "l_tab",
    {
        "Shapes and parameters": lambda: output_sizes.show(layer),
        "Learned filters": lambda: learned_filters.show(layer.colored, layer.alt),
        "Connectivity": lambda: connectivity.show(settings, layer.picture, layer.alt, *layer.flat(selected)),
    },
    names=("shapes", "learned", "connectivity"),
)

page_frame.onward("filters")
