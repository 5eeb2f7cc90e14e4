"""What can be done to the run on the screen: train, pause, resume, and what follows a run that is finished."""

from dataclasses import replace

import streamlit as st

from core.runs.feed import Frames
from core.runs.run import FAILED, FINISHED, STOPPED
from core.training.changes import continued
from core.training.experiment import Experiment
from core.ui import services, wishes
from core.ui.cifar import naming
from core.ui.kept import ID, Kept

KEPT = Kept("ci_runs", naming.title)
NOW = "ci_now"  # in the URL: the run that the one set up became, by a change on the way or by going on
MORE_EPOCHS = "ci_more_epochs"
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


def show(experiment: Experiment, frame: Frames | None) -> None:
    """The buttons that make sense now."""
    run = frame.run if frame else None
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="ci_controls"):
        if run is None:
            _train(experiment)
        elif run.active and wishes.asks_for(run):
            if st.button("Pause", icon=":material/pause:", help="It keeps all it has learned and can be resumed"):
                wishes.cancel([run])
                st.rerun()
        elif run.active:
            st.caption("Somebody else's run of the same settings: it is shared.")
        elif run.state in (STOPPED, FAILED):
            label = "Resume" if run.state == STOPPED else "Try again"
            if st.button(
                label, icon=":material/play_arrow:", type="primary", help="Goes on from the last checkpoint kept"
            ) and wishes.submit([experiment]):  # fmt: skip
                st.rerun()
        elif run.state == FINISHED:
            _further(experiment)


def _train(experiment: Experiment) -> None:
    if st.button(
        "Train", type="primary", icon=":material/play_arrow:",
        help="The training goes on when you leave the page; its address brings you back to it.",
    ) and wishes.submit([experiment]):  # fmt: skip
        KEPT.keep([experiment.key])
        st.rerun()


def _further(experiment: Experiment) -> None:
    st.button(
        "Another seed", icon=":material/casino:", on_click=_next_seed,
        help="All else equal, with other random weights and another order of the pictures: how much is luck?",
    )  # fmt: skip
    with st.popover("Continue", icon=":material/fast_forward:", help="More epochs from where it ended"):
        epochs = st.number_input("More epochs", 1, 50, 2, key=MORE_EPOCHS, help="With a schedule of their own")
        if st.button("Go on", key="ci_go_on", type="primary", help="A run of its own that begins with these weights"):
            longer = continued(experiment, int(epochs))
            if wishes.submit([longer]):
                KEPT.keep([longer.key])
                follow(longer.key)
                st.rerun()


def _next_seed() -> None:
    st.session_state["ci_seed"] += 1
