"""A single layer: the component in which it is set, and the tools below."""

import streamlit as st

from core.ui.components.one_layer import one_layer
from core.ui.layout import page_frame
from core.ui.state import query
from core.ui.state.settings import Settings
from core.ui.views.layer_calculator import dense_comparison, inverse, size_curves
from core.ui.views.layer_calculator.convolution import ConvolutionSettings
from core.ui.widgets import tabs

TABS = ("dense", "inverse", "size_curves")


@st.fragment  # once the sliders rest
def show(settings: Settings) -> None:
    """Draw the layer with its sliders, formula and cost, and the tools."""
    with page_frame.stage(619):
        layer = ConvolutionSettings.of(one_layer())
    _note_facts(layer)
    tabs.show(
        "c_tab",
        {
            "Compared with a fully connected layer": lambda: dense_comparison.show(layer),
            "Inverse questions": lambda: inverse.show(settings, layer),
            "Output size over F, S and P": lambda: size_curves.show(layer),
        },
        names=TABS,
    )


def _note_facts(layer: ConvolutionSettings) -> None:
    row = layer.row
    depth, _, width = row.output_shape
    facts = {"input_width": layer.width, "window": layer.kernel, "output_width": width, "output_depth": depth}
    for name, value in (facts | {"parameters": row.parameters, "multiplications": row.macs}).items():
        query.note_fact(name, value)
