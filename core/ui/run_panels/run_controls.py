"""The buttons for a run, the same on every page that trains: pause, resume, join, and another seed."""

from collections.abc import Callable

import streamlit as st

from core.runs.run import FAILED, FINISHED, PAUSING, STOPPED, STOPPING, Run
from core.ui.backend import run_requests

CHANGING = "changing"  # in the session: `attempt` of the run whose change was asked for from this tab
More = Callable[[Run], None]  # draws what a page adds to the buttons


def show(run: Run, key: str, *, training: More | None = None, finished: More | None = None) -> None:
    """Draw the buttons that make sense now in a row; `key` tells those of one run from those of another.

    `training` adds to the ones of this person's run while it trains, `finished` to those after its end.
    """
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key=f"controls_{key}"):
        if run.state in (PAUSING, STOPPING):
            _pause(run, key, disabled=True)
        elif run.active and not run_requests.asks_for(run):
            _join(run, key)
        elif run.active and st.session_state.get(CHANGING) == attempt(run):
            _pause(run, key, disabled=True)
            st.caption("Changing it: it goes on in a moment.")
        elif run.active:
            _pause(run, key)
            if training is not None:
                training(run)
        elif run.state in (STOPPED, FAILED):
            _resume(run, key)
        elif run.state == FINISHED and finished is not None:
            finished(run)


def attempt(run: Run) -> tuple[str, float | None]:
    """Names the attempt at a run that trains now: a change that was asked of it is made, or lost, at its end."""
    return run.id, run.started


def another_seed(seed: str) -> None:
    """A button that sets the page's seed, the setting `seed`, to the next one. It trains nothing yet."""
    st.button(
        "Another seed",
        icon=":material/casino:",
        on_click=_next_seed,
        args=(seed,),
        help="Sets the next seed: other random weights and another order of the pictures, all else equal. Train it, "
        "and see how much is luck.",
    )


def _next_seed(seed: str) -> None:
    st.session_state[seed] += 1


def _pause(run: Run, key: str, *, disabled: bool = False) -> None:
    if st.button(
        "Pause",
        key=f"pause_{key}",
        icon=":material/pause:",
        disabled=disabled,
        help="It keeps all it has learned and can be resumed.",
    ):
        run_requests.cancel([run])
        st.rerun()


def _join(run: Run, key: str) -> None:
    if st.button(
        "Join",
        key=f"join_{key}",
        icon=":material/group_add:",
        help="Someone else trains just this. Join, and it is yours as well: it goes on when they leave it.",
    ) and run_requests.submit([run.experiment], run.device):
        st.rerun()


def _resume(run: Run, key: str) -> None:
    if st.button(
        "Resume" if run.state == STOPPED else "Try again",
        key=f"resume_{key}",
        icon=":material/play_arrow:",
        type="primary",
        help="Goes on from the last checkpoint that was kept.",
    ) and run_requests.submit([run.experiment], run.device):
        st.rerun()
