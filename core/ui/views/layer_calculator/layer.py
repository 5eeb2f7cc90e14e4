"""A single layer: its settings, inspector and numbers, and the tools below.

There are two fragments: a slider reruns the first, and the second is updated once the slider is at rest.
"""

import streamlit as st

from core.ui.components import on_rest
from core.ui.display.formulas import spaced
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.layer_calculator import convolution, dense_comparison, inverse, size_curves
from core.ui.views.layer_calculator.convolution import ConvolutionSettings
from core.ui.widgets import tabs

DEFAULTS = {**convolution.DEFAULTS, **inverse.DEFAULTS}
STATE_KEY = "c_one"
NOTICE_WIDTH, FORMULAS_WIDTH = 500, 480  # px: side by side if there is room


@st.fragment
def show(settings: Settings) -> None:
    """Draw the sliders, the formulas and the inspector: all that a slider updates immediately."""
    controls, picture, texts = st.container(), st.container(), st.container(horizontal=True, gap="large")
    st.header("Compared with a fully connected layer", anchor=False)
    with texts:
        notice, formulas = st.container(width=NOTICE_WIDTH), st.container(width=FORMULAS_WIDTH, key="c_formula").empty()
    early = convolution.from_session()
    if early:  # drawn before the sliders, which take the browser longer
        formulas.latex(spaced(early.row.formula))
    with controls:
        layer = convolution.pick(settings)
    if layer != early:
        formulas.latex(spaced(layer.row.formula))
    with notice:
        page_frame.notice(*convolution.sentences(layer))
    with picture:
        convolution.picture(layer)
    st.session_state[STATE_KEY] = layer
    on_rest.moved(STATE_KEY, layer)


@st.fragment
def explore(settings: Settings) -> None:
    """Draw the comparison with a fully connected layer and the tools, once the sliders are at rest."""
    on_rest.follow(STATE_KEY)
    layer: ConvolutionSettings = st.session_state[STATE_KEY]
    dense_comparison.show(layer)
    tabs.show(
        "c_tab",
        {
            "Output size over F, S and P": lambda: size_curves.show(layer),
            "Inverse questions": lambda: inverse.show(settings, layer),
        },
        names=("size_curves", "inverse"),
    )
