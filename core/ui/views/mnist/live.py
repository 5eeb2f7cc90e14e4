"""Live run panel: the state of each contender and its curves. It polls only while a run is active."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.runs.history_cache import Frames
from core.runs.run import Run, StoreUnavailable
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, run_requests
from core.ui.charts import learning_curves
from core.ui.charts.curve_table import Curve, seconds_note, table
from core.ui.display import colors, outputs
from core.ui.run_panels import run_controls, status_card
from core.ui.run_panels.earlier_runs import EarlierRun, EarlierRuns
from core.ui.run_panels.polling import interval_changed, poll_interval
from core.ui.state.settings import Settings
from core.ui.views.mnist import notices
from core.ui.views.mnist.networks import Contender

DEFAULTS = {"m_x": "epochs", "m_start": 80}
EARLIER_RUNS = EarlierRuns("m_runs", lambda experiment: colors.role(experiment).name)
SEED = "m_seed"
TRAIN_NOW = "m_train_now"  # session key: train as if the button had been pressed
ABOUT = (
    "Solid: test images, with a band for the 95 % interval. Dashed: training images, smoothed; dots: single batches. "
    "Faded: earlier runs."
)
ALT = {
    "accuracy": "Line chart: accuracy on the test and training images during training. The figures are above it.",
    "loss": "Line chart: loss on the test and training images during training. The figures are above it.",
}


def train_button(contenders: Sequence[Contender], device: str) -> None:
    """Draw the buttons that apply now: train the contenders without a run, stop active runs, or set another seed.

    Raises:
        StoreUnavailable: If the runs cannot be read.
    """
    experiments = [contender.experiment for contender in contenders]
    runs = client.runs().get_many([experiment.key for experiment in experiments])
    todo = run_controls.untrained(experiments, runs)
    if st.session_state.pop(TRAIN_NOW, False) and todo:
        submitted = run_requests.submit(todo, device)
    else:
        submitted = _buttons(contenders, todo, list(runs.values()), device)
    if submitted:
        EARLIER_RUNS.remember([experiment.key for experiment in experiments])
        st.rerun()


def _buttons(contenders: Sequence[Contender], todo: Sequence[Experiment], runs: Sequence[Run], device: str) -> bool:
    """Draw the buttons. Return True if the experiments in `todo` were submitted."""
    if run_controls.stop_button(runs, "m_stop") and not todo:
        return False
    if todo or not contenders:
        label = f"Train {_names(todo, contenders)}"
        return run_controls.train_button(todo, label, "m_train", device=device, disabled=not contenders)
    run_controls.another_seed(SEED)
    return False


def _names(todo: Sequence[Experiment], contenders: Sequence[Contender]) -> str:
    if len(todo) == len(contenders):
        return "both" if len(contenders) == 2 else "all three"
    return " and ".join(f"the {contender.role.name}" for contender in contenders if contender.experiment in todo)


def panel(settings: Settings, contenders: Sequence[Contender], earlier: Sequence[EarlierRun]) -> dict[str, Frames]:
    """Draw the panel and update it while a run is active.

    Returns:
        The current runs of the contenders, by key.

    Raises:
        StoreUnavailable: If the runs cannot be read and were not read before.
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
    if interval_changed(
        every, poll_interval([frame for frame in own if frame], [frames[e.run] for e in earlier if e.run in frames])
    ):
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
            help="Start of the accuracy axis; lower if a run on the chart is below it",
            label_visibility="collapsed",
        )
        axis = settings.segments(
            "m_x",
            "x-axis",
            list(learning_curves.X_TITLES),
            format=str.capitalize,
            help="Quantity on the x-axis",
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
    start = learning_curves.fitting_start(wanted, [accuracy for accuracy in accuracies if accuracy is not None])
    planned = max(learning_curves.planned(contender.experiment, axis) for contender in contenders)
    rows = table(tuple(curves), axis, start, planned)
    theme = colors.theme()
    st.vega_lite_chart(
        rows, learning_curves.learning_curves("accuracy", axis, start, theme=theme), alt=ALT["accuracy"], key="accuracy"
    )
    experiments = [contender.experiment for contender in contenders]
    experiments += [frames[e.run].run.experiment for e in earlier if e.run in frames]
    title = outputs.loss_title(experiment.layers for experiment in experiments)
    st.vega_lite_chart(
        rows,
        learning_curves.learning_curves("loss", axis, theme=theme, loss_title=title),
        alt=ALT["loss"],
        key="loss",
    )
    lower = f"A run is below {wanted} %, so the accuracy axis starts at {start} %." if start != wanted else ""
    older = seconds_note(curves) if axis == "seconds" else ""
    st.caption(" ".join(filter(None, [ABOUT, lower, older, client.caveat(contenders[0].experiment.data)])))


def _score(contender: Contender, frame: Frames | None) -> None:
    """Draw a contender's status card and its buttons."""
    run = frame.run if frame else None
    with st.container(key=f"score_{contender.slot}"):
        st.html(status_card.html(contender.role, run, of="test digits"))
        if run:
            run_controls.show(run, contender.slot)
