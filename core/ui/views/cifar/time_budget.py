"""What this device is, why it was chosen, and how long it would take, before anything is started."""

from dataclasses import replace

import streamlit as st

from core.data import DatasetInfo
from core.layers.validation import LayerError
from core.runs.inference_client import InferenceError
from core.training import cost
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client
from core.ui.display import numbers, timing
from core.ui.run_panels import device_picker
from core.ui.state.settings import Settings
from core.ui.views.cifar import run_titles

DEVICE = "ci_device"
DEFAULTS = {DEVICE: device_picker.AUTO}
PROBE_SECONDS = 1.0
WANTED = "ci_probe"  # in the session: what the time was asked for


def line(settings: Settings) -> None:
    """Which device trains, why, and its memory; the choice where there is more than one."""
    if client.runs().machine() is None:
        st.fragment(_looking, run_every=2.0)()
        return
    device_picker.pick(settings, DEVICE)
    st.caption(f":material/memory: {device_picker.sentence(client.runs().machine(), wanted())}")


def _looking() -> None:
    if client.runs().machine() is not None:
        st.rerun()
    st.caption(device_picker.sentence(None))


def wanted() -> str:
    """The device that runs are asked for on."""
    return device_picker.wanted(DEVICE)


def estimate(experiment: Experiment, info: DatasetInfo) -> None:
    """A button that measures for a second, and how long the run would take in all by that."""
    probed = probe_of(experiment)
    pressed = st.button(
        "Estimate the time here",
        icon=":material/timer:",
        key="ci_estimate",
        help="Trains it for one second on this device, counts the pictures, and adds the time of testing and preparing",
    )
    if pressed:
        st.session_state[WANTED] = probed.key
    if st.session_state.get(WANTED) != probed.key:
        return
    try:
        rate = _measured(probed.to_json(), wanted())
        parts = cost.planned_seconds(experiment, info, rate)
    except (InferenceError, LayerError) as error:
        messages.warning(f"It could not be measured. {error}")
        return
    st.markdown(in_words(experiment, parts, rate))


def in_words(experiment: Experiment, parts: cost.Parts, rate: float) -> str:
    """The whole seconds of a run and their parts, and which of them were measured."""
    set_by_you = "The time of training is what you give it. " if experiment.time_budget else ""
    return (
        f"About **{numbers.duration(parts.whole)}** in all for {run_titles.length(experiment)}: "
        f"{timing.breakdown(parts)}. "
        f"{set_by_you}Measured here for {PROBE_SECONDS:.0f}{numbers.SPACE}s: {numbers.rate(rate)} in training. Testing "
        "is estimated from that, preparing is what it usually takes; waiting in the queue comes on top."
    )


def probe_of(experiment: Experiment) -> Experiment:
    """The experiment with all that does not change its speed at one value, so that it is measured once."""
    return replace(
        experiment, epochs=1, learning_rate=1e-3, seed=0, low_res_fraction=0.0, schedule="constant", warmup=0.0
    )


@st.cache_data(max_entries=200, ttl=3600, show_spinner="Training it for a second")
def _measured(experiment: str, device: str) -> float:
    """Training pictures a second. Raises InferenceError."""
    return client.inference().images_per_second(Experiment.from_json(experiment), PROBE_SECONDS, device)
