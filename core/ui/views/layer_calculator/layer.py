"""One layer: its letters, its picture, its numbers, and the questions that can be asked of it.

Two fragments: a slider moves the first alone, and the second follows once it is at rest.
"""

import streamlit as st

from core.ui.components import on_rest
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.layer_calculator import convolution, dense_comparison, inverse, size_curves
from core.ui.views.layer_calculator.convolution import One
from core.ui.widgets import tabs

DEFAULTS = {**convolution.DEFAULTS, **inverse.DEFAULTS}
NAME = "c_one"
NOTICE, FORMULAS = 500, 480  # px: side by side where there is room, one below the other where not


@st.fragment
def show(settings: Settings) -> None:
    """The sliders, the formulas and the inspector: all that a move of a slider draws at once."""
    letters, picture, words = st.container(), st.container(), st.container(horizontal=True, gap="large")
    st.header("And if it were fully connected?", anchor=False)
    with words:
        notice, formulas = st.container(width=NOTICE), st.container(width=FORMULAS, key="c_formula").empty()
    foreseen = convolution.foreseen()
    if foreseen:  # the numbers are on their way while the sliders are drawn again, which takes the browser longer
        formulas.latex(foreseen.row.formula)
    with letters:
        layer = convolution.pick(settings)
    if layer != foreseen:
        formulas.latex(layer.row.formula)
    with notice:
        page_frame.notice(*convolution.sentences(layer))
    with picture:
        convolution.picture(layer)
    st.session_state[NAME] = layer
    on_rest.moved(NAME, layer)


@st.fragment
def learn(settings: Settings) -> None:
    """The fully connected layer beside it, and the questions that can be asked of it, once it is at rest."""
    on_rest.follow(NAME)
    layer: One = st.session_state[NAME]
    dense_comparison.show(layer)
    tabs.show(
        "c_tab",
        {
            "F, S and P against the size": lambda: size_curves.show(layer),
            "Asked backwards": lambda: inverse.show(settings, layer),
        },
        names=("size_curves", "inverse"),
    )
