"""What can be done to the run on the screen: train, pause, resume, change its rate, end it early, go on."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.runs.history_cache import Frames
from core.runs.run import RUNNING, NotNow, QueueFull, Run, StoreUnavailable
from core.runs.service import RunService
from core.training.experiment import Experiment, ExperimentError
from core.ui import messages
from core.ui.backend import client, identity, lineage, run_requests
from core.ui.run_panels import run_controls
from core.ui.run_panels.earlier_runs import ID, EarlierRuns
from core.ui.state import query
from core.ui.views.cifar import run_titles, time_budget

EARLIER_RUNS = EarlierRuns("ci_runs", run_titles.title)
NOW = "ci_now"  # in the URL: the run that the one set up became, by a change on the way or by going on
SEED = "ci_seed"
MORE_EPOCHS = "ci_more_epochs"
FACTORS = (0.1, 0.3, 0.5, 2.0, 10.0)


def current(planned: Experiment) -> Experiment:
    """The experiment on the screen: the one that is set up, or what it became. Raises StoreUnavailable."""
    linked, text = query.is_linked(NOW), query.read(NOW)
    if text is None:
        return planned
    became = client.runs().get_many([text]).get(text) if ID.fullmatch(text) else None
    if became is None:
        query.write(NOW, None)
        if linked:
            query.refuse("Run", text, "is not in this app's store", "the run that is set up")
        return planned
    if root(became.experiment).key != root(planned).key:
        return planned
    return became.experiment


def root(experiment: Experiment) -> Experiment:
    """The experiment as it was set up, before anything was done to its run."""
    for run in lineage.ancestors(experiment):
        experiment = run.experiment
    return replace(experiment, lr_changes=(), stop_step=0)


def follow(run: str) -> None:
    """From now on the page shows this run as what the one set up became."""
    query.write(NOW, run)
    st.session_state.setdefault(run_requests.REQUESTED_RUNS, set()).add(run)


def leave() -> None:
    """From now on the page shows what is set up again. For callbacks."""
    query.write(NOW, None)


def follow_successor(frame: Frames | None) -> None:
    """Where the run was changed from this tab and has become another one by now: show that one."""
    changing, _ = st.session_state.get(run_controls.CHANGING, ("", None))
    if frame is None or changing != frame.run.id:
        return
    successor = frame.run.summary.get("successor")
    if frame.run.active and run_requests.requested_by_user(frame.run):  # not changed yet; it may go on for others afterwards
        return
    del st.session_state[run_controls.CHANGING]
    if successor is None:  # it ended, or could not be changed, which its history says
        return
    EARLIER_RUNS.remove([frame.run])
    EARLIER_RUNS.remember([successor])
    follow(successor)
    st.rerun()


def show(experiment: Experiment, frame: Frames | None) -> None:
    """The buttons that make sense now."""
    if frame is None:
        _train(experiment)
    else:
        run_controls.show(frame.run, "ci", training=_steer, finished=_further)


def _train(experiment: Experiment) -> None:
    if st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        help="The training goes on when you leave the page; its address brings you back to it.",
    ) and run_requests.submit([experiment], time_budget.wanted()):
        EARLIER_RUNS.remember([experiment.key])
        st.rerun()


def _steer(run: Run) -> None:
    """What more can be done to a run while it trains."""
    if run.state != RUNNING or not run.summary.get("step"):
        return
    if st.button("End here", icon=":material/stop:", help="Ends it now: what it has learned is tested and kept"):
        _ask(run, lambda service, owner: service.stop_early(run.id, owner))
    peak = run.experiment.lr_changes[-1][1] if run.experiment.lr_changes else run.experiment.learning_rate
    with st.popover("Rate", icon=":material/speed:", help="Change the learning rate of the run as it trains"):
        st.markdown(
            f"Its peak is {peak:g} now, which the schedule scales. A change is kept with the run and drawn on the "
            "charts."
        )
        factor = st.segmented_control(
            "New peak",
            FACTORS,
            default=0.1,
            required=True,
            key="ci_factor",
            format_func=lambda one: f"× {one:g}: {peak * one:.3g}",
            help="As a multiple of the present one",
        )
        if st.button("Change it", key="ci_change", type="primary", help="From the next step on"):
            _ask(run, lambda service, owner: service.set_learning_rate(run.id, owner, float(f"{peak * factor:.3g}")))


def _ask(run: Run, wish: Callable[[RunService, str], None]) -> None:
    try:
        wish(client.runs(), identity.owner())
    except (NotNow, ExperimentError, StoreUnavailable) as error:
        messages.error(error)
        return
    st.session_state[run_controls.CHANGING] = run_controls.attempt(run)
    client.feed().refresh(run.id)
    st.rerun()


def _further(run: Run) -> None:
    run_controls.another_seed(SEED)
    with st.popover("Continue", icon=":material/fast_forward:", help="More epochs from where it ended"):
        epochs = st.number_input("More epochs", 1, 50, 2, key=MORE_EPOCHS, help="With a schedule of their own")
        if st.button("Go on", key="ci_go_on", type="primary", help="A run of its own that begins with these weights"):
            _go_on(run, int(epochs))


def _go_on(run: Run, epochs: int) -> None:
    try:
        longer = client.runs().continue_run(run.id, identity.owner(), epochs, time_budget.wanted())
    except (NotNow, ExperimentError, QueueFull, StoreUnavailable) as error:
        messages.error(error)
        return
    EARLIER_RUNS.remember([longer])
    follow(longer)
    st.rerun()
