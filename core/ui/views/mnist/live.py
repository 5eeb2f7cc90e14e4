"""The live run panel: how far each contender is, and its curves. It polls only while something runs."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.runs.history_cache import Frames
from core.runs.run import FAILED, PAUSING, STOPPED, STOPPING, Run, StoreUnavailable
from core.ui import messages
from core.ui.backend import client, run_requests
from core.ui.charts import learning_curves
from core.ui.charts.curve_table import Curve, seconds_note, table
from core.ui.display import colors
from core.ui.run_panels import run_controls, status_card
from core.ui.run_panels.earlier_runs import EarlierRun, EarlierRuns
from core.ui.run_panels.polling import interval_changed, poll_interval
from core.ui.state.settings import Settings
from core.ui.views.mnist import notices
from core.ui.views.mnist.networks import Contender

DEFAULTS = {"m_x": "epochs", "m_start": 80}
EARLIER_RUNS = EarlierRuns("m_runs", lambda experiment: colors.role(experiment).name)
SEED = "m_seed"
TRAIN_NOW = "m_train_now"  # in the session: train as if the button had been pressed
ABOUT = (
    "Solid: test images; band: 95 % interval of those that were tested. Dashed: training images, smoothed; dots: as "
    "measured. Faded: earlier runs."
)
ALT = {
    "accuracy": "Line chart: accuracy on the test and training images as training goes on. The figures are above it.",
    "loss": "Line chart: loss on the test and training images as training goes on. The figures are above it.",
}


def train_button(contenders: Sequence[Contender], device: str) -> None:
    """The one button that makes sense now: train what is not trained, stop what trains, or draw another seed.

    Raises StoreUnavailable when the runs cannot be read.
    """
    runs = client.runs().get_many([contender.experiment.key for contender in contenders])
    todo = [c for c in contenders if (run := runs.get(c.experiment.key)) is None or run.state in (STOPPED, FAILED)]
    wanted = st.session_state.pop(TRAIN_NOW, False) or _pressed(contenders, todo, list(runs.values()))
    if wanted and todo and run_requests.submit([contender.experiment for contender in todo], device):
        EARLIER_RUNS.remember([contender.experiment.key for contender in contenders])
        st.rerun()


def _pressed(contenders: Sequence[Contender], todo: Sequence[Contender], runs: Sequence[Run]) -> bool:
    """Draw the button. Whether the trainings in `todo` were asked for."""
    ending = [run for run in runs if run.state in (PAUSING, STOPPING)]
    mine = [run for run in runs if run.active and run not in ending and run_requests.requested_by_user(run)]
    if mine or ending:
        if st.button(
            "Stop",
            icon=":material/stop:",
            disabled=not mine,
            help="Stops all that you train here. What was learned so far is kept and can be resumed.",
        ):
            run_requests.cancel(mine)
            st.rerun()
        if not todo:
            return False
    if todo or not contenders:
        return st.button(
            f"Train {_named(todo, contenders)}",
            type="primary",
            icon=":material/play_arrow:",
            disabled=not contenders,
            help="The training goes on when you leave the page; its address brings you back to it.",
        )
    run_controls.another_seed(SEED)
    return False


def _named(todo: Sequence[Contender], contenders: Sequence[Contender]) -> str:
    if len(todo) == len(contenders):
        return "both" if len(contenders) == 2 else "all three"
    return " and ".join(f"the {contender.role.name}" for contender in todo)


def panel(settings: Settings, contenders: Sequence[Contender], earlier: Sequence[EarlierRun]) -> dict[str, Frames]:
    """Draw the panel and keep it up to date while anything runs. Returns the runs of the contenders as they stand.

    Raises StoreUnavailable when the runs cannot be read and were not read before.
    """
    frames = client.feed().frames([contender.experiment.key for contender in contenders])
    every = poll_interval(frames.values(), [run.frames for run in earlier])
    st.fragment(_panel, run_every=every)(settings, contenders, earlier, every)
    return frames


def _panel(
    settings: Settings,
    contenders: Sequence[Contender],
    earlier: Sequence[EarlierRun],
    every: float | None,
) -> None:
    try:
        frames = client.feed().frames([c.experiment.key for c in contenders] + [e.run for e in earlier])
    except StoreUnavailable as error:
        messages.error(error)
        return
    if not contenders:
        return
    own = [frames.get(contender.experiment.key) for contender in contenders]
    for column, contender, frame in zip(st.columns(len(contenders), gap="medium"), contenders, own, strict=True):
        with column:
            _score(contender, frame)
    _curves(settings, contenders, earlier, frames)
    notices.notice(contenders, own)
    if interval_changed(every, poll_interval([frame for frame in own if frame], [frames[e.run] for e in earlier if e.run in frames])):
        st.rerun()


def _curves(
    settings: Settings, contenders: Sequence[Contender], earlier: Sequence[EarlierRun], frames: Mapping[str, Frames]
) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        wanted = settings.segments(
            "m_start",
            "Accuracy from",
            learning_curves.STARTS,
            format=lambda percent: f"From {percent} %",
            help="Where the accuracy axis starts; lower while a run on the chart is below it",
            label_visibility="collapsed",
        )
        axis = settings.segments(
            "m_x",
            "Along the x-axis",
            list(learning_curves.X_TITLES),
            format=str.capitalize,
            help="What the curves are drawn against",
            label_visibility="collapsed",
        )
    curves = [
        *(Curve.of(frames[e.run], e.name, e.letter, e.color, earlier=True) for e in earlier if e.run in frames),
        *(
            Curve.of(frames[key], contender.role.name, contender.role.short, contender.role.color)
            for contender in contenders
            if (key := contender.experiment.key) in frames
        ),
    ]
    accuracies = [frame.run.summary.get("test_accuracy") for frame in frames.values()]
    start = learning_curves.fitting_start(wanted, [one for one in accuracies if one is not None])
    planned = max(learning_curves.planned(contender.experiment, axis) for contender in contenders)
    rows = table(tuple(curves), axis, start, planned)
    theme = colors.theme()
    st.vega_lite_chart(
        rows, learning_curves.learning_curves("accuracy", axis, start, theme=theme), alt=ALT["accuracy"], key="accuracy"
    )
    st.vega_lite_chart(rows, learning_curves.learning_curves("loss", axis, theme=theme), alt=ALT["loss"], key="loss")
    lower = f"A run is below {wanted} %, so the accuracy axis starts at {start} %." if start != wanted else ""
    older = seconds_note(curves) if axis == "seconds" else ""
    st.caption(" ".join(filter(None, [ABOUT, lower, older, client.caveat(contenders[0].experiment.data)])))


def _score(contender: Contender, frame: Frames | None) -> None:
    """One contender's line of the scoreboard, and the buttons that make sense now."""
    run = frame.run if frame else None
    with st.container(key=f"score_{contender.slot}"):
        st.html(status_card.html(contender.role, run, of="test digits"))
        if run:
            run_controls.show(run, contender.slot)
