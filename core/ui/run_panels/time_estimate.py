"""An estimate of runs' time before they start, from a second of training on this machine."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from core.data import DatasetInfo
from core.layers.validation import LayerError
from core.runs.inference_client import InferenceError
from core.training import cost
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client

PROBE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimated time of one run."""

    parts: cost.Parts
    images_per_second: float  # as measured, in training


def ask(
    experiments: Sequence[Experiment], info: DatasetInfo, device: str, key: str, *, at_once: bool = False
) -> list[Estimate]:
    """Draw a button that measures the speed for a second, and return the estimates once it was pressed.

    Args:
        experiments: The runs.
        info: The data that they will be trained on.
        device: Where they will be trained.
        key: Of the button.
        at_once: Measure without a button.

    Returns:
        An estimate for each run; none before the button is pressed, or if the speed cannot be measured.
    """
    probes = [probe_of(experiment) for experiment in experiments]
    asked, now = f"{key}_probe", " ".join(probe.key for probe in probes)  # session key, and what was asked for
    if not at_once:
        pressed = st.button(
            "Estimate the time here",
            icon=":material/timer:",
            key=key,
            help="Trains for one second on this device to measure the speed, and adds the time for preparing and "
            "testing",
        )
        if pressed:
            st.session_state[asked] = now
        if st.session_state.get(asked) != now:
            return []
    estimates = []
    try:
        with st.spinner("Training for a second"):
            for experiment, probe in zip(experiments, probes, strict=True):
                rate = _measured(probe.to_json(), device)
                estimates.append(Estimate(cost.planned_seconds(experiment, info, rate), rate))
    except (InferenceError, LayerError) as error:
        messages.warning(f"The speed could not be measured. {error}")
        return []
    return estimates


def probe_of(experiment: Experiment) -> Experiment:
    """Return the experiment with fixed values for settings that do not affect its speed (one probe for all)."""
    return replace(
        experiment, epochs=1, learning_rate=1e-3, seed=0, low_res_fraction=0.0, schedule="constant", warmup=0.0
    )


@st.cache_data(max_entries=200, ttl=3600, show_spinner=False)
def _measured(experiment: str, device: str) -> float:
    """Return the training speed in pictures per second.

    Raises:
        InferenceError: If the network cannot be trained.
    """
    return client.inference().images_per_second(Experiment.from_json(experiment), PROBE_SECONDS, device)
