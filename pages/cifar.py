"""CIFAR-10, trained live: a network and a recipe against the clock, and what came of it."""

from functools import partial

import streamlit as st

from core.runs.run import StoreUnavailable
from core.ui import messages
from core.ui.backend import client, run_requests
from core.ui.cifar import STYLE, after, choosing, controls, device, live, looking, recipe
from core.ui.cifar import settings as loading
from core.ui.layout import page_frame
from core.ui.run_panels import machine_status, settings_file
from core.ui.state.settings import Settings

page_frame.page("cifar")
st.html(STYLE)
machine_status.data_note("cifar10")

info = client.cifar10()
base = recipe.pick_aim(info)
settings = Settings({**recipe.defaults(base), **device.DEFAULTS, **live.DEFAULTS, **looking.DEFAULTS})

left, right = st.columns([1, 2], gap="large")
with left, st.container(border=True, key="card_ci"):
    chosen = choosing.pick(settings, partial(recipe.fit_network, info))
    if chosen is not None:
        planned = settings_file.current("ci", recipe.pick(settings, base, chosen.layers, info))
        device.estimate(planned, info)
with left:
    settings_file.show("ci", partial(loading.put, info))

if chosen is not None:
    try:
        run_requests.foresee([planned])
        with right:
            device.line(settings)
            now = controls.current(planned)
            earlier = controls.KEPT.earlier([now.key])
            frames = live.panel(settings, now, earlier, info)
            controls.KEPT.chips(earlier)
        after.show(settings, now, frames, earlier, info)
    except StoreUnavailable as error:
        messages.error(error)

page_frame.onward("cifar")
