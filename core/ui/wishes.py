"""What a person asks of the run service, in their own name; what hinders it is said on the screen."""

from collections.abc import Sequence

import streamlit as st

from core.data import DataError
from core.runs.run import QueueFull, Run, StoreUnavailable
from core.training.experiment import Experiment, ExperimentError
from core.ui import services

FORESEEN = "foreseen"  # in the session: whether the workers were told
ASKED = "asked"  # in the session: the runs that were asked for from this tab


def foresee(experiments: Sequence[Experiment]) -> None:
    """A page is open on which these may be asked for: workers that rest get ready for them, once a session."""
    if not st.session_state.get(FORESEEN):
        st.session_state[FORESEEN] = True
        services.runs().expect(*experiments)


def submit(experiments: Sequence[Experiment], device: str = "auto") -> bool:
    """Ask for these trainings on a device. Returns whether all of them are queued now."""
    asked: set[str] = st.session_state.setdefault(ASKED, set())
    try:
        for experiment in experiments:
            run = services.runs().submit(experiment, services.owner(), device)
            services.feed().refresh(run)
            asked.add(run)
    except (DataError, ExperimentError, QueueFull, StoreUnavailable) as error:
        st.error(str(error), icon=":material/error:")
        return False
    return True


def cancel(runs: Sequence[Run]) -> None:
    """Ask for these trainings no longer: those that nobody else asks for stop."""
    try:
        for run in runs:
            services.runs().cancel(run.id, services.owner())
            services.feed().refresh(run.id)
    except StoreUnavailable as error:
        st.error(str(error), icon=":material/error:")


def asks_for(run: Run) -> bool:
    """Whether this person asks for the run, from whatever tab."""
    return services.owner() in run.owners


def asked_here(run: Run) -> bool:
    """Whether the run was asked for from this tab."""
    return run.id in st.session_state.get(ASKED, ())
