"""What a network knows by heart, as a curve: training accuracy minus test accuracy, in percentage points."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa

from core.ui.charts.curve_table import CHANGE, SMOOTHING_POINTS, TOLD, X_FIELDS, Curve, XAxis, changes, looks
from core.ui.charts.labels import apart
from core.ui.charts.learning_curves import GUTTER, LABEL, X_TITLES, Y_EXTENT, Spec, change_marks, x_title
from core.ui.display import scores
from core.ui.display.colors import LIGHTER, PAPER, Theme

RANGE = (-20.0, 80.0)  # percentage points
LABEL_GAP = 5.5  # percentage points
COLUMNS = ["part", "run", "color", "earlier", "x", "gap", "label", TOLD]


def gaps(curve: Curve) -> pd.DataFrame:
    """A row an evaluation on the test set: epoch, images, seconds, gap (fraction), accuracy of the test, pictures.

    The training accuracy is the mean over the batches just before, as smooth as the learning curve's. Both are of one
    view of each picture: a last test of several is no measure of what is known by heart.
    """
    tested = looks(curve, "test").dropna(subset=["accuracy"])
    progress = curve.frames.progress.dropna(subset=["accuracy"])
    columns = ["epoch", "images", "seconds", "accuracy", "pictures"]
    if tested.empty or progress.empty:
        return pd.DataFrame(columns=[*columns, "gap"])
    smooth = progress["accuracy"].ewm(span=SMOOTHING_POINTS).mean()
    training = np.interp(tested["step"].astype(float), progress["step"].astype(float), smooth)
    return tested[columns].assign(gap=training - tested["accuracy"])


@lru_cache(maxsize=64)
def arrow(curves: tuple[Curve, ...], axis: XAxis, planned: float = 0.0) -> pa.Table:
    """Every mark as a row of COLUMNS, as it is sent to browsers; `planned` is where the x-axis ends at least."""
    return pa.Table.from_pandas(table(curves, axis, planned), preserve_index=False)


def table(curves: Sequence[Curve], axis: XAxis, planned: float = 0.0) -> pd.DataFrame:
    """The rows of `arrow`; gaps in percentage points."""
    end = max([planned, *(curve.end(axis) for curve in curves)]) or 1.0
    rows: list[tuple[object, ...]] = [("end", "", "", False, end, 0.0, "", "")]
    ends = []
    for curve in curves:
        found = gaps(curve)
        columns = [X_FIELDS[axis], "gap", "accuracy", "pictures"]
        for x, gap, accuracy, pictures in found[columns].to_numpy(float).tolist():
            told = "" if pd.isna(pictures) else scores.sample(accuracy, int(pictures))
            rows.append(("run", curve.name, curve.color, curve.earlier, x, 100 * gap, "", told))
        rows += [("change", curve.name, CHANGE, False, one.x, 0.0, "", one.words) for one in changes(curve, axis)]
        if len(found):
            ends.append((curve, float(found[X_FIELDS[axis]].iloc[-1]), float(100 * found["gap"].iloc[-1])))
    places = apart([x / end for _, x, _ in ends], [gap for *_, gap in ends], LABEL_GAP, RANGE[0], RANGE[1], 0.25)
    for (curve, x, gap), place in zip(ends, places, strict=True):
        label = curve.label if curve.earlier else f"{curve.label} {gap:+.1f}".replace("-", "−")
        rows.append(("label", curve.name, curve.color, curve.earlier, x, place, label, ""))
    return pd.DataFrame(rows, columns=COLUMNS)


@lru_cache
def spec(axis: XAxis, theme: Theme = "light", continued: bool = False) -> Spec:
    """The chart of `arrow`'s rows."""
    color = {"field": "color", "type": "nominal", "scale": None}
    faded = {"condition": {"test": "datum.earlier", "value": 0.45}, "value": 1}
    ink = f"{LIGHTER}[datum.color] || datum.color" if theme == "dark" else "datum.color"
    tooltip = [
        {"field": "run", "title": "Run"},
        {"field": "gap", "title": "Training minus test (points)", "format": "+.2f", "type": "quantitative"},
        {"field": TOLD, "title": "Test accuracy"},
        {"field": "x", "title": X_TITLES[axis], "format": ",.4~r", "type": "quantitative"},
    ]
    return {
        "height": 420,
        "padding": {"left": 4, "right": 4, "top": 8, "bottom": 4},
        "usermeta": {"embedOptions": {"renderer": "svg"}},
        "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}},
        "encoding": {
            "x": {
                "field": "x",
                "type": "quantitative",
                "title": x_title(axis, continued),
                "scale": {"zero": True, "nice": False, "range": [0, {"expr": f"width - {GUTTER}"}]},
                "axis": {"grid": False, "tickCount": 6, "format": "~s" if axis == "images" else "~r"},
            },
            "y": {
                "field": "gap",
                "type": "quantitative",
                "title": "Training minus test accuracy (percentage points)",
                "scale": {"domain": list(RANGE), "nice": False, "clamp": True},
                "axis": {"tickCount": 6, "minExtent": Y_EXTENT},
            },
        },
        "layer": [
            {"transform": _only("end"), "mark": {"type": "point", "opacity": 0, "tooltip": False}},
            {
                "transform": _only("end"),
                "mark": {"type": "rule", "color": "#8A8F98"},
                "encoding": {"x": {"datum": 0}, "x2": {"field": "x"}},
            },
            {
                "transform": _only("run"),
                "mark": {"type": "line", "strokeWidth": 2.6, "strokeJoin": "round", "clip": True},
                "encoding": {"color": color, "detail": {"field": "run", "type": "nominal"}, "opacity": faded},
            },
            {
                "transform": _only("run"),
                "mark": {"type": "circle", "size": 34, "clip": True},
                "encoding": {"color": color, "opacity": faded, "tooltip": tooltip},
            },
            *change_marks(theme),
            {
                "transform": _only("label"),
                "mark": {**LABEL, "stroke": PAPER[theme], "strokeWidth": 4, "strokeJoin": "round"},
                "encoding": {"text": {"field": "label"}, "color": {"value": PAPER[theme]}},
            },
            {
                "transform": [*_only("label"), {"calculate": ink, "as": "ink"}],
                "mark": LABEL,
                "encoding": {
                    "text": {"field": "label"},
                    "color": {"field": "ink", "type": "nominal", "scale": None},
                    "opacity": faded,
                },
            },
        ],
    }


def _only(part: str) -> list[Spec]:
    return [{"filter": {"field": "part", "equal": part}}]
