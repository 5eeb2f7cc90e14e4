"""What this device is, why it was chosen, and how long it would take, before anything is started."""

from dataclasses import replace

import streamlit as st

from core.runs.inference import InferenceError
from core.training.experiment import Experiment
from core.ui import devices, messages, numbers, services
from core.ui.cifar import naming
from core.ui.settings import Settings

DEVICE = "ci_device"
DEFAULTS = {DEVICE: devices.AUTO}
PROBE_SECONDS = 1.0
WANTED = "ci_probe"  # in the session: what the time was asked for


def line(settings: Settings) -> None:
    """Which device trains, why, and its memory; the choice where there is more than one."""
    if services.runs().machine() is None:
        st.fragment(_looking, run_every=2.0)()
        return
    devices.pick(settings, DEVICE)
    st.caption(f":material/memory: {devices.sentence(services.runs().machine(), wanted())}")


def _looking() -> None:
    if services.runs().machine() is not None:
        st.rerun()
    st.caption(devices.sentence(None))


def wanted() -> str:
    """The device that runs are asked for on."""
    return devices.wanted(DEVICE)


def estimate(experiment: Experiment) -> None:
    """A button that measures for a second, and how long the run would take by that."""
    probed = probe_of(experiment)
    if experiment.time_budget:
        st.caption(f"Its time is what you give it: {naming.length(experiment)} of training.")
        return
    pressed = st.button(
        "Estimate the time here", icon=":material/timer:", key="ci_estimate",
        help="Trains it for one second on this device and counts the pictures",
    )  # fmt: skip
    if pressed:
        st.session_state[WANTED] = probed.key
    if st.session_state.get(WANTED) != probed.key:
        return
    try:
        rate = _measured(probed.to_json(), wanted())
    except InferenceError as error:
        messages.warning(f"It could not be measured. {error}")
        return
    seconds = experiment.train_images * experiment.epochs / rate
    st.markdown(
        f"About **{numbers.duration(seconds)}** of training for {naming.length(experiment)}: {numbers.rate(rate)}, "
        f"measured here for {PROBE_SECONDS:.0f}{numbers.SPACE}s."
    )


def probe_of(experiment: Experiment) -> Experiment:
    """The experiment with all that does not change its speed at one value, so that it is measured once."""
    return replace(experiment, epochs=1, learning_rate=1e-3, seed=0, small_first=0.0, schedule="constant", warmup=0.0)


@st.cache_data(max_entries=200, ttl=3600, show_spinner="Training it for a second")
def _measured(experiment: str, device: str) -> float:
    """Training pictures a second. Raises InferenceError."""
    return services.inference().images_per_second(Experiment.from_json(experiment), PROBE_SECONDS, device)
