"""Charts of the learning rate over a run, and of the range test: loss against a rising rate."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from core.runs.history_cache import Frames
from core.runs.newest_states import newest_states
from core.training.experiment import Experiment
from core.training.range_test import Suggestion
from core.ui.charts.base import WIDER_PADDING, built_once, own_color, rows, tip
from core.ui.charts.curve_table import CHANGE, DETAIL, Curve, changes
from core.ui.charts.learning_curves import Y_EXTENT, x_axis, x_title
from core.ui.charts.run_length import X_FIELDS, XAxis
from core.ui.charts.run_marks import axis_ends, by_run, change_marks, faded
from core.ui.display.colors import CHANCE, CNN, Theme

if TYPE_CHECKING:
    import altair as alt


@newest_states(maxsize=64)
def arrow(curves: tuple[Curve, ...], axis: XAxis, planned: float = 0.0, peak: float = 0.0) -> pa.Table:
    """Return rows of every run, for browsers: part ("rate", "change" or "end"), run, color, earlier, x, rate, detail.

    The row "end" holds where both axes end, so that neither moves while a run trains: `planned` and `peak` at least.
    """
    end = max([planned, *(curve.end(axis) for curve in curves)]) or 1.0
    top = max([peak, *(_peak(curve.frames.run.experiment) for curve in curves)]) or 1.0
    marks: list[tuple[object, ...]] = [("end", "", "", False, end, top, "")]
    for curve in curves:
        progress = curve.progress
        for x, rate in zip(progress[X_FIELDS[axis]], progress["learning_rate"], strict=True):
            marks.append(("rate", curve.name, curve.color, curve.earlier, float(x), float(rate), ""))
        marks += [
            ("change", curve.name, CHANGE, False, change.x, None, change.words) for change in changes(curve, axis)
        ]
    table = pd.DataFrame(marks, columns=["part", "run", "color", "earlier", "x", "rate", DETAIL])
    return pa.Table.from_pandas(table, preserve_index=False)


def _peak(experiment: Experiment) -> float:
    """Return the highest learning rate that an experiment may reach."""
    return max([experiment.learning_rate, *(rate for _, rate in experiment.lr_changes)])


@built_once
def spec(axis: XAxis, theme: Theme = "light", continued: bool = False) -> "alt.LayerChart":
    """Draw the learning rate of every run, both axes from 0, with a line at each manual change."""
    import altair as alt

    rate = alt.Y(
        field="rate",
        type="quantitative",
        title="Learning rate",
        scale=alt.Scale(zero=True, nice=False),
        axis=alt.Axis(format="~g", tickCount=5, minExtent=Y_EXTENT),
    )
    tooltip = [tip("run", "Run"), tip("rate", "Learning rate", ".3~g")]
    lines = rows("rate").mark_line(strokeWidth=2.2, clip=True)
    return (
        alt.layer(
            axis_ends().encode(y=rate),
            lines.encode(y=rate, color=own_color(), detail=by_run(), opacity=faded(), tooltip=tooltip),
            *change_marks(theme),
        )
        .encode(x=x_axis(axis, "x", x_title(axis, continued)))
        .properties(height=420, padding=WIDER_PADDING)
    )


def tested(frames: Frames, suggested: Suggestion | None) -> pd.DataFrame:
    """Return the range test's points and its suggestion as rows: part ("loss" or "best"), rate, loss, label."""
    points = frames.progress.dropna(subset=["loss"])
    points = points[points["learning_rate"] > 0]
    marks: list[tuple[object, ...]] = [
        ("loss", float(rate), float(loss), "")
        for rate, loss in zip(points["learning_rate"], points["loss"], strict=True)
    ]
    if suggested is not None:
        marks.append(("best", suggested.learning_rate, None, f"suggested: {suggested.learning_rate:.2g}"))
    return pd.DataFrame(marks, columns=["part", "rate", "loss", "label"])


@built_once
def range_spec(loss_title: str = "Cross-entropy (nats)") -> "alt.LayerChart":
    """Draw the loss against the learning rate, both as measured, and the rate that `tested` suggests."""
    import altair as alt

    loss = alt.Y(field="loss", type="quantitative", title=loss_title, scale=alt.Scale(domain=[0, 5], clamp=True))
    name = rows("best").mark_text(align="left", dx=5, fontSize=12, color=CHANCE)
    return (
        alt.layer(
            rows("loss").mark_line(strokeWidth=2, color=CNN.color, clip=True).encode(y=loss),
            rows("best").mark_rule(strokeDash=[6, 4], color=CHANGE),
            name.encode(text=alt.Text(field="label"), y=alt.YValue(12)),
        )
        .encode(
            x=alt.X(
                field="rate",
                type="quantitative",
                title="Learning rate (log scale)",
                scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(grid=False, format="~g", tickCount=6),
            )
        )
        .properties(height=260, padding=WIDER_PADDING)
    )


def nearest(rates: Sequence[float], rate: float) -> float:
    """Return the step of the page's slider nearest to a rate, on a log scale."""
    return min(rates, key=lambda step: abs(step / rate - 1) if step >= rate else abs(rate / step - 1))
