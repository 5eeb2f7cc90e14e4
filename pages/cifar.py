"""Train a network on CIFAR-10 live, and analyze the result."""

from functools import partial

import streamlit as st

from core.runs.run import StoreUnavailable
from core.ui import messages
from core.ui.backend import client, run_requests
from core.ui.layout import page_frame
from core.ui.run_panels import machine_status, own_data, settings_file
from core.ui.state.settings import Settings
from core.ui.views.cifar import (
    STYLE,
    after_training,
    gradcam,
    live,
    loaded_settings,
    network_picker,
    run_controls,
    time_budget,
    training_settings,
)

page_frame.page("cifar")
st.html(STYLE)
machine_status.data_note("cifar10")

info = own_data.pick("ci_data", client.cifar10(), training_settings.fit_data)
base = training_settings.pick_aim(info)
settings = Settings({**training_settings.defaults(base), **time_budget.DEFAULTS, **live.DEFAULTS, **gradcam.DEFAULTS})

left, right = st.columns([1, 2], gap="large")
with left, st.container(border=True, key="card_ci"):
    chosen = network_picker.pick(settings, partial(training_settings.fit_network, info))
    if chosen is not None:
        planned = settings_file.current("ci", training_settings.pick(settings, base, chosen.layers, info))
        time_budget.estimate(planned, info)
with left:
    settings_file.show("ci", partial(loaded_settings.set_controls, info))
    own_data.how_to_bring(client.cifar10())

if chosen is not None:
    try:
        run_requests.warm_up([planned])
        with right:
            time_budget.device_line(settings)
            now = run_controls.current(planned)
            earlier = run_controls.EARLIER_RUNS.load([now.key])
            frames = live.panel(settings, now, earlier, info)
            run_controls.EARLIER_RUNS.show(earlier)
        after_training.show(settings, now, frames, earlier, info)
    except StoreUnavailable as error:
        messages.error(error)

page_frame.onward("cifar")
