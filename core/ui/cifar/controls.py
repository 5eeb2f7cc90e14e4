"""What can be done to the run on the screen: train, pause, resume, change its rate, end it early, go on."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.runs.feed import Frames
from core.runs.run import FAILED, FINISHED, RUNNING, STOPPED, NotNow, QueueFull, Run, StoreUnavailable
from core.runs.service import RunService
from core.training.experiment import Experiment, ExperimentError
from core.ui import messages, services, wishes
from core.ui.cifar import device, naming
from core.ui.kept import ID, Kept

KEPT = Kept("ci_runs", naming.title)
NOW = "ci_now"  # in the URL: the run that the one set up became, by a change on the way or by going on
MORE_EPOCHS = "ci_more_epochs"
STEERED = "ci_steered"  # in the session: the run that was asked to become another one from this tab
FACTORS = (0.1, 0.3, 0.5, 2.0, 10.0)
LONGEST_CHAIN = 30


def current(planned: Experiment) -> Experiment:
    """The experiment on the screen: the one that is set up, or what it became. Raises StoreUnavailable."""
    found = ID.findall(st.query_params.get(NOW, st.session_state.get(NOW, "")))
    if not found:
        return planned
    runs = services.runs().get_many(found[:1])
    became = runs.get(found[0])
    if became is None or root(became.experiment).key != planned.key:
        return planned
    if st.query_params.get(NOW) != found[0]:
        st.query_params[NOW] = found[0]
    return became.experiment


def root(experiment: Experiment) -> Experiment:
    """The experiment as it was set up, before anything was done to its run. Raises StoreUnavailable."""
    for _ in range(LONGEST_CHAIN):
        if not experiment.parent:
            break
        parent = services.runs().get_many([experiment.parent]).get(experiment.parent)
        if parent is None:
            break
        experiment = parent.experiment
    return replace(experiment, changes=(), stop_at=0)


def follow(run: str) -> None:
    """From now on the page shows this run as what the one set up became."""
    st.session_state[NOW] = run
    st.query_params[NOW] = run
    st.session_state.setdefault(wishes.ASKED, set()).add(run)


def follow_successor(frame: Frames | None) -> None:
    """Where the run was changed from this tab and has become another one by now: show that one."""
    if frame is None or st.session_state.get(STEERED) != frame.run.id:
        return
    successor = frame.run.summary.get("successor")
    if successor is None or frame.run.active:
        return
    del st.session_state[STEERED]
    KEPT.remove([frame.run])
    KEPT.keep([successor])
    follow(successor)
    st.rerun()


def show(experiment: Experiment, frame: Frames | None) -> None:
    """The buttons that make sense now."""
    run = frame.run if frame else None
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="ci_controls"):
        if run is None:
            _train(experiment)
        elif run.active and not wishes.asks_for(run):
            st.caption("Somebody else's run of the same settings: it is shared.")
        elif run.active and st.session_state.get(STEERED) == run.id:
            st.caption("Changing it: it goes on in a moment.")
        elif run.active:
            _steer(run)
        elif run.state in (STOPPED, FAILED):
            label = "Resume" if run.state == STOPPED else "Try again"
            if st.button(
                label, icon=":material/play_arrow:", type="primary", help="Goes on from the last checkpoint kept"
            ) and wishes.submit([experiment], run.device):  # fmt: skip
                st.rerun()
        elif run.state == FINISHED:
            _further(run)


def _train(experiment: Experiment) -> None:
    if st.button(
        "Train", type="primary", icon=":material/play_arrow:",
        help="The training goes on when you leave the page; its address brings you back to it.",
    ) and wishes.submit([experiment], device.wanted()):  # fmt: skip
        KEPT.keep([experiment.key])
        st.rerun()


def _steer(run: Run) -> None:
    """What can be done to a run while it trains."""
    if st.button("Pause", icon=":material/pause:", help="It keeps all it has learned and can be resumed"):
        wishes.cancel([run])
        st.rerun()
    if run.state != RUNNING or not run.summary.get("step"):
        return
    if st.button("End here", icon=":material/stop:", help="Ends it now: what it has learned is tested and kept"):
        _ask(run, lambda service, owner: service.keep(run.id, owner))
    peak = run.experiment.changes[-1][1] if run.experiment.changes else run.experiment.learning_rate
    with st.popover("Rate", icon=":material/speed:", help="Change the learning rate of the run as it trains"):
        st.markdown(
            f"Its peak is {peak:g} now, which the schedule scales. A change is kept with the run and drawn on the "
            "charts."
        )
        factor = st.segmented_control(
            "New peak", FACTORS, default=0.1, required=True, key="ci_factor",
            format_func=lambda one: f"× {one:g}: {peak * one:.3g}", help="As a multiple of the present one",
        )  # fmt: skip
        if st.button("Change it", key="ci_change", type="primary", help="From the next step on"):
            _ask(run, lambda service, owner: service.steer(run.id, owner, float(f"{peak * factor:.3g}")))


def _ask(run: Run, wish: Callable[[RunService, str], None]) -> None:
    try:
        wish(services.runs(), services.owner())
    except (NotNow, ExperimentError, StoreUnavailable) as error:
        messages.error(error)
        return
    st.session_state[STEERED] = run.id
    services.feed().refresh(run.id)
    st.rerun()


def _further(run: Run) -> None:
    st.button(
        "Another seed", icon=":material/casino:", on_click=_next_seed,
        help="All else equal, with other random weights and another order of the pictures: how much is luck?",
    )  # fmt: skip
    with st.popover("Continue", icon=":material/fast_forward:", help="More epochs from where it ended"):
        epochs = st.number_input("More epochs", 1, 50, 2, key=MORE_EPOCHS, help="With a schedule of their own")
        if st.button("Go on", key="ci_go_on", type="primary", help="A run of its own that begins with these weights"):
            _go_on(run, int(epochs))


def _go_on(run: Run, epochs: int) -> None:
    try:
        longer = services.runs().go_on(run.id, services.owner(), epochs, device.wanted())
    except (NotNow, ExperimentError, QueueFull, StoreUnavailable) as error:
        messages.error(error)
        return
    KEPT.keep([longer])
    follow(longer)
    st.rerun()


def _next_seed() -> None:
    st.session_state["ci_seed"] += 1
