"""From filters to a layer: each filter makes one plane, and the planes are stacked into depth."""

import streamlit as st

from core.ui import shell
from core.ui.layering import STYLE, choosing, connecting, counting, drawing, learned
from core.ui.settings import Settings

shell.page("filters")
st.html(STYLE)

settings = Settings({**choosing.DEFAULTS, **connecting.DEFAULTS})
layer = choosing.pick(settings)
if layer is None:
    st.stop()
selected = drawing.show(layer)
shell.notice(*drawing.sentences(layer, selected))

count_tab, learned_tab, connect_tab = st.tabs(
    ["Shapes and parameters", "Filters that were learned", "Locally or fully connected"],
    key="l_tab",
    on_change="rerun",
    bind="query-params",
)
with count_tab:
    if count_tab.open:
        counting.show(layer)
with learned_tab:
    if learned_tab.open:
        learned.show(layer.colored, layer.alt)
with connect_tab:
    if connect_tab.open:
        connecting.show(settings, layer.picture, layer.alt, *layer.flat(selected))

shell.onward("filters")
