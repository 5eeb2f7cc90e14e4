"""The buttons for runs, the same on every page that trains: train, stop, pause, resume, join, and another seed."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import streamlit as st

from core.runs.instructor_actions import FROZEN_SENTENCE
from core.runs.run import FAILED, FINISHED, PAUSING, STOPPED, STOPPING, Run
from core.training.experiment import Experiment
from core.ui.backend import run_requests
from core.ui.state import query

CHANGING = "changing"  # session key: `attempt` of the run for which this tab requested a change
TRAIN_HELP = "Training continues when you leave the page; its address brings you back to it."
Extra = Callable[[Run], None]  # draws a page's own buttons for a run


def untrained(experiments: Iterable[Experiment], runs: Mapping[str, Run]) -> list[Experiment]:
    """Return the experiments without a run in `runs` (by key), and those whose run was stopped or failed."""
    return [
        experiment
        for experiment in experiments
        if (run := runs.get(experiment.key)) is None or run.state in (STOPPED, FAILED)
    ]


def train_button(
    experiments: Sequence[Experiment],
    label: str,
    key: str,
    *,
    device: str = "auto",
    disabled: bool = False,
    primary: bool = True,
    help: str = TRAIN_HELP,
) -> bool:
    """Draw a button that trains these experiments.

    Args:
        experiments: What is submitted when the button is pressed.
        label: Of the button.
        key: Of the button.
        device: To train on.
        disabled: Show the button without effect.
        primary: Show it as the page's main button.
        help: Its tooltip.

    Returns:
        True if it was pressed and all experiments are queued now.
    """
    frozen = run_requests.is_frozen()
    pressed = st.button(
        label,
        key=key,
        type="primary" if primary else "secondary",
        icon=":material/play_arrow:",
        disabled=disabled or frozen,
        help=FROZEN_SENTENCE if frozen else help,
    )
    return pressed and bool(experiments) and run_requests.submit(experiments, device)


def stop_button(runs: Iterable[Run], key: str) -> bool:
    """Draw a button that stops those of the runs that the user requested; disabled while they are ending.

    Args:
        runs: The runs of a page.
        key: Of the button.

    Returns:
        True if the button was drawn: the user has runs that train, or some are ending.
    """
    ending = [run for run in runs if run.state in (PAUSING, STOPPING)]
    training = [run for run in runs if run.active and run not in ending and run_requests.requested_by_user(run)]
    if not training and not ending:
        return False
    if st.button(
        "Stop",
        key=key,
        icon=":material/stop:",
        disabled=not training,
        help="Stops all runs that you train here. Progress is saved; a run can be resumed.",
    ):
        run_requests.cancel(training)
        st.rerun()
    return True


def main_button(
    experiments: Sequence[Experiment],
    runs: Mapping[str, Run],
    label: Callable[[Sequence[Experiment]], str],
    page: str,
    *,
    device: str = "auto",
) -> bool:
    """Draw the page's main button, which applies now: train what has no run, stop what trains, or set another seed.

    Where a lesson fixes the seed, a line says that all is trained, by whomever.

    Args:
        experiments: What the page is set to; none if a network is invalid.
        runs: Their runs, by key.
        label: Returns the button's label for those that it trains.
        page: The first letters of the page's keys.
        device: To train on.

    Returns:
        True if the button was pressed and all without a run are queued now.
    """
    todo = untrained(experiments, runs)
    if stop_button(runs.values(), f"{page}_stop") and not todo:
        return False
    if todo or not experiments:
        return train_button(todo, label(todo), f"{page}_train", device=device, disabled=not experiments)
    if query.is_fixed(f"{page}_seed"):  # by a lesson: everybody sees the same result
        st.caption("Trained", help="These settings are trained: the page shows the result.", width="content")
    else:
        another_seed(f"{page}_seed")
    return False


def show(run: Run, key: str, *, training: Extra | None = None, finished: Extra | None = None) -> None:
    """Draw the buttons that apply to a run in its present state, in a row.

    Args:
        run: The run.
        key: Distinguishes the buttons of this run from those of another.
        training: Draws further buttons while the user's run trains.
        finished: Draws further buttons after its end.
    """
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key=f"controls_{key}"):
        if run.state in (PAUSING, STOPPING):
            _pause(run, key, disabled=True)
        elif run.active and not run_requests.requested_by_user(run):
            _join(run, key)
        elif run.active and st.session_state.get(CHANGING) == attempt(run):
            _pause(run, key, disabled=True)
            st.caption("Applying the change …")
        elif run.active:
            _pause(run, key)
            if training is not None:
                training(run)
        elif run.state in (STOPPED, FAILED):
            _resume(run, key)
        elif run.state == FINISHED and finished is not None:
            finished(run)


def attempt(run: Run) -> tuple[str, float | None]:
    """Return what identifies the present attempt at a run: a requested change is made, or lost, at its end."""
    return run.id, run.started


def another_seed(seed: str) -> None:
    """Draw a button that increments the page's setting `seed`. It trains nothing yet."""
    st.button(
        "Another seed",
        icon=":material/casino:",
        on_click=_next_seed,
        args=(seed,),
        help="Sets the next seed: other random weights and another order of the pictures, all else equal. Train it "
        "to see how much results vary by chance.",
    )


def _next_seed(seed: str) -> None:
    st.session_state[seed] += 1


def _pause(run: Run, key: str, *, disabled: bool = False) -> None:
    if st.button(
        "Pause",
        key=f"pause_{key}",
        icon=":material/pause:",
        disabled=disabled,
        help="Progress is saved; the run can be resumed.",
    ):
        run_requests.cancel([run])
        st.rerun()


def _join(run: Run, key: str) -> None:
    if st.button(
        "Join",
        key=f"join_{key}",
        icon=":material/group_add:",
        help="Someone else trains the same run. Join it to keep it training when they stop it.",
    ) and run_requests.submit([run.experiment], run.device):
        st.rerun()


def _resume(run: Run, key: str) -> None:
    if st.button(
        "Train again" if run.lost else "Resume" if run.state == STOPPED else "Try again",
        key=f"resume_{key}",
        icon=":material/play_arrow:",
        type="primary",
        help="Begins anew: nothing of it is left." if run.lost else "Continues from the last checkpoint.",
    ) and run_requests.submit([run.experiment], run.device):
        st.rerun()
