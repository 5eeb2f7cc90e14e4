"""The generalization gap as a curve: training accuracy minus test accuracy, in percentage points."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from core.runs.newest_states import newest_states
from core.ui.charts.base import PADDING, built_once, own_color, rows, tip
from core.ui.charts.curve_table import CHANGE, DETAIL, SMOOTHING_POINTS, Curve, changes, looks
from core.ui.charts.label_placement import separate_labels
from core.ui.charts.learning_curves import X_TITLES, Y_EXTENT, x_axis, x_title
from core.ui.charts.run_length import X_FIELDS, XAxis
from core.ui.charts.run_marks import axis_ends, by_run, change_marks, end_labels, faded
from core.ui.display import numbers, run_accuracies
from core.ui.display.colors import CHANCE, Theme

if TYPE_CHECKING:
    import altair as alt

GAP_RANGE = (-20.0, 80.0)  # percentage points
LABEL_GAP = 5.5  # percentage points
COLUMNS = ["part", "run", "color", "earlier", "x", "gap", "label", DETAIL]


@newest_states(maxsize=64)
def gaps(curve: Curve) -> pd.DataFrame:
    """Return the gap at each evaluation on the test set: epoch, images, seconds, accuracy, pictures, gap (a fraction).

    The training accuracy is the mean over the batches just before, as smooth as the learning curve's. Both are of one
    view of each picture: a last test of several views does not measure the gap. All sessions share it: read it, don't
    change it.
    """
    tested = looks(curve, "test").dropna(subset=["accuracy"])
    progress = curve.frames.progress.dropna(subset=["accuracy"])
    columns = ["epoch", "images", "seconds", "accuracy", "pictures"]
    if tested.empty or progress.empty:
        return pd.DataFrame(columns=[*columns, "gap"])
    smooth = progress["accuracy"].ewm(span=SMOOTHING_POINTS).mean()
    training = np.interp(tested["step"].astype(float), progress["step"].astype(float), smooth)
    return tested[columns].assign(gap=training - tested["accuracy"])


@newest_states(maxsize=64)
def arrow(curves: tuple[Curve, ...], axis: XAxis, planned: float = 0.0) -> pa.Table:
    """Return every mark as a row of COLUMNS, as it is sent to browsers; the x-axis ends at `planned` at the least."""
    return pa.Table.from_pandas(table(curves, axis, planned), preserve_index=False)


def table(curves: Sequence[Curve], axis: XAxis, planned: float = 0.0) -> pd.DataFrame:
    """Return the rows of `arrow`; gaps in percentage points."""
    end = max([planned, *(curve.end(axis) for curve in curves)]) or 1.0
    marks: list[tuple[object, ...]] = [("end", "", "", False, end, 0.0, "", "")]
    ends = []
    for curve in curves:
        measured = gaps(curve)
        columns = [X_FIELDS[axis], "gap", "accuracy", "pictures"]
        for x, gap, accuracy, pictures in measured[columns].to_numpy(float).tolist():
            detail = "" if pd.isna(pictures) else run_accuracies.sample(accuracy, int(pictures))
            marks.append(("run", curve.name, curve.color, curve.earlier, x, 100 * gap, "", detail))
        marks += [
            ("change", curve.name, CHANGE, False, change.x, 0.0, "", change.words) for change in changes(curve, axis)
        ]
        if len(measured):
            ends.append((curve, float(measured[X_FIELDS[axis]].iloc[-1]), float(100 * measured["gap"].iloc[-1])))
    positions = separate_labels(
        [x / end for _, x, _ in ends], [gap for *_, gap in ends], LABEL_GAP, GAP_RANGE[0], GAP_RANGE[1], 0.25
    )
    for (curve, x, gap), y in zip(ends, positions, strict=True):
        label = curve.label if curve.earlier else f"{curve.label} {numbers.signed(gap, 1)}"
        marks.append(("label", curve.name, curve.color, curve.earlier, x, y, label, ""))
    return pd.DataFrame(marks, columns=COLUMNS)


@built_once
def spec(axis: XAxis, theme: Theme = "light", continued: bool = False) -> "alt.LayerChart":
    """Draw the rows of `arrow`."""
    import altair as alt

    own = own_color()
    points = rows("run").mark_circle(size=34, clip=True)
    lines = rows("run").mark_line(strokeWidth=2.6, strokeJoin="round", clip=True)
    return (
        alt.layer(
            axis_ends(),
            rows("end").mark_rule(color=CHANCE).encode(x=alt.XDatum(0), x2=alt.X2(field="x")),
            lines.encode(color=own, detail=by_run(), opacity=faded()),
            points.encode(
                color=own,
                opacity=faded(),
                tooltip=[
                    tip("run", "Run"),
                    tip("gap", "Training minus test (points)", "+.2f"),
                    tip(DETAIL, "Test accuracy"),
                    tip("x", X_TITLES[axis], ",.4~r"),
                ],
            ),
            *change_marks(theme),
            *end_labels(theme),
        )
        .encode(
            x=x_axis(axis, "x", x_title(axis, continued)),
            y=alt.Y(
                field="gap",
                type="quantitative",
                title="Training minus test accuracy (percentage points)",
                scale=alt.Scale(domain=list(GAP_RANGE), nice=False, clamp=True),
                axis=alt.Axis(tickCount=6, minExtent=Y_EXTENT),
            ),
        )
        .properties(height=420, padding=PADDING)
    )
