"""The section on the training: a chart of all runs, the progress in detail, and the earlier runs."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import streamlit as st

from core.data import DatasetInfo
from core.runs.history_cache import Frames
from core.runs.run import StoreUnavailable
from core.training.experiment import Experiment
from core.ui.backend import client, continued_runs, redrawn_fragments
from core.ui.charts import learning_curves
from core.ui.charts.curve_table import (
    CROSS_ENTROPY,
    PICTURES_CROSS_ENTROPY,
    PICTURES_LOSS_RANGE,
    Curve,
    by_loss,
    seconds_note,
    table,
)
from core.ui.charts.run_length import XAxis
from core.ui.display import colors
from core.ui.run_panels import example_runs, settings_file
from core.ui.run_panels.curves import X_AXIS
from core.ui.run_panels.earlier_runs import EarlierRun
from core.ui.run_panels.settings_file import SetControls
from core.ui.state import query
from core.ui.state.settings import Settings
from core.ui.state.url_values import Choice
from core.ui.views.cifar import gap_chart, progress_detail, rate_chart, run_controls, run_titles, time_to_accuracy
from core.ui.views.cifar.page_texts import COURSE_NOTES

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
VIEW, AXIS = "ci_view", "ci_x"
DEFAULTS = {VIEW: "clock", AXIS: "epochs"}
_VIEW = Choice("Chart", tuple(CHARTS), CHARTS.__getitem__)


def keep_axes(settings: Settings) -> None:
    """Keep the choice of the chart and its axis in the link also while this section is closed."""
    for key, setting in ((VIEW, _VIEW), (AXIS, X_AXIS)):
        query.value(key, setting, settings.defaults[key])


def show(
    settings: Settings,
    experiment: Experiment,
    earlier: Sequence[EarlierRun],
    info: DatasetInfo,
    group: redrawn_fragments.Group,
    set_controls: SetControls,
) -> None:
    """Draw the chart and the progress in detail, updated while the run is active; under them the earlier runs.

    Args:
        settings: The page's.
        experiment: What is trained.
        earlier: The earlier runs.
        info: The data.
        group: What is redrawn together, as `current_run.panel` returns it.
        set_controls: Sets the page's controls to loaded settings.
    """
    group.fragment(_charts)(settings, experiment, earlier, info)
    group.fragment(_progress)(experiment, info)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        settings_file.show("ci", set_controls)
        run_controls.EARLIER_RUNS.show(earlier)


def _charts(settings: Settings, experiment: Experiment, earlier: Sequence[EarlierRun], info: DatasetInfo) -> None:
    with suppress(StoreUnavailable):  # what to notice reports it
        frames = client.feed().frames([experiment.key, *(run.run for run in earlier)])
        _chart(settings, experiment, earlier, frames, info)


def _progress(experiment: Experiment, info: DatasetInfo) -> None:
    """Draw the run's progress in detail."""
    with suppress(StoreUnavailable):
        frame = client.feed().frames([experiment.key]).get(experiment.key)
        if frame is not None and frame.run.summary.get("step"):
            progress_detail.show(frame, info)


def _chart(
    settings: Settings,
    experiment: Experiment,
    earlier: Sequence[EarlierRun],
    frames: Mapping[str, Frames],
    info: DatasetInfo,
) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        view = settings.segments(
            VIEW,
            _VIEW.label,
            _VIEW.options,
            format=_VIEW.format,
            help="Quantity that the chart shows",
            label_visibility="collapsed",
        )
        axis: XAxis = "seconds"
        if view != "clock":
            axis = settings.segments(
                AXIS,
                X_AXIS.label,
                X_AXIS.options,
                format=X_AXIS.format,
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
            start=continued_runs.start(frames[run.run].run.experiment),
        )
        for run in earlier
        if run.run in frames
    )
    start = continued_runs.start(experiment, letters)
    if own := frames.get(experiment.key):
        color = colors.role(experiment).color
        label = run_controls.EARLIER_RUNS.labels([experiment, *(run.frames.run.experiment for run in earlier)])[0]
        curves += (Curve.of(own, run_titles.title(experiment), label, color, start=start),)
    is_void = all(curve.frames.evaluated.empty if view == "clock" else curve.is_empty for curve in curves)
    example = example_runs.load("ci", run_titles.short) if is_void else None
    if example:
        curves = example.curves
    planned = learning_curves.planned(experiment, axis)
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
