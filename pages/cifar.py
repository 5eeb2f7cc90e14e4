"""Train a network on CIFAR-10 live, and analyze the result."""

from functools import partial

import streamlit as st

from core.runs.run import StoreUnavailable
from core.ui.backend import client, run_requests
from core.ui.layout import page_frame
from core.ui.run_panels import device_picker, machine_status, own_data, settings_file
from core.ui.state import link_to_cifar
from core.ui.state.settings import Settings
from core.ui.views.cifar import (
    STYLE,
    current_run,
    gradcam,
    loaded_settings,
    network_picker,
    run_controls,
    sections,
    time_budget,
    training,
    training_settings,
)

page_frame.page("cifar", STYLE)
places = training_settings.row()
with places.pictures:
    info = own_data.pick("ci_data", client.cifar10(), training_settings.fit_data)
    own_data.how_to_bring(client.cifar10())
set_controls = partial(loaded_settings.set_controls, info)
settings_file.from_run("ci", set_controls)
with places.main:
    base = training_settings.pick_aim(info)
settings = Settings(
    {**training_settings.defaults(base), **time_budget.DEFAULTS, **training.DEFAULTS, **gradcam.DEFAULTS}
)
with places.network:
    chosen = network_picker.pick(settings, partial(training_settings.fit_network, info))
stage = page_frame.stage(288)
below = st.container()

if chosen is not None:
    planned = settings_file.current("ci", training_settings.pick(settings, base, chosen.layers, info, places))
    with places.more:
        device_picker.pick(settings, time_budget.DEVICE)
    try:
        run_requests.warm_up([planned])
        now = run_controls.current(planned)
        with places.beside:
            time_budget.beside(now, info, at_once=chosen.name != link_to_cifar.OWN)
        with places.button:
            run_controls.main_button(now)
        earlier = run_controls.EARLIER_RUNS.load([now])
        with below:
            frames, group = current_run.panel(settings, now, earlier, info, stage)
            machine_status.data_note("cifar10")
        training.keep_axes(settings)
        charts = partial(training.show, settings, now, earlier, info, group, set_controls)
        sections.show(charts, settings, now, frames, earlier, info)
    except StoreUnavailable as error:
        page_frame.unavailable(error)

page_frame.onward("cifar")
