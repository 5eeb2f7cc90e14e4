"""The training device, and an estimate of a run's time before it starts."""

import streamlit as st

from core.data import DatasetInfo
from core.training import cost
from core.training.experiment import Experiment
from core.ui.backend import client
from core.ui.display import numbers, timing
from core.ui.run_panels import device_picker, time_estimate
from core.ui.state.settings import Settings
from core.ui.views.cifar import run_titles

DEVICE = "ci_device"
DEFAULTS = {DEVICE: device_picker.AUTO}


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
    for found in time_estimate.ask([experiment], info, wanted(), "ci_estimate"):
        st.markdown(in_words(experiment, found.parts, found.images_per_second))


def in_words(experiment: Experiment, parts: cost.Parts, rate: float) -> str:
    """Return the total time of a run and its parts, and how they were obtained, in sentences."""
    budget = (
        f"Training time: your budget of {numbers.duration(experiment.time_budget)}. " if experiment.time_budget else ""
    )
    return (
        f"About **{numbers.duration(parts.whole)}** in total for {run_titles.length(experiment)}: "
        f"{timing.breakdown(parts)}. "
        f"{budget}Measured here for {time_estimate.PROBE_SECONDS:.0f}{numbers.SPACE}s: {numbers.rate(rate)} in "
        "training. Testing is estimated from that; preparing is a typical value. Time in the queue is not included."
    )
