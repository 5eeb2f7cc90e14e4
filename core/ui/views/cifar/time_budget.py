"""The training device, and an estimate of a run's time before it starts."""

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
ESTIMATED = "ci_probe"  # session key: the experiment whose time was estimated


def device_line(settings: Settings) -> None:
    """Draw the training device, its memory and why it was chosen; with a control if there are several devices."""
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
    """Return the device on which runs are requested."""
    return device_picker.wanted(DEVICE)


def estimate(experiment: Experiment, info: DatasetInfo) -> None:
    """Draw a button that measures the speed for a second, and the estimated total time of the run."""
    probed = probe_of(experiment)
    pressed = st.button(
        "Estimate the time here",
        icon=":material/timer:",
        key="ci_estimate",
        help="Trains for one second on this device to measure the speed, and adds the time for preparing and testing",
    )
    if pressed:
        st.session_state[ESTIMATED] = probed.key
    if st.session_state.get(ESTIMATED) != probed.key:
        return
    try:
        rate = _measured(probed.to_json(), wanted())
        parts = cost.planned_seconds(experiment, info, rate)
    except (InferenceError, LayerError) as error:
        messages.warning(f"The speed could not be measured. {error}")
        return
    st.markdown(in_words(experiment, parts, rate))


def in_words(experiment: Experiment, parts: cost.Parts, rate: float) -> str:
    """Return the total time of a run and its parts, and how they were obtained, in sentences."""
    budget = (
        f"Training time: your budget of {numbers.duration(experiment.time_budget)}. " if experiment.time_budget else ""
    )
    return (
        f"About **{numbers.duration(parts.whole)}** in total for {run_titles.length(experiment)}: "
        f"{timing.breakdown(parts)}. "
        f"{budget}Measured here for {PROBE_SECONDS:.0f}{numbers.SPACE}s: {numbers.rate(rate)} in training. Testing "
        "is estimated from that; preparing is a typical value. Time in the queue is not included."
    )


def probe_of(experiment: Experiment) -> Experiment:
    """Return the experiment with fixed values for settings that do not affect its speed (one probe for all)."""
    return replace(
        experiment, epochs=1, learning_rate=1e-3, seed=0, low_res_fraction=0.0, schedule="constant", warmup=0.0
    )


@st.cache_data(max_entries=200, ttl=3600, show_spinner="Training for a second")
def _measured(experiment: str, device: str) -> float:
    """Return the training speed in pictures per second.

    Raises:
        InferenceError: If the network cannot be trained.
    """
    return client.inference().images_per_second(Experiment.from_json(experiment), PROBE_SECONDS, device)
