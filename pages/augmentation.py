"""Augmentation: one picture becomes many, by steps that a person chooses; what that does, costs and breaks."""

import streamlit as st

from core.runs.inference import InferenceError
from core.ui import services, shell
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
from core.ui.settings import Settings

shell.page("augmentation")
st.html(drawing.STYLE)
services.inference().warm()

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
    shell.notice(*noticing.sentences(pipeline, picked, drawn))

    mean, sweep, numbers, cost, take = st.tabs(
        ["On average", "One setting", "What was drawn", "What it costs", "Take it away"],
        key="a_tab",
        on_change="rerun",
        bind="query-params",
    )
    if mean.open:
        with mean:
            averaging.show(asked.average(pipeline, picked, seed), picked)
    if sweep.open:
        with sweep:
            sweeping.show(pipeline, picked, seed)
    if numbers.open:
        with numbers:
            histograms.show(asked.average(pipeline, picked, seed), pipeline)
    if cost.open:
        with cost:
            costing.show(pipeline, picked)
    if take.open:
        with take:
            taking.show(pipeline, picked)
except InferenceError as error:
    st.error(str(error), icon=":material/error:")

shell.onward("augmentation")
