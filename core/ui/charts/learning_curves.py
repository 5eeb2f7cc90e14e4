"""Vega-Lite specs that never change while data arrive: then Streamlit swaps the data alone, and nothing flickers.

Data reach them as the table of `curve_table`. The x-axis takes its end from a row of that table ("end"), so that one
spec serves every length of run.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal

from core.training.experiment import Experiment
from core.ui.charts.curve_table import CHANGE, ENDINGS, LOSS_RANGE, TOLD, X_FIELDS, Losses, XAxis
from core.ui.display.colors import GRAY, LIGHTER, PAPER, Theme

Spec = dict[str, Any]
Measure = Literal["accuracy", "loss"]
STARTS = (0, 80, 95)  # where the accuracy axis may begin, in percent

X_TITLES: dict[XAxis, str] = {
    "epochs": "Epochs (times through the training images)",
    "images": "Training images seen",
    "seconds": "Seconds in all: preparing, training, testing",
}
LOSS_TICKS, FINER_TICKS = [0.01, 0.1, 1], [0.1, 0.2, 0.5, 1, 2]
GUTTER = 104  # px kept free at the right for the labels at the lines' ends
Y_EXTENT = 34  # px for the y-axis' numbers, so that both charts' plots begin at the same place
LABEL: Spec = {"type": "text", "align": "left", "dx": 8, "fontSize": 13, "fontWeight": 600}
# Of a line's points so many are met by a pointer, its last among them: each has a mark and a cell of its own, and
# these are most of what a redraw takes.
HOVERED_POINTS = 40
# A run's last test where it took several views of each picture: another measurement, so it is on no line.
ENDING_MARK: Spec = {"type": "point", "shape": "diamond", "size": 110, "strokeWidth": 2, "filled": False, "clip": True}
HOVERED: list[Spec] = [
    {"window": [{"op": "row_number", "as": "nth"}], "groupby": ["run", "part"]},
    {"joinaggregate": [{"op": "count", "as": "points"}], "groupby": ["run", "part"]},
    {"filter": f"(datum.points - datum.nth) % ceil(datum.points / {HOVERED_POINTS}) == 0"},
]
MEASURED: Spec = {"calculate": f"datum.{TOLD} || 'the batches as they came, smoothed'", "as": "measured"}
TOOLTIP: list[Spec] = [
    {"field": "run", "title": "Run"},
    {"field": "part", "title": "Images"},
    {"field": "measured", "title": "Measured"},
    {"field": "accuracy", "title": "Accuracy (%)", "format": ".2f", "type": "quantitative"},
    {"field": "loss", "title": "Loss", "format": ".4f", "type": "quantitative"},
    {"field": "epoch", "title": "Epochs", "format": ".2f", "type": "quantitative"},
    {"field": "images", "title": "Images seen", "format": ",.0f", "type": "quantitative"},
    {"field": "seconds", "title": "Seconds in all", "format": ".1f", "type": "quantitative"},
]


def fitting_start(start: int, accuracies: Iterable[float]) -> int:
    """Where the accuracy axis begins, in percent: at `start`, or lower where one of the accuracies is below it."""
    lowest = min([100.0, *(100 * accuracy for accuracy in accuracies)])
    return max((one for one in STARTS if one <= min(start, lowest)), default=STARTS[0])


def x_title(axis: XAxis, continued: bool = False) -> str:
    """The x-axis' title; of a run that goes on from another one it says that the axis counts both."""
    return f"{X_TITLES[axis]}, with those of the run before" if continued else X_TITLES[axis]


def planned(experiment: Experiment, axis: XAxis) -> float:
    """Where an experiment will end on an axis, as far as that can be told before it begins; 0 for seconds."""
    return {"epochs": experiment.epochs, "images": experiment.epochs * experiment.train_images, "seconds": 0}[axis]


@lru_cache
def learning_curves(
    measure: Measure,
    axis: XAxis,
    start: int = 0,
    *,
    theme: Theme = "light",
    losses: Losses = LOSS_RANGE,
    continued: bool = False,
) -> Spec:
    """Accuracy or loss of every run against epochs, images or seconds. Test solid, held-out dotted, training dashed.

    `losses` is the loss axis, as the rows were made for; a `continued` run's x-axis counts the run before it, and its
    title says so. `theme` is the page's: letters are lighter on the dark one, and have its paper around them where they
    cross lines.
    """
    y: Spec
    if measure == "accuracy":
        title = "Accuracy (%)" if start == 0 else f"Accuracy (%), axis starts at {start} %"
        y = {
            "field": "accuracy",
            "scale": {"domain": [start, 100], "nice": False},
            "title": title,
            "axis": {"tickCount": 5, "minExtent": Y_EXTENT},
        }
    else:
        y = {
            "field": "loss",
            "scale": {"type": "log", "domain": list(losses), "nice": False, "clamp": True},
            "title": "Loss (nats, log scale)",
            "axis": {
                "values": LOSS_TICKS if losses == LOSS_RANGE else FINER_TICKS,
                "format": "~g",
                "minExtent": Y_EXTENT,
            },
        }
    x = {
        "field": X_FIELDS[axis],
        "type": "quantitative",
        "title": x_title(axis, continued) if measure == "loss" else None,  # the charts stand one above the other
        "scale": {"zero": True, "nice": False, "range": [0, {"expr": f"width - {GUTTER}"}]},
        "axis": {"grid": False, "tickCount": 6, "format": "~s" if axis == "images" else "~r"},
    }
    color = {"field": "color", "type": "nominal", "scale": None}
    faded = {"condition": {"test": "datum.earlier", "value": 0.4}, "value": 1}
    run = {"field": "run", "type": "nominal"}
    near = {
        "name": f"near_{measure}",
        "select": {
            "type": "point",
            "on": "pointerover",
            "clear": "pointerout",
            "nearest": True,
            "fields": ["run", "part", "epoch"],
        },
    }
    return {
        "height": 340 if measure == "accuracy" else 215,
        "padding": {"left": 4, "right": 4, "top": 8, "bottom": 4},
        "usermeta": {"embedOptions": {"renderer": "svg"}},
        "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}},
        "encoding": {"x": x, "y": {**y, "type": "quantitative"}},
        "layer": [
            {"transform": _only("end"), "mark": {"type": "point", "opacity": 0, "tooltip": False}},
            *([band(color)] if measure == "accuracy" else []),
            {
                "transform": _only("raw"),
                "mark": {"type": "circle", "size": 9, "opacity": 0.28, "clip": True},
                "encoding": {"color": color},
            },
            {
                "transform": _only("training"),
                "mark": {"type": "line", "strokeWidth": 1.6, "strokeDash": [4, 3], "opacity": 0.9, "clip": True},
                "encoding": {"color": color, "detail": run},
            },
            {
                "transform": _only("test"),
                "mark": {"type": "line", "strokeWidth": 2.6, "strokeJoin": "round", "clip": True},
                "encoding": {"color": color, "detail": run, "opacity": faded},
            },
            {
                "transform": _only("held-out"),
                "mark": {"type": "line", "strokeWidth": 1.8, "strokeDash": [1, 3], "strokeCap": "round", "clip": True},
                "encoding": {"color": color, "detail": run},
            },
            {
                "transform": _only(*ENDINGS.values()),
                "mark": ENDING_MARK,
                "encoding": {"color": color, "opacity": faded},
            },
            {
                "transform": [*_only("test", "held-out", "training", *ENDINGS.values()), *HOVERED, MEASURED],
                "params": [near],
                "mark": {"type": "circle", "size": 70, "clip": True},
                "encoding": {
                    "color": color,
                    "opacity": {"condition": {"param": near["name"], "empty": False, "value": 1}, "value": 0},
                    "tooltip": TOOLTIP,
                },
            },
            *change_marks(theme),
            {
                "transform": _only("label"),
                "mark": {**LABEL, "stroke": PAPER[theme], "strokeWidth": 4, "strokeJoin": "round"},
                "encoding": {"text": {"field": f"{measure}_label"}, "color": {"value": PAPER[theme]}},
            },
            {
                "transform": [*_only("label"), {"calculate": f"{LIGHTER}[datum.color] || datum.color", "as": "ink"}]
                if theme == "dark"
                else [*_only("label"), {"calculate": "datum.color", "as": "ink"}],
                "mark": LABEL,
                "encoding": {
                    "text": {"field": f"{measure}_label"},
                    "color": {"field": "ink", "type": "nominal", "scale": None},
                    "opacity": faded,
                },
            },
        ],
    }


def band(color: Spec, part: str = "test") -> Spec:
    """The layer that draws the 95 % intervals of a run's tests, the rows of a part, as a band around their line."""
    return {
        "transform": [*_only(part), {"filter": "isValid(datum.low)"}],
        "mark": {"type": "area", "opacity": 0.16, "clip": True, "tooltip": False},
        "encoding": {
            "y": {"field": "low", "type": "quantitative"},
            "y2": {"field": "high"},
            "color": color,
            "detail": {"field": "run", "type": "nominal"},
        },
    }


def change_marks(theme: Theme = "light") -> list[Spec]:
    """The layers of a chart that draw its rows "change", above all that is hovered: a rule, and beside it `TOLD`.

    Changes that follow one another closely have their words on three lines.
    """
    whole = {"y": {"value": 0}, "y2": {"value": "height"}}
    tooltip = [{"field": "run", "title": "Run"}, {"field": TOLD, "title": "Changed by hand"}]
    numbered = [*_only("change"), {"window": [{"op": "row_number", "as": "turn"}]}]
    words = {"type": "text", "align": "left", "dx": 5, "fontSize": 12, "tooltip": False}
    beside = {"text": {"field": TOLD}, "y": {"value": {"expr": "8 + 16 * ((datum.turn - 1) % 3)"}}}
    halo = {"stroke": PAPER[theme], "strokeWidth": 4, "strokeJoin": "round", "color": PAPER[theme]}
    return [
        {
            "transform": _only("change"),
            "mark": {"type": "rule", "strokeDash": [6, 4], "strokeWidth": 1.5, "color": CHANGE, "tooltip": False},
            "encoding": whole,
        },
        {"transform": numbered, "mark": words | halo, "encoding": beside},
        {"transform": numbered, "mark": words | {"color": GRAY[theme]}, "encoding": beside},
        {  # wide enough to be met by a pointer
            "transform": _only("change"),
            "mark": {"type": "rule", "strokeWidth": 14, "color": CHANGE, "opacity": 0},
            "encoding": whole | {"tooltip": tooltip},
        },
    ]


def _only(*parts: str) -> list[Spec]:
    return [{"filter": {"field": "part", "oneOf": list(parts)}}]
