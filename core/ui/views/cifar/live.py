"""Live run panel: state, figures and charts of the current run. It polls only while a run is active."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from core.data import DatasetInfo
from core.runs.history_cache import Frames
from core.runs.run import StoreUnavailable
from core.training.experiment import Experiment
from core.ui import messages
from core.ui.backend import client, lineage, waiting
from core.ui.charts import learning_curves
from core.ui.charts.curve_table import (
    CROSS_ENTROPY,
    PICTURES_CROSS_ENTROPY,
    PICTURES_LOSS_RANGE,
    Curve,
    XAxis,
    by_loss,
    seconds_note,
    table,
)
from core.ui.display import colors, numbers, scores
from core.ui.display.colors import Role
from core.ui.layout import grid, page_frame
from core.ui.run_panels import device_picker, example_runs, live_drawing, score_card, since_last_run
from core.ui.run_panels.earlier_runs import EarlierRun
from core.ui.run_panels.machine_status import DEVICES
from core.ui.run_panels.polling import interval_changed, poll_interval
from core.ui.state.settings import Settings
from core.ui.views.cifar import (
    gap_chart,
    progress_detail,
    rate_chart,
    run_controls,
    run_titles,
    time_to_accuracy,
    what_to_notice,
)
from core.ui.views.cifar.page_texts import COURSE_NOTES, facts_html

CHARTS = {
    "clock": "Accuracy over time",
    "curves": "Learning curves",
    "gap": "Generalization gap",
    "rate": "Learning rate",
}
MARKS = "Band: 95 % interval. Diamond: final evaluation with test-time augmentation."
ABOUT = {
    "clock": "Test accuracy of every run over its total time: preparing, training and testing. "
    f"{MARKS} Gray bars: training times according to {COURSE_NOTES}.",
    "curves": f"Solid: test pictures. {MARKS} Dotted: held-out pictures. Dashed: training pictures with augmentation, "
    "smoothed. Faded: earlier runs.",
    "gap": "Training accuracy minus test accuracy, with one view of each picture. With augmentation the gap can be "
    "negative, since augmented pictures are harder than test pictures.",
    "rate": "Learning rate of every run.",
}
CHANGED = "Orange lines mark manual learning-rate changes."
DEFAULTS = {"ci_view": "clock", "ci_x": "epochs"}


def panel(
    settings: Settings,
    experiment: Experiment,
    earlier: Sequence[EarlierRun],
    info: DatasetInfo,
    stage: DeltaGenerator,
) -> dict[str, Frames]:
    """Draw the network as it is now, its run and the charts, and update them while the run is active.

    Args:
        settings: The page's.
        experiment: What is trained.
        earlier: The earlier runs.
        info: The data.
        stage: Where the network is drawn.

    Returns:
        The current run of the experiment, by key.

    Raises:
        StoreUnavailable: If the runs cannot be read and were not read before.
    """
    frames = client.feed().frames([experiment.key])
    every = poll_interval(frames.values(), [run.frames for run in earlier])
    told = page_frame.room("told", page_frame.NOTICE)
    charts, below = st.container(), st.container()
    # Separate fragments, the charts first: the browser draws a fragment as a whole, so in a common one the charts
    # would wait for everything around them.
    with charts:
        st.fragment(_charts, run_every=every)(settings, experiment, earlier, info)
    with stage:
        drawing, standing = grid.main_and_side()
        with drawing:
            st.fragment(_drawing, run_every=live_drawing.interval(info, every))(experiment, info)
        with standing, st.container(key="ci_standing"):
            st.fragment(_status, run_every=every)(experiment)
    with told:
        since_last_run.changed("ci", settings, [experiment], frames, run_controls.EARLIER_RUNS, earlier)
        st.fragment(_told, run_every=every)(experiment, earlier, info, every)
    with below:
        st.fragment(_below, run_every=every)(experiment, info)
    return frames


def _charts(settings: Settings, experiment: Experiment, earlier: Sequence[EarlierRun], info: DatasetInfo) -> None:
    try:
        frames = client.feed().frames([experiment.key, *(run.run for run in earlier)])
    except StoreUnavailable as error:
        messages.error(error)
        return
    _chart(settings, experiment, earlier, frames, info)


def _drawing(experiment: Experiment, info: DatasetInfo) -> None:
    """Draw the network as its run left it last."""
    with suppress(StoreUnavailable):  # the charts report it
        frame = client.feed().frames([experiment.key]).get(experiment.key)
        live_drawing.show(experiment.layers, colors.role(experiment), info, frame, key="live_ci", notes="cifar")


def _status(experiment: Experiment) -> None:
    """Draw the run's status card, buttons and figures."""
    with suppress(StoreUnavailable):
        frame = client.feed().frames([experiment.key]).get(experiment.key)
        run_controls.follow_successor(frame)
        name = run_titles.title(experiment)
        role = Role(name, name, colors.role(experiment).color)
        run = frame.run if frame else None
        st.html(score_card.html(role, run, of="test pictures", wait=waiting.expected(run)))
        if frame:
            run_controls.show(frame)
        st.html(figures(frame))


def _told(experiment: Experiment, earlier: Sequence[EarlierRun], info: DatasetInfo, every: float | None) -> None:
    """Draw what to notice; rerun the page if the polling interval changed."""
    with suppress(StoreUnavailable):
        frames = client.feed().frames([experiment.key, *(run.run for run in earlier)])
        what_to_notice.notice(experiment, frames, earlier, info)
        shown = [frame] if (frame := frames.get(experiment.key)) else []
        if interval_changed(every, poll_interval(shown, [frames[run.run] for run in earlier if run.run in frames])):
            st.rerun()


def _below(experiment: Experiment, info: DatasetInfo) -> None:
    """Draw the run's progress in detail."""
    with suppress(StoreUnavailable):
        frame = client.feed().frames([experiment.key]).get(experiment.key)
        if frame is not None and frame.run.summary.get("step"):
            progress_detail.show(frame, info)


def figures(frame: Frames | None) -> Markup:
    """Return the run's current figures as HTML: accuracies, speed, memory, device."""
    summary = frame.run.summary if frame else {}
    facts: list[tuple[str, str]] = []
    if frame and summary.get("held_out_accuracy") is not None:
        views = scores.views(frame.run, "held-out")
        with_ = "" if views == "none" else f", {scores.views_name(views)}"
        facts.append((numbers.percent(summary["held_out_accuracy"], 1), f"held out{with_}"))
    if summary.get("accuracy") is not None:
        facts.append((numbers.percent(summary["accuracy"], 1), "training batches"))
    if frame and (speed := frame.run.images_per_second):
        facts.append((numbers.rate(speed), "in training"))
    if summary.get("memory_bytes"):
        facts.append((f"{summary['memory_bytes'] / 2**30:.2f}{numbers.SPACE}GiB", "memory"))
    if summary.get("device") and len(device_picker.choices()) > 1:
        facts.append((DEVICES.get(summary["device"], summary["device"]), f"in {summary.get('precision', 'float32')}"))
    if summary.get("learning_rate") and frame and frame.run.active:
        facts.append((f"{summary['learning_rate']:.2g}", "learning rate"))
    return facts_html(facts)


def _chart(
    settings: Settings,
    experiment: Experiment,
    earlier: Sequence[EarlierRun],
    frames: Mapping[str, Frames],
    info: DatasetInfo,
) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        view = settings.segments(
            "ci_view",
            "Chart",
            list(CHARTS),
            format=CHARTS.__getitem__,
            help="Quantity that the chart shows",
            label_visibility="collapsed",
        )
        axis: XAxis = "seconds"
        if view != "clock":
            axis = settings.segments(
                "ci_x",
                "x-axis",
                list(learning_curves.X_TITLES),
                format=str.capitalize,
                help="Quantity on the x-axis",
                label_visibility="collapsed",
            )
    letters = {run.run: run.letter for run in earlier}
    curves = tuple(
        Curve.of(
            frames[run.run],
            run.name,
            run.label,
            run.color,
            earlier=True,
            start=lineage.start(frames[run.run].run.experiment),
        )
        for run in earlier
        if run.run in frames
    )
    start = lineage.start(experiment, letters)
    if own := frames.get(experiment.key):
        color = colors.role(experiment).color
        label = run_controls.EARLIER_RUNS.labels([experiment, *(run.frames.run.experiment for run in earlier)])[0]
        curves += (Curve.of(own, run_titles.title(experiment), label, color, start=start),)
    example = None if curves else example_runs.load("ci", run_titles.short)
    if example:
        curves = example.curves
    planned = 0.0 if experiment.time_budget else learning_curves.planned(experiment, axis)
    theme = colors.theme()
    standin = run_titles.standin(info)
    continued = bool(start.origin)
    continued_note = f"Continued from {start.origin}, which the axis includes." if continued else ""
    older = seconds_note(curves) if axis == "seconds" else ""
    changed = CHANGED if experiment.lr_changes else ""
    kept = example.caption if example else ""
    caption = " ".join(filter(None, [kept, ABOUT[view], changed, continued_note, older, standin]))
    if view == "clock":
        chart = time_to_accuracy.spec(theme, continued)
        st.vega_lite_chart(
            time_to_accuracy.arrow(curves, standin),
            chart,
            height=chart["height"],  # so that the page has room for it before it is drawn
            alt=caption,
            key="ci_clock",
        )
    elif view == "gap":
        st.vega_lite_chart(
            gap_chart.arrow(curves, axis, planned), gap_chart.spec(axis, theme, continued), alt=caption, key="ci_gap"
        )
    elif view == "rate":
        rows = rate_chart.arrow(curves, axis, planned, experiment.learning_rate)
        st.vega_lite_chart(rows, rate_chart.spec(axis, theme, continued), alt=caption, key="ci_rate_chart")
    else:
        rows = table(curves, axis, 0, planned, PICTURES_LOSS_RANGE)
        chart = learning_curves.learning_curves("accuracy", axis, theme=theme, continued=continued)
        st.vega_lite_chart(rows, chart, alt=f"accuracy during training. {caption}", key="ci_accuracy")
        for loss, group in by_loss(curves, [experiment]).items():
            shown = PICTURES_CROSS_ENTROPY if loss == CROSS_ENTROPY else loss
            rows = table(group, axis, 0, planned, shown.range)
            chart = learning_curves.learning_curves("loss", axis, theme=theme, loss=shown, continued=continued)
            st.vega_lite_chart(
                rows,
                chart,
                alt=f"{loss.name} during training. {caption}",
                key="ci_loss" if loss == CROSS_ENTROPY else "ci_margin_loss",
            )
    st.caption(caption)
