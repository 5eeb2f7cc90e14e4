"""Augmentation: one picture becomes many, by steps that a person chooses; what that does, costs and breaks."""

import streamlit as st

from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.backend import client
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.augmentation import (
    average,
    cost,
    draws,
    editor,
    export,
    histograms,
    label_traps,
    notices,
    picture,
    queries,
    sweep,
)
from core.ui.widgets import tabs

page_frame.page("augmentation")
st.html(draws.STYLE)
client.inference().warm()

settings = Settings({**picture.DEFAULTS, **draws.DEFAULTS})
left, right = st.columns([11, 5], gap="medium", vertical_alignment="bottom")
with left:
    picked = picture.pick(settings)
with right:
    seed = draws.seed(settings)
left, right = st.columns([11, 5], gap="medium")
with right:
    place = st.container()
    pipeline = editor.pick()
try:
    with place:
        draws.before(picked, mixed=pipeline.mixing is not None)
    with left:
        drawn = draws.grid(pipeline, picked, seed)
        export.train_link(pipeline)
    label_traps.warn(pipeline, picked)
    page_frame.notice(*notices.sentences(pipeline, picked, drawn))

    tabs.show(
        "a_tab",
        {
            "On average": lambda: average.show(queries.average(pipeline, picked, seed), picked),
            "One setting": lambda: sweep.show(pipeline, picked, seed),
            "What was drawn": lambda: histograms.show(queries.average(pipeline, picked, seed), pipeline),
            "What it costs": lambda: cost.show(pipeline, picked),
            "Take it away": lambda: export.show(pipeline, picked),
        },
        names=("average", "sweep", "draws", "cost", "export"),
    )
except InferenceError as error:
    messages.error(error)

page_frame.onward("augmentation")
