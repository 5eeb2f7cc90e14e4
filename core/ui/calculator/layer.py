"""One layer: its letters, its picture, its numbers, and the questions that can be asked of it.

A fragment: a slider moves only this part of the page, and its new numbers come sooner.
"""

import streamlit as st

from core.ui import shell
from core.ui.calculator import backwards, one, sweeps, versus
from core.ui.settings import Settings

DEFAULTS = {**one.DEFAULTS, **backwards.DEFAULTS}
NOTICE, FORMULAS = 500, 480  # px: side by side where there is room, one below the other where not


@st.fragment
def show(settings: Settings) -> None:
    """The sliders and the inspector, formulas, the fully connected layer beside it, and the tools below."""
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
