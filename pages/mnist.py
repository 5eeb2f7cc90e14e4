"""Compare an MLP and a CNN on MNIST: configure both, train them side by side, and try them."""

from functools import partial

import streamlit as st

from core.runs.run import StoreUnavailable
from core.ui.backend import client, run_requests
from core.ui.layout import page_frame
from core.ui.run_panels import machine_status, own_data, runs_by_name, settings_file
from core.ui.state import link_to_mnist
from core.ui.state.settings import Settings
from core.ui.views.mnist import (
    comparison,
    loaded_settings,
    networks,
    scenarios,
    sections,
    training_settings,
)

page_frame.page("mnist")
places = training_settings.row()
with places.data:
    digits = own_data.pick("m_data", client.mnist(), training_settings.fit_data)
    own_data.how_to_bring(client.mnist())
settings = Settings({**networks.DEFAULTS, **training_settings.defaults(digits), **comparison.COMPARISON.defaults})
set_controls = partial(loaded_settings.set_controls, settings, digits)
settings_file.from_run("m", set_controls)
shared = training_settings.pick(settings, digits, places)
with page_frame.stage(446):
    chosen, cards = networks.pick(settings, shared, places.networks)
told = page_frame.room("told", page_frame.NOTICE)
scenarios.pick(settings)
machine_status.data_note()

try:
    run_requests.warm_up([contender.experiment for contender in chosen])
    with places.button:
        own = link_to_mnist.FROM_CALCULATOR not in {st.session_state.get(slot) for slot in cards}
        comparison.COMPARISON.estimate(chosen, digits, shared.device, at_once=own)
        comparison.COMPARISON.train_button(chosen, shared.device)
    earlier = comparison.EARLIER_RUNS.load([contender.experiment for contender in chosen])
    frames, group = comparison.COMPARISON.show(settings, chosen, earlier, cards, digits, told)
    sections.show(
        partial(comparison.COMPARISON.training, settings, chosen, earlier, group, set_controls),
        runs_by_name.finished(chosen, earlier, frames),
        chosen,
        runs_by_name.runs(chosen, earlier, frames),
    )
except StoreUnavailable as error:
    page_frame.unavailable(error)

page_frame.onward("mnist")
