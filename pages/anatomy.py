"""Anatomy of a CNN: send a picture through a trained network and inspect every plane of every layer."""

import streamlit as st

from core.data import DataError
from core.insight.pretrained import NetworkError
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.backend import client
from core.ui.layout import page_frame
from core.ui.run_panels import machine_status
from core.ui.state.settings import Settings
from core.ui.views.anatomy import (
    STYLE,
    filters,
    forward_pass,
    gradcam,
    network_3d,
    network_picker,
    network_stage,
    own_network,
    picture_picker,
    prediction,
    random_weights,
    top_activations,
    what_to_notice,
)
from core.ui.widgets import tabs

page_frame.page("anatomy", STYLE)
client.inference().warm_up()

SETTINGS = Settings(
    {
        **network_picker.DEFAULTS,
        **picture_picker.DEFAULTS,
        **forward_pass.DEFAULTS,
        **network_stage.DEFAULTS,
        **gradcam.DEFAULTS,
    }
)


def show() -> None:
    """Draw the page. Raises DataError, InferenceError and NetworkError."""
    controls = page_frame.controls()
    with controls:
        pictures = st.container(horizontal=True, vertical_alignment="bottom", width="content")
        with st.popover("Settings", icon=":material/tune:", help="The network, its weights and the colors"):
            network = network_picker.pick(SETTINGS)
            weights = forward_pass.pick(SETTINGS) if network else None
    if network is None or weights is None:
        with page_frame.stage():
            messages.info(own_network.MISSING)
        return
    with pictures:
        picture = picture_picker.pick(SETTINGS, network)
    stage = page_frame.stage(700)
    with stage:
        forward = forward_pass.run_forward(network, picture, *weights)
    layer = network_stage.layer(forward)
    plane = network_stage.plane(forward, layer)
    with controls:
        first = network_stage.pick_page(SETTINGS, forward, layer)
    sentence, *more = what_to_notice.sentences(forward, layer)
    with stage:
        network_stage.show(forward, layer, plane, first, what_to_notice.plain(sentence))
    st.caption(" ".join(more))
    machine_status.data_line(network.experiment.data)

    tabs.show(
        "n_tab",
        {
            "Filters": lambda: filters.show(forward, layer, plane),
            "Top activations": lambda: top_activations.show(forward, layer, plane),
            "Random weights": lambda: random_weights.show(SETTINGS, forward, layer),
            "Prediction": lambda: prediction.steps(forward),
            "Grad-CAM": lambda: gradcam.show(SETTINGS, forward, layer),
            "In 3D": lambda: network_3d.show(forward),
        },
        names=("filters", "top", "random", "prediction", "attention", "3d"),
    )


try:
    show()
except (DataError, InferenceError, NetworkError) as error:
    messages.error(error)

page_frame.onward("anatomy")
