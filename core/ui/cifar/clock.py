"""Accuracy against training seconds, on a logarithmic axis: every run a line, and the notes' two claims where they are.

The spec never changes while data arrive; the claims and the lines of 70 to 94 % are rows like the runs.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
import pyarrow as pa

from core.ui import numbers
from core.ui.charts import Spec, change_marks
from core.ui.colors import GRAY, LIGHTER, PAPER, Theme
from core.ui.curves import CHANGE, Curve, apart, changes

SECONDS = (0.3, 1e6)  # the axis
LEVELS = (0.70, 0.80, 0.90, 0.94)
FEW_MINUTES = (120.0, 300.0)  # "a few minutes of training on a GPU": drawn from two to five
HUNDRED_HOURS = 360_000.0
CLAIMS = (  # accuracy, seconds from and to, the notes' words in two lines, and in full
    (0.70, *FEW_MINUTES, "The notes: about 70 %\nin a few minutes", "70 % with a few minutes of training on a GPU"),
    (0.90, 0.8 * HUNDRED_HOURS, 1.25 * HUNDRED_HOURS, "The notes: 90 %+,\nclose to 100 hours",
     "90 %+ can require close to a hundred hours"),
)  # fmt: skip
ABOVE, BELOW = 2.6, -2.6  # percentage points from a level to its name; 90 % has it below, out of 94 %'s way
TICKS = {1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 36_000: "10 h", 360_000: "100 h"}
LABEL_GAP, LABEL_WIDTH = 5.0, 0.14  # percentage points, and parts of the axis, within which labels are moved apart
# On a phone the names of runs that end near 70 % in seconds would lie on the notes' claim: they are lifted over it.
OVER_CLAIM = f"width < 420 && datum.seconds < {FEW_MINUTES[1]} && datum.accuracy > 66 && datum.accuracy < 82 ? -24 : 0"
CLAIM = "#8A8F98"
COLUMNS = ["part", "run", "color", "earlier", "seconds", "until", "accuracy", "label", "told"]


def crossing(curve: Curve, level: float) -> float | None:
    """Seconds of training until the test accuracy was first seen at `level`; None where it never was."""
    tested = curve.frames.evaluated
    reached = tested[(tested["split"] == "test") & (tested["accuracy"] >= level)]
    return float(reached["seconds"].iloc[0]) if len(reached) else None


@lru_cache(maxsize=64)
def arrow(curves: tuple[Curve, ...], note: str = "") -> pa.Table:
    """`table` as it is sent to browsers, shared by all who watch."""
    return pa.Table.from_pandas(table(curves, note), preserve_index=False)


def table(curves: Sequence[Curve], note: str = "") -> pd.DataFrame:
    """Every mark as a row of COLUMNS: levels, claims, the runs' points, the changes of their rates and the
    labels at their ends; accuracy in %.

    `note` stands at the chart's top left: what the pictures are, where they are not CIFAR-10's.
    """
    rows: list[tuple[Any, ...]] = []
    for level in LEVELS:
        place = 100 * level + (BELOW if level == 0.90 else ABOVE)
        rows.append(("level", "", CLAIM, False, *SECONDS, 100 * level, "", ""))
        rows.append(("level name", "", CLAIM, False, *SECONDS, place, f"{100 * level:.0f} %", ""))
    rows += [
        ("claim", "The notes", CLAIM, False, low, high, 100 * level, lines, words)
        for level, low, high, lines, words in CLAIMS
    ]
    if note:
        rows.append(("note", "", CLAIM, False, *SECONDS, 3.0, note, ""))
    ends = []
    for curve in curves:
        tested = curve.frames.evaluated
        tested = tested[(tested["split"] == "test") & (tested["seconds"] > 0)].dropna(subset=["accuracy"])
        for seconds, accuracy, epoch in tested[["seconds", "accuracy", "epoch"]].itertuples(index=False):
            told = f"{numbers.percent(accuracy)} after {numbers.duration(seconds)}, epoch {epoch:.1f}"
            place = max(seconds, SECONDS[0])
            rows.append(("run", curve.name, curve.color, curve.earlier, place, place, 100 * accuracy, "", told))
        rows += [
            ("change", curve.name, CHANGE, False, place, place, 0.0, "", change.words)
            for change in changes(curve, "seconds")
            for place in [max(change.x, SECONDS[0])]
        ]
        if len(tested):
            last = tested.iloc[-1]
            ends.append((curve, max(float(last["seconds"]), SECONDS[0]), float(last["accuracy"])))
    places = apart(
        [_across(seconds) for _, seconds, _ in ends], [100 * accuracy for *_, accuracy in ends],
        LABEL_GAP, 2.0, 98.0, LABEL_WIDTH,
    )  # fmt: skip
    for (curve, seconds, accuracy), place in zip(ends, places, strict=True):
        label = curve.label if curve.earlier else f"{curve.label} {numbers.percent(accuracy, 1)}"
        rows.append(("label", curve.name, curve.color, curve.earlier, seconds, seconds, place, label, ""))
    return pd.DataFrame(rows, columns=COLUMNS)


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
        "title": f"Seconds of training on this device{', with the run before' if continued else ''} (log scale)",
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
            {
                "transform": _only("run"),
                "mark": {"type": "line", "strokeWidth": 2.6, "strokeJoin": "round", "clip": True},
                "encoding": {"color": color, "detail": {"field": "run", "type": "nominal"}, "opacity": faded},
            },
            {
                "transform": _only("run"),
                "mark": {"type": "circle", "size": 34, "clip": True},
                "encoding": {
                    "color": color,
                    "opacity": faded,
                    "tooltip": [{"field": "run", "title": "Run"}, {"field": "told", "title": "Test accuracy"}],
                },
            },
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
