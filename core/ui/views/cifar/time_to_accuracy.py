"""Test accuracy against time, on a logarithmic axis: a line for each run, and two claims of the course notes.

Seconds count from a run's start to its result: preparing, training and every test, but not the queue. The claims and
the levels of 70 to 94 % are rows of the table, like the runs.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from core.runs.newest_states import newest_states
from core.training.evaluation_plan import VIEWS
from core.ui.charts.base import WIDER_PADDING, built_once, own_color, rows, tip
from core.ui.charts.curve_table import CHANGE, DETAIL, Curve, changes, ending, looks
from core.ui.charts.label_placement import Box, place_labels
from core.ui.charts.run_marks import ENDING, band, by_run, change_marks, end_labels, faded, halo
from core.ui.display import numbers, run_accuracies
from core.ui.display.colors import CHANCE, GRAY, Theme

if TYPE_CHECKING:
    import altair as alt

SECONDS = (0.3, 1e6)  # the axis
LEVELS = (0.70, 0.80, 0.90, 0.94)
FEW_MINUTES = (120.0, 300.0)  # "a few minutes of training on a GPU": drawn from two to five
HUNDRED_HOURS = 360_000.0
CLAIMS = (  # accuracy, seconds from and to, label in two lines, and the course notes' full text
    (
        0.70,
        *FEW_MINUTES,
        "Claim of the course notes:\n70 % in a few minutes",
        "70 % with a few minutes of training on a GPU",
    ),
    (
        0.90,
        0.8 * HUNDRED_HOURS,
        1.25 * HUNDRED_HOURS,
        "Claim of the course notes:\n90 %+, close to 100 hours",
        "90 %+ can require close to a hundred hours",
    ),
)
HEIGHT, PLOT = 272, 200  # px of the chart, and of what its axes leave for accuracies from 0 to 100 %
NAME = 3.0  # percentage points from a level to its name: below it, and above the highest
RIGHT_FROM = 10_000  # s: the words of claims that end later are left of them
TICKS = {1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 36_000: "10 h", 360_000: "100 h"}
# Percentage points and shares of the axis that a run's name, a level's and a claim's take on a chart of 600 px or more.
LABEL_GAP, LABEL_WIDTH = 100 * 13 / PLOT, 0.19
LEVEL_GAP, LEVEL_WIDTH = 100 * 10 / PLOT, 0.06
CLAIM_GAP, CLAIM_WIDTH = 100 * 28 / PLOT, 0.28
COLUMNS = ["part", "run", "color", "earlier", "seconds", "until", "accuracy", "low", "high", "label", DETAIL]


def crossing(curve: Curve, level: float) -> float | None:
    """Return the seconds until a test accuracy of `level` was first measured; None where none was so high.

    They are whole seconds where the run has them. A test of several views counts as well, and comes after one of a
    single view at the same time.
    """
    first = _first(curve, level)
    return first[0] if first else None


def measured(curve: Curve, level: float) -> str:
    """Return what was measured at a `crossing` and on how many pictures: "71.2 % of 1,000 pictures, 95 % ..."."""
    first = _first(curve, level)
    return first[1] if first else ""


@newest_states(maxsize=256)
def _first(curve: Curve, level: float) -> tuple[float, str] | None:
    """Return the seconds of the first test at or above a level, and what it measured in words."""
    tested = looks(curve, "test")
    for seconds, accuracy, pictures in tested[["seconds", "accuracy", "pictures"]].to_numpy(float).tolist():
        if accuracy >= level:
            of = "" if pd.isna(pictures) else f" {run_accuracies.sample(accuracy, int(pictures))}"
            return seconds, f"{numbers.percent(accuracy, 1)}{of}"
    last = ending(curve)
    return (last.seconds, last.words) if last is not None and last.accuracy >= level else None


@newest_states(maxsize=64)
def arrow(curves: tuple[Curve, ...], note: str = "") -> pa.Table:
    """Return `table` as it is sent to browsers, shared by all sessions."""
    return pa.Table.from_pandas(table(curves, note), preserve_index=False)


def table(curves: Sequence[Curve], note: str = "") -> pd.DataFrame:
    """Return every mark as a row of COLUMNS; accuracy in %.

    They are levels, claims, the runs' points, the changes of their rates and the labels at their ends. `note` stands at
    the chart's top left: what the pictures are, where they are not CIFAR-10's.
    """
    marks: list[dict[str, Any]] = []
    for level in LEVELS:
        at = _mark("level", 100 * level)
        name = at | {"part": "level name", "accuracy": _name_of(level)}
        marks += [at, name | {"label": f"{100 * level:.0f} %"}]
    marks += [
        _mark("claim", 100 * level, low, high) | {"run": "Course notes", "label": lines, DETAIL: words}
        for level, low, high, lines, words in CLAIMS
    ]
    if note:
        marks.append(_mark("note", 3.0) | {"label": note})
    marks += [row for curve in curves for row in _points(curve)]
    labels = [row for curve in curves for row in _labels(curve)]
    wanted = [_box(_across(row["seconds"]), LABEL_WIDTH, row["accuracy"], LABEL_GAP) for row in labels]
    for row, y in zip(labels, place_labels(wanted, TAKEN, 0.0, 100.0), strict=True):
        marks.append(row | {"accuracy": y})
    return pd.DataFrame(marks, columns=COLUMNS)


def _name_of(level: float) -> float:
    """Return the height of a level's name, in percent."""
    return 100 * level + (NAME if level == LEVELS[-1] else -NAME)


def _box(left: float, width: float, middle: float, height: float) -> Box:
    return Box(left, left + width, middle - height / 2, middle + height / 2)


def _taken() -> list[Box]:
    """Return where the levels' names and the claims are, each claim a bar with its words right of it, or left."""
    names = [_box(0.0, LEVEL_WIDTH, _name_of(level), LEVEL_GAP) for level in LEVELS]
    for level, start, until, *_ in CLAIMS:
        left = _across(start) - (CLAIM_WIDTH if until >= RIGHT_FROM else 0)
        width = _across(until) - _across(start) + CLAIM_WIDTH
        names.append(_box(left, width, 100 * level, CLAIM_GAP))
    return names


def _mark(part: str, accuracy: float, start: float = SECONDS[0], until: float = SECONDS[1]) -> dict[str, Any]:
    """Return a row that belongs to no run, from some seconds until others."""
    row = dict.fromkeys(COLUMNS, "") | {"part": part, "color": CHANCE, "earlier": False, "accuracy": accuracy}
    return row | {"seconds": start, "until": until, "low": None, "high": None}


def _point(curve: Curve, part: str, seconds: float, accuracy: float) -> dict[str, Any]:
    """Return a row of a run, at a time that is on the axis."""
    x = max(seconds, SECONDS[0])
    row = _mark(part, accuracy, x, x)
    return row | {"run": curve.name, "color": curve.color, "earlier": curve.earlier}


def _points(curve: Curve) -> list[dict[str, Any]]:
    """Return a run's tests (the line of one view, the mark of several views) and the changes of its rate."""
    tested = looks(curve, "test")
    marks = []
    points = tested[tested["seconds"] > 0].dropna(subset=["accuracy"])
    columns = ["seconds", "accuracy", "epoch", "pictures", "low", "high"]
    for seconds, accuracy, epoch, pictures, low, high in points[columns].to_numpy(float).tolist():
        how = "" if pd.isna(pictures) else f" ({run_accuracies.sample(accuracy, int(pictures))})"
        row = _point(curve, "run", seconds, 100 * accuracy)
        row[DETAIL] = f"{numbers.percent(accuracy)}{how} after {_duration(curve, seconds)}, epoch {epoch:.1f}"
        marks.append(row if curve.earlier else row | {"low": 100 * low, "high": 100 * high})
    if last := ending(curve):
        detail = f"{last.words} after {_duration(curve, last.seconds)}, epoch {last.epoch:.1f}"
        marks.append(_point(curve, "ending", last.seconds, 100 * last.accuracy) | {DETAIL: detail})
    for change in changes(curve, "seconds"):
        row = _point(curve, "change", change.x, 0.0)
        marks.append(row | {"color": CHANGE, "earlier": False, DETAIL: change.words})
    return marks


def _labels(curve: Curve) -> list[dict[str, Any]]:
    """Return the name at the end of a run's line, and that beside the mark of its last test of several views."""
    marks = []
    tested = looks(curve, "test")
    tested = tested[tested["seconds"] > 0].dropna(subset=["accuracy"])
    if len(tested):
        last = tested.iloc[-1]
        accuracy = float(last["accuracy"])
        label = curve.label if curve.earlier else f"{curve.label} {numbers.percent(accuracy, 1)}"
        marks.append(_point(curve, "label", float(last["seconds"]), 100 * accuracy) | {"label": label})
    if (ended := ending(curve)) and not curve.earlier:
        label = f"{VIEWS[ended.views]} views {numbers.percent(ended.accuracy, 1)}"
        marks.append(_point(curve, "label", ended.seconds, 100 * ended.accuracy) | {"label": label})
    return marks


def _duration(curve: Curve, seconds: float) -> str:
    """Return seconds in words; older runs measured the training time only."""
    return f"{numbers.duration(seconds)}{'' if curve.is_whole else ' of training alone'}"


def _across(seconds: float) -> float:
    """Return the place on the axis, from 0 to 1."""
    low, high = map(math.log10, SECONDS)
    return (math.log10(seconds) - low) / (high - low)


TAKEN = _taken()


@built_once
def spec(theme: Theme = "light", continued: bool = False) -> "alt.LayerChart":
    """Draw the rows of `arrow`.

    Args:
        theme: The page's: letters are lighter on the dark one.
        continued: Whether the seconds of the run before are counted too; the axis' title says so.
    """
    import altair as alt

    gray, label, until = GRAY[theme], alt.Text(field="label"), alt.X2(field="until")
    lines = rows("run").mark_line(strokeWidth=2.6, strokeJoin="round", clip=True)
    tests = (rows("run").mark_circle(size=34, clip=True), rows("ending").mark_point(**ENDING))
    tooltip = [tip("run", "Run"), tip(DETAIL, "Test accuracy")]
    return (
        alt.layer(
            rows("level").mark_rule(strokeDash=[2, 4], color=gray, opacity=0.8).encode(x2=until),
            rows("level name").mark_text(align="left", dx=4, color=gray, fontSize=12).encode(text=label),
            rows("note").mark_text(align="left", dx=4, color=gray, fontStyle="italic").encode(text=label),
            rows("claim")
            .mark_bar(height=10, cornerRadius=5, color=gray)
            .encode(x2=until, tooltip=[tip(DETAIL, "Course notes")]),
            *_claims(theme, continued),
            band("run"),
            lines.encode(color=own_color(), detail=by_run(), opacity=faded()),
            *(test.encode(color=own_color(), opacity=faded(), tooltip=tooltip) for test in tests),
            *change_marks(theme),
            *end_labels(theme),
        )
        .encode(x=_seconds(continued), y=_accuracy())
        .properties(height=HEIGHT, padding=WIDER_PADDING)
    )


def _claims(theme: Theme, continued: bool) -> "list[alt.Chart]":
    """Return the names of the claims above a halo: right of the earlier bar, and left of the later one."""
    import altair as alt

    words: dict[str, Any] = {"baseline": "middle", "fontSize": 12, "lineBreak": "\n", "lineHeight": 14, "dy": -7}
    left: dict[str, Any] = words | {"align": "left", "dx": 8}
    right: dict[str, Any] = words | {"align": "right", "dx": -8}
    return [
        rows("claim")
        .transform_filter(which)
        .mark_text(**mark, **paint)
        .encode(text=alt.Text(field="label"), x=_seconds(continued).field(beside))
        for which, beside, mark in (
            (f"datum.until < {RIGHT_FROM}", "until", left),
            (f"datum.until >= {RIGHT_FROM}", "seconds", right),
        )
        for paint in (halo(theme), {"color": GRAY[theme]})
    ]


def _seconds(continued: bool) -> "alt.X":
    import altair as alt

    names = " : ".join(f"datum.value == {value} ? '{text}'" for value, text in TICKS.items())
    return alt.X(
        field="seconds",
        type="quantitative",
        title=f"Total time on this device{', including the run before' if continued else ''} (log scale)",
        scale=alt.Scale(type="log", domain=list(SECONDS), nice=False),
        axis=alt.Axis(grid=False, values=list(TICKS), labelExpr=f"{names} : ''", labelOverlap=True),
    )


def _accuracy() -> "alt.Y":
    import altair as alt

    return alt.Y(
        field="accuracy",
        type="quantitative",
        title="Test accuracy (%)",
        scale=alt.Scale(domain=[0, 100], nice=False),
        axis=alt.Axis(grid=False, values=[0, 20, 40, 60, 80, 100]),
    )
