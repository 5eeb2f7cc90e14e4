"""Submit and cancel runs for the current user; show errors in the page."""

from collections.abc import Sequence

import streamlit as st

from core.data import DataError
from core.layers import builders
from core.runs.run import NotAllowed, QueueFull, Run, StoreUnavailable
from core.training.experiment import Experiment, ExperimentError
from core.training.presets import PRESETS
from core.ui import messages
from core.ui.backend import client, identity

# The networks that the training pages open with, and those of the presets.
OWN_NETWORKS = {
    builders.mlp((128, 128)),
    builders.cnn(blocks=2, filters=16, kernel=3, dense=64),
    *(preset.experiment.layers for preset in PRESETS.values()),
}
OWN_PIPELINES = [preset.experiment.augmentation for preset in PRESETS.values()]
WARMED_UP = "warmed_up"  # session key: True once workers were warmed up
PLANNED = "planned_experiments"  # session key: what the open page would train now
REQUESTED_RUNS = "requested_runs"  # session key: ids of the runs requested in this tab
LESSON = "lesson_of_runs"  # session key: the lesson that this tab is in, by name


def warm_up(experiments: Sequence[Experiment]) -> None:
    """Warm up idle workers for the experiments of the open page, once per session.

    Only for the app's own networks and augmentations: opening a link must not make workers run a network that
    somebody else wrote.
    """
    st.session_state[PLANNED] = tuple(experiments)
    if not st.session_state.get(WARMED_UP):
        st.session_state[WARMED_UP] = True
        client.runs().warm_up(*filter(_is_own, experiments))


def _is_own(experiment: Experiment) -> bool:
    return experiment.layers in OWN_NETWORKS and experiment.augmentation in OWN_PIPELINES


def is_frozen() -> bool:
    """Return whether the instructor lets no student train now, and this person is one: the run service refuses them."""
    try:
        return client.classroom().state().frozen and not identity.person().instructs
    except StoreUnavailable:  # which whoever submits is told
        return False


def submit(experiments: Sequence[Experiment], device: str = "auto") -> bool:
    """Submit these experiments for training on a device. Return True if all of them are queued now."""
    requested: set[str] = st.session_state.setdefault(REQUESTED_RUNS, set())
    # Before the first: wherever Streamlit is asked something, a click that came meanwhile ends this run of the page.
    person, asked_in, service, feed = identity.person(), lesson(), client.runs(), client.feed()
    try:
        for experiment in experiments:
            run = service.submit(experiment, person, device, asked_in)
            feed.refresh(run)
            requested.add(run)
    except (DataError, ExperimentError, NotAllowed, QueueFull, StoreUnavailable) as error:
        messages.error(error)
        return False
    return True


def lesson() -> str:
    """Return the lesson that this tab is in, by name; "" for none. The board tells which runs were asked for in it."""
    return str(st.session_state.get(LESSON, ""))


def cancel(runs: Sequence[Run]) -> None:
    """Withdraw the user's requests for these runs; runs without another owner stop."""
    try:
        for run in runs:
            client.runs().cancel(run.id, identity.owner())
            client.feed().refresh(run.id)
    except (NotAllowed, StoreUnavailable) as error:
        messages.error(error)


def requested_by_user(run: Run) -> bool:
    """Return True if the current user requested `run` in any tab."""
    return identity.owner() in run.owners


def requested_in_tab(run: Run) -> bool:
    """Return True if `run` was requested in this tab."""
    return run.id in st.session_state.get(REQUESTED_RUNS, ())
