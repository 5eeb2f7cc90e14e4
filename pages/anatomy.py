"""Anatomy of a full CNN: a picture goes through a trained network, and every plane of every layer can be looked at."""

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
    layer_view,
    network_3d,
    network_picker,
    notices,
    picture_picker,
    prediction,
    random_weights,
    top_activations,
)
from core.ui.widgets import tabs

page_frame.page("anatomy")
st.html(STYLE)
client.inference().warm()

settings = Settings(
    {**network_picker.DEFAULTS, **picture_picker.DEFAULTS, **forward_pass.DEFAULTS, **layer_view.DEFAULTS}
)
try:
    left, middle, right = st.columns([4, 4, 4], gap="medium")
    with left:
        network = network_picker.pick(settings)
        seed, scale = forward_pass.pick(settings)
    with middle:
        shown = picture_picker.pick(settings, network)
    machine_status.data_line(network.experiment.data)
    passed = forward_pass.go(network, shown, seed, scale)
    with right:
        prediction.bars(passed)
    layer_view.show(settings, passed)
    layer = layer_view.layer(passed)
    plane = layer_view.plane(passed, layer)
    page_frame.notice(*notices.sentences(passed, layer))

    tabs.show(
        "n_tab",
        {
            "In space": lambda: network_3d.show(passed),
            "The filters": lambda: filters.show(passed, layer, plane),
            "What excites it most": lambda: top_activations.show(passed, layer, plane),
            "Against random weights": lambda: random_weights.show(settings, passed, layer),
            "The answer": lambda: prediction.steps(passed),
        },
        names=("3d", "filters", "top", "random", "prediction"),
    )
except (DataError, InferenceError, NetworkError) as error:
    messages.error(error)

page_frame.onward("anatomy")
