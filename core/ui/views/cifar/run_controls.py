"""Controls of the current run: train, pause, resume, change its learning rate, end it early, continue it."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.runs.history_cache import Frames
from core.runs.person import Person
from core.runs.run import RUNNING, NotNow, QueueFull, Run, StoreUnavailable
from core.runs.service import RunService
from core.training.experiment import Experiment, ExperimentError
from core.ui import messages
from core.ui.backend import client, continued_runs, identity, run_requests
from core.ui.run_panels import run_controls
from core.ui.run_panels.earlier_runs import ID, EarlierRuns
from core.ui.state import query
from core.ui.views.cifar import run_titles, time_budget

EARLIER_RUNS = EarlierRuns("ci_runs", run_titles.short)
NOW = "ci_now"  # in the URL: the changed or continued run that replaces the one set up
MORE_EPOCHS = "ci_more_epochs"
FACTORS = (0.1, 0.3, 0.5, 2.0, 10.0)


def current(planned: Experiment) -> Experiment:
    """Return the experiment to show: the one that is set up, or the run that replaced it.

    Raises:
        StoreUnavailable: If the runs cannot be read.
    """
    linked, text = query.is_linked(NOW), query.read(NOW)
    if text is None:
        return planned
    run = client.runs().get_many([text]).get(text) if ID.fullmatch(text) else None
    if run is None:
        query.write(NOW, None)
        if linked:
            query.refuse("Run", text, "is not in this app's store", "the run that is set up")
        return planned
    if root(run.experiment).key != root(planned).key:
        return planned
    return run.experiment


def root(experiment: Experiment) -> Experiment:
    """Return the experiment as it was set up, before its run was changed or continued."""
    for run in continued_runs.ancestors(experiment):
        experiment = run.experiment
    return replace(experiment, lr_changes=(), stop_step=0)


def follow(run: str) -> None:
    """Show this run from now on instead of the one that is set up."""
    query.write(NOW, run)
    st.session_state.setdefault(run_requests.REQUESTED_RUNS, set()).add(run)


def leave() -> None:
    """Show the run that is set up again. For callbacks."""
    query.write(NOW, None)


def follow_successor(frame: Frames | None) -> None:
    """Show the run that replaced the current one, if this tab requested a change and it was made."""
    changing, _ = st.session_state.get(run_controls.CHANGING, ("", None))
    if frame is None or changing != frame.run.id:
        return
    successor = frame.run.summary.get("successor")
    if frame.run.active and run_requests.requested_by_user(
        frame.run
    ):  # not changed yet; it may continue for other users
        return
    del st.session_state[run_controls.CHANGING]
    if successor is None:  # it ended, or could not be changed; its history has the reason
        return
    EARLIER_RUNS.remove([frame.run])
    EARLIER_RUNS.remember([successor])
    follow(successor)
    st.rerun()


def main_button(experiment: Experiment) -> None:
    """Draw the page's main button: train, stop, or set another seed.

    Raises:
        StoreUnavailable: If the runs cannot be read.
    """
    runs = client.runs().get_many([experiment.key])
    if run_controls.main_button([experiment], runs, lambda _: "Train", "ci", device=time_budget.wanted()):
        EARLIER_RUNS.remember([experiment.key])
        st.rerun()


def show(frame: Frames) -> None:
    """Draw the buttons that apply to the run in its present state."""
    run_controls.show(frame.run, "ci", training=_change_buttons, finished=_continue_button)


def _change_buttons(run: Run) -> None:
    """Draw the buttons that change a run while it trains."""
    if run.state != RUNNING or not run.summary.get("step"):
        return
    if st.button("End here", icon=":material/stop:", help="Stop now, evaluate on the test set, and keep the weights"):
        _request(run, lambda service, person: service.stop_early(run.id, person))
    peak = run.experiment.peak_rate(run.summary["step"])
    with st.popover("Rate", icon=":material/speed:", help="Change the learning rate during training"):
        st.markdown(
            f"The peak learning rate is {peak:g}; the schedule scales it. A change is stored with the run and marked "
            "on the charts."
        )
        factor = st.segmented_control(
            "New peak",
            FACTORS,
            default=0.1,
            required=True,
            key="ci_factor",
            format_func=lambda factor: f"× {factor:g}: {peak * factor:.3g}",
            help="As a multiple of the present peak",
        )
        if st.button("Change it", key="ci_change", type="primary", help="Applies from the next step"):
            _request(
                run, lambda service, person: service.set_learning_rate(run.id, person, float(f"{peak * factor:.3g}"))
            )


def _request(run: Run, request: Callable[[RunService, Person], None]) -> None:
    try:
        request(client.runs(), identity.person())
    except (NotNow, ExperimentError, QueueFull, StoreUnavailable) as error:
        messages.error(error)
        return
    st.session_state[run_controls.CHANGING] = run_controls.attempt(run)
    client.feed().refresh(run.id)
    st.rerun()


def _continue_button(run: Run) -> None:
    with st.popover("Continue", icon=":material/fast_forward:", help="Train more epochs from these weights"):
        epochs = st.number_input(
            "More epochs", 1, 50, 2, key=MORE_EPOCHS, help="They have a learning-rate schedule of their own"
        )
        if st.button(
            "Continue training", key="ci_continue", type="primary", help="Starts a new run from these weights"
        ):
            _continue(run, int(epochs))


def _continue(run: Run, epochs: int) -> None:
    try:
        longer = client.runs().continue_run(
            run.id, identity.person(), epochs, time_budget.wanted(), run_requests.lesson()
        )
    except (NotNow, ExperimentError, QueueFull, StoreUnavailable) as error:
        messages.error(error)
        return
    EARLIER_RUNS.remember([longer])
    follow(longer)
    st.rerun()
