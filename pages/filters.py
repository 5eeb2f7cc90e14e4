"""From filters to a layer: each filter makes one plane, and the planes are stacked into depth."""

import streamlit as st

from core.ui.layering import STYLE, choosing, connecting, counting, drawing, learned
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.widgets import tabs

page_frame.page("filters")
st.html(STYLE)

settings = Settings({**choosing.DEFAULTS, **connecting.DEFAULTS})
layer = choosing.pick(settings)
selected = drawing.show(layer)
page_frame.notice(*drawing.sentences(layer, selected))

tabs.show(
    "l_tab",
    {
        "Shapes and parameters": lambda: counting.show(layer),
        "Filters that were learned": lambda: learned.show(layer.colored, layer.alt),
        "Locally or fully connected": lambda: connecting.show(
            settings, layer.picture, layer.alt, *layer.flat(selected)
        ),
    },
)

page_frame.onward("filters")
