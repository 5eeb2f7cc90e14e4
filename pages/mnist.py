"""Compare an MLP and a CNN on MNIST: configure both, train them side by side, and try them."""

from functools import partial

import streamlit as st

from core.runs.run import StoreUnavailable
from core.ui import messages
from core.ui.backend import client, run_requests
from core.ui.layout import page_frame
from core.ui.run_panels import comparison_table, finished, machine_status, own_data, settings_file
from core.ui.state.settings import Settings
from core.ui.views.mnist import after_training, live, loaded_settings, networks, scenarios, training_settings

page_frame.page("mnist")
machine_status.data_note()

digits = own_data.pick("m_data", client.mnist(), training_settings.fit_data)
settings = Settings({**networks.DEFAULTS, **training_settings.defaults(digits), **live.COMPARISON.defaults})
scenarios.pick(settings)

left, right = st.columns([2, 3], gap="medium")
with right:
    shared, button = training_settings.pick(settings, digits)
with left:
    chosen = networks.pick(settings, shared)
    settings_file.show("m", partial(loaded_settings.set_controls, settings, digits))
    own_data.how_to_bring(client.mnist())

try:
    run_requests.warm_up([contender.experiment for contender in chosen])
    with button:
        live.COMPARISON.train_button(chosen, shared.device)
    earlier = live.EARLIER_RUNS.load([contender.experiment.key for contender in chosen])
    with right:
        frames = live.COMPARISON.panel(settings, chosen, earlier)
        live.EARLIER_RUNS.show(earlier)
    comparison_table.show(finished.runs(chosen, earlier, frames))
    after_training.show(finished.finished(chosen, earlier, frames), chosen)
except StoreUnavailable as error:
    messages.error(error)

page_frame.onward("mnist")
