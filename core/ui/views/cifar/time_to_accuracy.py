"""Accuracy against whole seconds, on a logarithmic axis: every run a line, and the notes' two claims where they are.

Seconds count from a run's start to the answer: preparing, training and every test, but not the queue.

The spec never changes while data arrive; the claims and the lines of 70 to 94 % are rows like the runs.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
import pyarrow as pa

from core.training.evaluation_plan import VIEWS
from core.ui.charts.curve_table import CHANGE, Curve, changes, ending, looks
from core.ui.charts.labels import apart
from core.ui.charts.learning_curves import ENDING_MARK, Spec, band, change_marks
from core.ui.display import numbers, scores
from core.ui.display.colors import GRAY, LIGHTER, PAPER, Theme

SECONDS = (0.3, 1e6)  # the axis
LEVELS = (0.70, 0.80, 0.90, 0.94)
FEW_MINUTES = (120.0, 300.0)  # "a few minutes of training on a GPU": drawn from two to five
HUNDRED_HOURS = 360_000.0
CLAIMS = (  # accuracy, seconds from and to, the notes' words in two lines, and in full
    (0.70, *FEW_MINUTES, "The notes: about 70 %\nin a few minutes", "70 % with a few minutes of training on a GPU"),
    (
        0.90,
        0.8 * HUNDRED_HOURS,
        1.25 * HUNDRED_HOURS,
        "The notes: 90 %+,\nclose to 100 hours",
        "90 %+ can require close to a hundred hours",
    ),
)
ABOVE, BELOW = 2.6, -2.6  # percentage points from a level to its name; 90 % has it below, out of 94 %'s way
TICKS = {1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 36_000: "10 h", 360_000: "100 h"}
LABEL_GAP, LABEL_WIDTH = 5.0, 0.14  # percentage points, and parts of the axis, within which labels are moved apart
# The names of runs that end near 70 %, shortly before the notes' claim, would lie on it: they are lifted over it.
LABEL_PIXELS = 115
BEFORE_CLAIM = f"width * log({FEW_MINUTES[0]} / datum.seconds) / {math.log(SECONDS[1] / SECONDS[0]):.4f}"  # px
OVER_CLAIM = (
    f"{BEFORE_CLAIM} < {LABEL_PIXELS} && datum.seconds < {FEW_MINUTES[1]} && datum.accuracy > 66 && "
    "datum.accuracy < 82 ? -24 : 0"
)
CLAIM = "#8A8F98"
COLUMNS = ["part", "run", "color", "earlier", "seconds", "until", "accuracy", "low", "high", "label", "told"]


def crossing(curve: Curve, level: float) -> float | None:
    """Return the seconds until a test accuracy was first measured at `level`, whole ones where the run told them.

    A test of several views counts as well, and comes after one of a view at the same time. None where none was so high.
    """
    first = _first(curve, level)
    return first[0] if first else None


def measured(curve: Curve, level: float) -> str:
    """Return what was measured at a `crossing` and on how many pictures: "71.2 % of 1,000 pictures, 95 % ..."."""
    first = _first(curve, level)
    return first[1] if first else ""


def _first(curve: Curve, level: float) -> tuple[float, str] | None:
    """The seconds of the first test at or above a level, and what it measured in words."""
    tested = looks(curve, "test")
    for seconds, accuracy, pictures in tested[["seconds", "accuracy", "pictures"]].to_numpy(float).tolist():
        if accuracy >= level:
            of = "" if pd.isna(pictures) else f" {scores.sample(accuracy, int(pictures))}"
            return seconds, f"{numbers.percent(accuracy, 1)}{of}"
    last = ending(curve)
    return (last.seconds, last.words) if last is not None and last.accuracy >= level else None


@lru_cache(maxsize=64)
def arrow(curves: tuple[Curve, ...], note: str = "") -> pa.Table:
    """`table` as it is sent to browsers, shared by all who watch."""
    return pa.Table.from_pandas(table(curves, note), preserve_index=False)


def table(curves: Sequence[Curve], note: str = "") -> pd.DataFrame:
    """Every mark as a row of COLUMNS: levels, claims, the runs' points, the changes of their rates and the
    labels at their ends; accuracy in %.

    `note` stands at the chart's top left: what the pictures are, where they are not CIFAR-10's.
    """
    rows: list[dict[str, Any]] = []
    for level in LEVELS:
        at = _mark("level", 100 * level)
        name = at | {"part": "level name", "accuracy": 100 * level + (BELOW if level == 0.90 else ABOVE)}
        rows += [at, name | {"label": f"{100 * level:.0f} %"}]
    rows += [
        _mark("claim", 100 * level, low, high) | {"run": "The notes", "label": lines, "told": words}
        for level, low, high, lines, words in CLAIMS
    ]
    if note:
        rows.append(_mark("note", 3.0) | {"label": note})
    rows += [row for curve in curves for row in _points(curve)]
    labels = [row for curve in curves for row in _labels(curve)]
    across, wanted = [_across(row["seconds"]) for row in labels], [row["accuracy"] for row in labels]
    for row, place in zip(labels, apart(across, wanted, LABEL_GAP, 2.0, 98.0, LABEL_WIDTH), strict=True):
        rows.append(row | {"accuracy": place})
    return pd.DataFrame(rows, columns=COLUMNS)


def _mark(part: str, accuracy: float, start: float = SECONDS[0], until: float = SECONDS[1]) -> dict[str, Any]:
    """A row of what belongs to no run, from some seconds until others."""
    row = dict.fromkeys(COLUMNS, "") | {"part": part, "color": CLAIM, "earlier": False, "accuracy": accuracy}
    return row | {"seconds": start, "until": until, "low": None, "high": None}


def _point(curve: Curve, part: str, seconds: float, accuracy: float) -> dict[str, Any]:
    """A row of a run, at a time that is on the axis."""
    place = max(seconds, SECONDS[0])
    row = _mark(part, accuracy, place, place)
    return row | {"run": curve.name, "color": curve.color, "earlier": curve.earlier}


def _points(curve: Curve) -> list[dict[str, Any]]:
    """A run's tests, the line of one view with its intervals and the mark of several views; its rate's changes."""
    tested = looks(curve, "test")
    rows = []
    points = tested[tested["seconds"] > 0].dropna(subset=["accuracy"])
    columns = ["seconds", "accuracy", "epoch", "pictures", "low", "high"]
    for seconds, accuracy, epoch, pictures, low, high in points[columns].to_numpy(float).tolist():
        how = "" if pd.isna(pictures) else f" ({scores.sample(accuracy, int(pictures))})"
        row = _point(curve, "run", seconds, 100 * accuracy)
        row["told"] = f"{numbers.percent(accuracy)}{how} after {_told(curve, seconds)}, epoch {epoch:.1f}"
        rows.append(row if curve.earlier else row | {"low": 100 * low, "high": 100 * high})
    if last := ending(curve):
        told = f"{last.words} after {_told(curve, last.seconds)}, epoch {last.epoch:.1f}"
        rows.append(_point(curve, "ending", last.seconds, 100 * last.accuracy) | {"told": told})
    for change in changes(curve, "seconds"):
        row = _point(curve, "change", change.x, 0.0)
        rows.append(row | {"color": CHANGE, "earlier": False, "told": change.words})
    return rows


def _labels(curve: Curve) -> list[dict[str, Any]]:
    """The name at the end of a run's line, and beside the mark of a run of now that ended in several views."""
    rows = []
    tested = looks(curve, "test")
    tested = tested[tested["seconds"] > 0].dropna(subset=["accuracy"])
    if len(tested):
        last = tested.iloc[-1]
        accuracy = float(last["accuracy"])
        label = curve.label if curve.earlier else f"{curve.label} {numbers.percent(accuracy, 1)}"
        rows.append(_point(curve, "label", float(last["seconds"]), 100 * accuracy) | {"label": label})
    if (ended := ending(curve)) and not curve.earlier:
        label = f"{VIEWS[ended.views]} views {numbers.percent(ended.accuracy, 1)}"
        rows.append(_point(curve, "label", ended.seconds, 100 * ended.accuracy) | {"label": label})
    return rows


def _told(curve: Curve, seconds: float) -> str:
    """Seconds in words, and whether they are of training alone."""
    return f"{numbers.duration(seconds)}{'' if curve.is_whole else ' of training alone'}"


def _across(seconds: float) -> float:
    """The place on the axis, from 0 to 1."""
    low, high = map(math.log10, SECONDS)
    return (math.log10(seconds) - low) / (high - low)


@lru_cache
def spec(theme: Theme = "light", continued: bool = False) -> Spec:
    """The chart. `theme` is the page's: letters are lighter on the dark one. Of a `continued` run it counts the one
    before, which its axis says."""
    ticks = " : ".join(f"datum.value == {value} ? '{text}'" for value, text in TICKS.items())
    x = {
        "field": "seconds",
        "type": "quantitative",
        "title": f"Seconds in all, on this device{', with the run before' if continued else ''} (log scale)",
        "scale": {"type": "log", "domain": list(SECONDS), "nice": False},
        "axis": {"grid": False, "values": list(TICKS), "labelExpr": f"{ticks} : ''", "labelOverlap": True},
    }
    y = {
        "field": "accuracy",
        "type": "quantitative",
        "title": "Test accuracy (%)",
        "scale": {"domain": [0, 100], "nice": False},
        "axis": {"grid": False, "values": [0, 20, 40, 60, 80, 100]},
    }
    color = {"field": "color", "type": "nominal", "scale": None}
    ink = f"{LIGHTER}[datum.color] || datum.color" if theme == "dark" else "datum.color"
    faded = {"condition": {"test": "datum.earlier", "value": 0.45}, "value": 1}
    gray = GRAY[theme]
    halo = {"stroke": PAPER[theme], "strokeWidth": 4, "strokeJoin": "round"}
    label = {"type": "text", "align": "left", "dx": 8, "dy": {"expr": OVER_CLAIM}, "fontSize": 13, "fontWeight": 600}
    words: Spec = {"type": "text", "baseline": "middle", "fontSize": 12, "lineBreak": "\n", "lineHeight": 14}
    early = {**words, "align": "left", "dx": 8, "dy": -7}
    late = {**words, "align": "right", "dx": -8, "dy": -7}
    paints: tuple[Spec, ...] = ({**halo, "color": PAPER[theme]}, {"color": gray})
    return {
        "height": 420,
        "padding": {"left": 4, "right": 8, "top": 8, "bottom": 4},
        "usermeta": {"embedOptions": {"renderer": "svg"}},
        "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}},
        "encoding": {"x": x, "y": y},
        "layer": [
            {
                "transform": _only("level"),
                "mark": {"type": "rule", "strokeDash": [2, 4], "color": gray, "opacity": 0.8},
                "encoding": {"x2": {"field": "until"}},
            },
            {
                "transform": _only("level name"),
                "mark": {"type": "text", "align": "left", "dx": 4, "color": gray},
                "encoding": {"text": {"field": "label"}},
            },
            {
                "transform": _only("note"),
                "mark": {"type": "text", "align": "left", "dx": 4, "color": gray, "fontStyle": "italic"},
                "encoding": {"text": {"field": "label"}},
            },
            {
                "transform": _only("claim"),
                "mark": {"type": "bar", "height": 10, "cornerRadius": 5, "color": gray},
                "encoding": {"x2": {"field": "until"}, "tooltip": [{"field": "told", "title": "The notes"}]},
            },
            *(
                {
                    "transform": [*_only("claim"), {"filter": which}],
                    "mark": mark | paint,
                    "encoding": {"text": {"field": "label"}, "x": {**x, "field": beside}},
                }
                for which, beside, mark in (
                    ("datum.until < 1e4", "until", early),
                    ("datum.until >= 1e4", "seconds", late),
                )
                for paint in paints
            ),
            band(color, "run"),
            {
                "transform": _only("run"),
                "mark": {"type": "line", "strokeWidth": 2.6, "strokeJoin": "round", "clip": True},
                "encoding": {"color": color, "detail": {"field": "run", "type": "nominal"}, "opacity": faded},
            },
            *(
                {
                    "transform": _only(part),
                    "mark": mark,
                    "encoding": {
                        "color": color,
                        "opacity": faded,
                        "tooltip": [{"field": "run", "title": "Run"}, {"field": "told", "title": "Test accuracy"}],
                    },
                }
                for part, mark in (("run", {"type": "circle", "size": 34, "clip": True}), ("ending", ENDING_MARK))
            ),
            *change_marks(theme),
            {
                "transform": _only("label"),
                "mark": {**label, **halo, "color": PAPER[theme]},
                "encoding": {"text": {"field": "label"}},
            },
            {
                "transform": [*_only("label"), {"calculate": ink, "as": "ink"}],
                "mark": label,
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
