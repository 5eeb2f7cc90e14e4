"""The learning curves of contenders and earlier runs: accuracy, and one chart for each kind of loss."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.runs.history_cache import Frames
from core.training.experiment import Experiment
from core.ui.backend import client
from core.ui.charts import learning_curves
from core.ui.charts.curve_table import CROSS_ENTROPY, Curve, by_loss, seconds_note, table
from core.ui.charts.learning_curves import STARTS, X_TITLES
from core.ui.charts.run_length import XAxis
from core.ui.display import colors
from core.ui.layout import column_grid
from core.ui.run_panels import example_runs
from core.ui.run_panels.contenders import Contender
from core.ui.run_panels.earlier_runs import EarlierRun
from core.ui.state import query
from core.ui.state.settings import Settings
from core.ui.state.url_values import Choice

START = Choice("Accuracy from", STARTS, lambda percent: f"From {percent} %")
X_AXIS = Choice("x-axis", tuple(X_TITLES), str.capitalize)
ABOUT = (
    "Solid: test images, with a band for the 95 % interval. Dashed: training images, smoothed; dots: single batches. "
    "Faded: earlier runs."
)
LOSSES = (
    "The margin loss and the cross-entropy are different quantities: compare networks by their accuracy. With a "
    "decoder, the training line includes the reconstruction loss."
)
SMOOTHED = "Label smoothing keeps a training loss above the test loss, which is measured without it."
ALT = "Line chart: {} on the test and training images during training. The figures are above it."


def defaults(page: str) -> dict[str, object]:
    """Return the settings of the charts of a page."""
    return {f"{page}_x": "epochs", f"{page}_start": 80}


def show(
    settings: Settings,
    page: str,
    contenders: Sequence[Contender],
    earlier: Sequence[EarlierRun],
    frames: Mapping[str, Frames],
    labels: Callable[[Sequence[Experiment]], list[str]],
) -> None:
    """Draw the charts: those of an example until there is something to draw.

    Args:
        settings: The page's, with those of `defaults`.
        page: The page's letter, with which the keys begin.
        contenders: What is trained.
        earlier: The earlier runs.
        frames: The histories of all their runs, by key.
        labels: Returns what sets the experiments on the chart apart, for the ends of their lines.
    """
    axis, wanted = pick_axes(settings, page)
    others = [run.frames.run.experiment for run in earlier]
    own = labels([*(contender.experiment for contender in contenders), *others])
    curves = tuple(
        [
            *(Curve.of(frames[e.run], e.name, e.label, e.color, earlier=True) for e in earlier if e.run in frames),
            *(
                Curve.of(frames[key], contender.role.name, _own_label(contender, label), contender.role.color)
                for contender, label in zip(contenders, own, strict=False)
                if (key := contender.experiment.key) in frames
            ),
        ]
    )
    example = example_runs.load(page) if all(curve.is_empty for curve in curves) else None
    draw(
        example.curves if example else curves,
        [contender.experiment for contender in contenders],
        axis,
        wanted,
        caption=example.caption if example else None,
    )


def keep_axes(settings: Settings, page: str) -> None:
    """Keep a page's axes in its link also while its charts are in a closed tab."""
    for key, axis in ((f"{page}_start", START), (f"{page}_x", X_AXIS)):
        query.value(key, axis, settings.defaults[key])


def pick_axes(settings: Settings, page: str) -> tuple[XAxis, int]:
    """Draw the choice of a page's axes: the quantity on the x-axis, and where accuracies begin, in percent."""
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        wanted = settings.segments(
            f"{page}_start",
            START.label,
            START.options,
            format=START.format,
            help="Start of the accuracy axis; lower if a run on the chart is below it",
            label_visibility="collapsed",
        )
        axis = settings.segments(
            f"{page}_x",
            X_AXIS.label,
            X_AXIS.options,
            format=X_AXIS.format,
            help="Quantity on the x-axis",
            label_visibility="collapsed",
        )
    return axis, wanted


def draw(
    curves: tuple[Curve, ...], planned: Sequence[Experiment], axis: XAxis, wanted: int, *, caption: str | None = None
) -> None:
    """Draw the accuracy of runs, and their losses, one chart for each kind, side by side.

    Args:
        curves: The runs.
        planned: The experiments whose whole length is shown, at least one.
        axis: The x-axis.
        wanted: Where the accuracy axis begins, in percent, if no run is below.
        caption: The line under the charts; by default what the lines mean.
    """
    accuracies = [curve.frames.run.summary.get("test_accuracy") for curve in curves]
    start = learning_curves.fitting_start(wanted, [accuracy for accuracy in accuracies if accuracy is not None])
    planned_end = max(learning_curves.planned(experiment, axis) for experiment in planned)
    end = max([planned_end, *(curve.end(axis) for curve in curves)])  # of all charts, whichever runs they show
    theme = colors.theme()
    chart = learning_curves.learning_curves("accuracy", axis, start, theme=theme)
    st.vega_lite_chart(
        table(curves, axis, start, end),
        chart,
        height=chart["height"],  # so that the page has room for it before it is drawn
        alt=ALT.format("accuracy"),
        key="accuracy",
    )
    groups = by_loss(curves, planned)
    for column, (loss, group) in zip(column_grid.swiped("losses", len(groups)), groups.items(), strict=True):
        chart = learning_curves.learning_curves("loss", axis, theme=theme, loss=loss)
        column.vega_lite_chart(
            table(group, axis, start, end, loss.range),
            chart,
            height=chart["height"],
            alt=ALT.format(loss.name),
            key="loss" if loss == CROSS_ENTROPY else "margin_loss",
        )
    if caption is not None:
        st.caption(caption)
        return
    notes = [
        ABOUT,
        LOSSES if len(groups) > 1 else "",
        SMOOTHED if any(experiment.label_smoothing for experiment in planned) else "",
        f"A run is below {wanted}\N{NO-BREAK SPACE}%, so the accuracy axis starts at {start}\N{NO-BREAK SPACE}%."
        if start != wanted
        else "",
        seconds_note(curves) if axis == "seconds" else "",
        client.caveat(planned[0].data),
    ]
    st.caption(" ".join(filter(None, notes)))


def _own_label(contender: Contender, label: str) -> str:
    """Return the label of a contender's line: its own name on the page, and what sets it apart."""
    _, comma, parts = label.partition(", ")
    return f"{contender.role.short}{comma}{parts}"
