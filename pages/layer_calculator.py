"""The layer calculator: one convolution by its letters, then a whole network as a table."""

import streamlit as st

from core.ui import shell
from core.ui.calculator import STYLE, backwards, network, one, sweeps, versus
from core.ui.settings import Settings

NOTICE, FORMULAS = 500, 480  # px: side by side where there is room, one below the other where not

shell.page("layer_calculator")
st.html(STYLE)
settings = Settings({**one.DEFAULTS, **backwards.DEFAULTS, **network.DEFAULTS})

size, picture, words = st.container(), st.container(), st.container(horizontal=True, gap="large")
st.header("And if it were fully connected?", anchor=False)
depth, filters = one.planes(settings)
with size:
    layer = one.pick(settings, depth, filters)
with picture:
    one.picture(layer)
with words:
    with st.container(width=NOTICE):
        shell.notice(*one.sentences(layer))
    with st.container(width=FORMULAS):
        st.markdown(one.LETTERS)
        with st.container(key="c_formula"):
            st.latex(layer.row.formula)
versus.show(layer)

curves, questions = st.tabs(
    ["F, S and P against the size", "Asked backwards"], key="c_tab", on_change="rerun", bind="query-params"
)
with curves:
    if curves.open:
        sweeps.show(layer)
with questions:
    if questions.open:
        backwards.show(settings, layer)

st.header("What does a whole network cost?", anchor=False)
network.show(settings)

shell.onward("layer_calculator")
