"""Augmentation: one picture becomes many, by steps that a person chooses; what that does, costs and breaks."""

import streamlit as st

from core.runs.inference import InferenceError
from core.ui import messages
from core.ui.augmenting import (
    asked,
    averaging,
    costing,
    drawing,
    editing,
    histograms,
    labels,
    noticing,
    subject,
    sweeping,
    taking,
)
from core.ui.backend import client
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.widgets import tabs

page_frame.page("augmentation")
st.html(drawing.STYLE)
client.inference().warm()

settings = Settings({**subject.DEFAULTS, **drawing.DEFAULTS})
left, right = st.columns([11, 5], gap="medium", vertical_alignment="bottom")
with left:
    picked = subject.pick(settings)
with right:
    seed = drawing.seed(settings)
left, right = st.columns([11, 5], gap="medium")
with right:
    place = st.container()
    pipeline = editing.pick()
try:
    with place:
        drawing.before(picked, mixed=pipeline.mixing is not None)
    with left:
        drawn = drawing.grid(pipeline, picked, seed)
        taking.train_link(pipeline)
    labels.warn(pipeline, picked)
    page_frame.notice(*noticing.sentences(pipeline, picked, drawn))

    tabs.show(
        "a_tab",
        {
            "On average": lambda: averaging.show(asked.average(pipeline, picked, seed), picked),
            "One setting": lambda: sweeping.show(pipeline, picked, seed),
            "What was drawn": lambda: histograms.show(asked.average(pipeline, picked, seed), pipeline),
            "What it costs": lambda: costing.show(pipeline, picked),
            "Take it away": lambda: taking.show(pipeline, picked),
        },
    )
except InferenceError as error:
    messages.error(error)

page_frame.onward("augmentation")
