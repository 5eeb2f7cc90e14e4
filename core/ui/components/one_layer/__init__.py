"""One convolution as a browser component: sliders, its windows on a picture, its output, and the formula of its size.

A slider moves the picture in the browser (components v2: plain JavaScript, canvas and SVG), with the arithmetic of
`core.layers.calculator`. Python receives the settings once they are at rest, and writes them into the URL.
"""

from pathlib import Path

import streamlit as st

from core.ui.components.kit import assets
from core.ui.components.kit.linked_state import LinkedComponent
from core.ui.components.one_layer.state import (
    FIELDS,
    MAX_DILATION,
    MAX_PLANES,
    MAX_STRIDE,
    MAX_WINDOW,
    WIDTHS,
    OneLayerState,
)

LIMITS = {
    "width": WIDTHS,
    "window": MAX_WINDOW,
    "stride": MAX_STRIDE,
    "dilation": MAX_DILATION,
    "planes": MAX_PLANES,
}
_LINKED = LinkedComponent("c_layer_component", OneLayerState, FIELDS)


def one_layer() -> OneLayerState:
    """Draw the layer and return its settings; the URL holds them under their names in OneLayerState."""
    return _LINKED.show(_mount, {"limits": LIMITS})


ASSETS = assets(
    Path(__file__).parent, script="one_layer", styles="one_layer", panel=True, number=True, notes=True, switch=True
)
_mount = st.components.v2.component("cnn_lab.one_layer", css=ASSETS.css, js=ASSETS.js)
