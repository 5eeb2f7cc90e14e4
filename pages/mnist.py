"""Compare an MLP and a CNN on MNIST: configure both, train them side by side, and try them."""

from functools import partial

import streamlit as st

from core.runs.run import StoreUnavailable
from core.ui import messages
from core.ui.backend import client, run_requests
from core.ui.layout import page_frame
from core.ui.run_panels import finished, machine_status, own_data, settings_file
from core.ui.state import mnist_link
from core.ui.state.settings import Settings
from core.ui.views.mnist import (
    live,
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
settings = Settings({**networks.DEFAULTS, **training_settings.defaults(digits), **live.COMPARISON.defaults})
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
        own = mnist_link.FROM_CALCULATOR not in {st.session_state.get(slot) for slot in cards}
        live.COMPARISON.estimate(chosen, digits, shared.device, at_once=own)
        live.COMPARISON.train_button(chosen, shared.device)
    earlier = live.EARLIER_RUNS.load([contender.experiment for contender in chosen])
    frames, group = live.COMPARISON.show(settings, chosen, earlier, cards, digits, told)
    sections.show(
        partial(live.COMPARISON.training, settings, chosen, earlier, group, set_controls),
        finished.finished(chosen, earlier, frames),
        chosen,
        finished.runs(chosen, earlier, frames),
    )
except StoreUnavailable as error:
    messages.error(error)

page_frame.onward("mnist")
