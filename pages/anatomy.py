"""Anatomy of a full CNN: a picture goes through a trained network, and every plane of every layer can be looked at."""

import streamlit as st

from core.data import DataError
from core.insight.networks import NetworkError
from core.runs.inference import InferenceError
from core.ui import messages
from core.ui.anatomy import (
    STYLE,
    answering,
    choosing,
    exciting,
    filters,
    findings,
    looking,
    passing,
    solid,
    subject,
    twins,
)
from core.ui.backend import client
from core.ui.layout import page_frame
from core.ui.run_panels import machine_status
from core.ui.state.settings import Settings
from core.ui.widgets import tabs

page_frame.page("anatomy")
st.html(STYLE)
client.inference().warm()

settings = Settings({**subject.DEFAULTS, **choosing.DEFAULTS, **passing.DEFAULTS, **looking.DEFAULTS})
try:
    left, middle, right = st.columns([4, 4, 4], gap="medium")
    with left:
        network = subject.pick(settings)
        seed, scale = passing.pick(settings)
    with middle:
        shown = choosing.pick(settings, network)
    machine_status.data_line(network.experiment.data)
    passed = passing.go(network, shown, seed, scale)
    with right:
        answering.bars(passed)
    looking.show(settings, passed)
    layer = looking.layer(passed)
    plane = looking.plane(passed, layer)
    page_frame.notice(*findings.sentences(passed, layer))

    tabs.show(
        "n_tab",
        {
            "In space": lambda: solid.show(passed),
            "The filters": lambda: filters.show(passed, layer, plane),
            "What excites it most": lambda: exciting.show(passed, layer, plane),
            "Against random weights": lambda: twins.show(settings, passed, layer),
            "The answer": lambda: answering.steps(passed),
        },
    )
except (DataError, InferenceError, NetworkError) as error:
    messages.error(error)

page_frame.onward("anatomy")
