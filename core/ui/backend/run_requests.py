"""What a person asks of the run service, in their own name; what hinders it is said on the screen."""

from collections.abc import Sequence

import streamlit as st

from core.data import DataError
from core.layers import builders
from core.runs.run import QueueFull, Run, StoreUnavailable
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
WARMED_UP = "warmed_up"  # in the session: whether the workers have been told
ASKED = "asked"  # in the session: the runs that were asked for from this tab


def warm_up(experiments: Sequence[Experiment]) -> None:
    """Let idle workers warm up for what may be submitted on the open page, once a session.

    Only for the app's own networks and augmentations: opening a link must not make workers run what somebody
    else wrote.
    """
    if not st.session_state.get(WARMED_UP):
        st.session_state[WARMED_UP] = True
        client.runs().warm_up(*(one for one in experiments if _is_own(one)))


def _is_own(experiment: Experiment) -> bool:
    return experiment.layers in OWN_NETWORKS and experiment.augmentation in OWN_PIPELINES


def submit(experiments: Sequence[Experiment], device: str = "auto") -> bool:
    """Ask for these trainings on a device. Returns whether all of them are queued now."""
    asked: set[str] = st.session_state.setdefault(ASKED, set())
    try:
        for experiment in experiments:
            run = client.runs().submit(experiment, identity.owner(), device)
            client.feed().refresh(run)
            asked.add(run)
    except (DataError, ExperimentError, QueueFull, StoreUnavailable) as error:
        messages.error(error)
        return False
    return True


def cancel(runs: Sequence[Run]) -> None:
    """Ask for these trainings no longer: those that nobody else asks for stop."""
    try:
        for run in runs:
            client.runs().cancel(run.id, identity.owner())
            client.feed().refresh(run.id)
    except StoreUnavailable as error:
        messages.error(error)


def asks_for(run: Run) -> bool:
    """Whether this person asks for the run, from whatever tab."""
    return identity.owner() in run.owners


def asked_here(run: Run) -> bool:
    """Whether the run was asked for from this tab."""
    return run.id in st.session_state.get(ASKED, ())
