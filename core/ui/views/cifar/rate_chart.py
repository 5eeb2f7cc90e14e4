"""The learning rate over a run, and the range test: loss against the rate as it rises."""

from collections.abc import Sequence
from functools import lru_cache

import pandas as pd
import pyarrow as pa

from core.runs.history_cache import Frames
from core.training.experiment import Experiment
from core.training.range_test import Suggestion
from core.ui.charts.curve_table import CHANGE, TOLD, X_FIELDS, Curve, XAxis, changes
from core.ui.charts.learning_curves import GUTTER, Y_EXTENT, Spec, change_marks, x_title
from core.ui.display.colors import CHANCE, Theme

CONFIG: Spec = {
    "padding": {"left": 4, "right": 8, "top": 8, "bottom": 4},
    "usermeta": {"embedOptions": {"renderer": "svg"}},
    "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}},
}


@lru_cache(maxsize=64)
def arrow(curves: tuple[Curve, ...], axis: XAxis, planned: float = 0.0, peak: float = 0.0) -> pa.Table:
    """Rows part ("rate", "change", "end"), run, color, earlier, x, rate, told, of every run, for browsers.

    The row "end" holds where both axes end, so that neither moves while a run trains: `planned` and `peak` at least.
    """
    end = max([planned, *(curve.end(axis) for curve in curves)]) or 1.0
    top = max([peak, *(_peak(curve.frames.run.experiment) for curve in curves)]) or 1.0
    rows: list[tuple[object, ...]] = [("end", "", "", False, end, top, "")]
    for curve in curves:
        progress = curve.progress
        for x, rate in zip(progress[X_FIELDS[axis]], progress["learning_rate"], strict=True):
            rows.append(("rate", curve.name, curve.color, curve.earlier, float(x), float(rate), ""))
        rows += [("change", curve.name, CHANGE, False, one.x, None, one.words) for one in changes(curve, axis)]
    table = pd.DataFrame(rows, columns=["part", "run", "color", "earlier", "x", "rate", TOLD])
    return pa.Table.from_pandas(table, preserve_index=False)


def _peak(experiment: Experiment) -> float:
    """The most that an experiment's learning rate may come to."""
    return max([experiment.learning_rate, *(rate for _, rate in experiment.lr_changes)])


@lru_cache
def spec(axis: XAxis, theme: Theme = "light", continued: bool = False) -> Spec:
    """The learning rate of every run, both axes from 0; a rule where somebody changed it."""
    rate = {
        "field": "rate",
        "type": "quantitative",
        "title": "Learning rate",
        "scale": {"zero": True, "nice": False},
        "axis": {"format": "~g", "tickCount": 5, "minExtent": Y_EXTENT},
    }
    color = {"field": "color", "type": "nominal", "scale": None}
    faded = {"condition": {"test": "datum.earlier", "value": 0.45}, "value": 1}
    tooltip = [
        {"field": "run", "title": "Run"},
        {"field": "rate", "title": "Learning rate", "format": ".3~g", "type": "quantitative"},
    ]
    return {
        **CONFIG,
        "height": 420,
        "encoding": {
            "x": {
                "field": "x",
                "type": "quantitative",
                "title": x_title(axis, continued),
                "scale": {"zero": True, "nice": False, "range": [0, {"expr": f"width - {GUTTER}"}]},
                "axis": {"grid": False, "tickCount": 6, "format": "~s" if axis == "images" else "~r"},
            }
        },
        "layer": [
            {
                "transform": _only("end"),
                "mark": {"type": "point", "opacity": 0, "tooltip": False},
                "encoding": {"y": rate},
            },
            {
                "transform": _only("rate"),
                "mark": {"type": "line", "strokeWidth": 2.2, "clip": True},
                "encoding": {
                    "y": rate,
                    "color": color,
                    "detail": {"field": "run", "type": "nominal"},
                    "opacity": faded,
                    "tooltip": tooltip,
                },
            },
            *change_marks(theme),
        ],
    }


def tested(frames: Frames, found: Suggestion | None) -> pd.DataFrame:
    """The range test's points and what it suggests: part ("loss", "best"), rate, loss, label."""
    points = frames.progress.dropna(subset=["loss"])
    points = points[points["learning_rate"] > 0]
    rows: list[tuple[object, ...]] = [
        ("loss", float(rate), float(loss), "")
        for rate, loss in zip(points["learning_rate"], points["loss"], strict=True)
    ]
    if found is not None:
        rows.append(("best", found.learning_rate, None, f"suggested: {found.learning_rate:.2g}"))
    return pd.DataFrame(rows, columns=["part", "rate", "loss", "label"])


@lru_cache
def range_spec() -> Spec:
    """Loss against the learning rate, both as they came."""
    return {
        **CONFIG,
        "height": 260,
        "encoding": {
            "x": {
                "field": "rate",
                "type": "quantitative",
                "title": "Learning rate (log scale)",
                "scale": {"type": "log", "nice": False},
                "axis": {"grid": False, "format": "~g", "tickCount": 6},
            }
        },
        "layer": [
            {
                "transform": _only("loss"),
                "mark": {"type": "line", "strokeWidth": 2, "color": "#0072B2", "clip": True},
                "encoding": {
                    "y": {
                        "field": "loss",
                        "type": "quantitative",
                        "title": "Loss (nats)",
                        "scale": {"domain": [0, 5], "clamp": True},
                    },
                },
            },
            {"transform": _only("best"), "mark": {"type": "rule", "strokeDash": [6, 4], "color": CHANGE}},
            {
                "transform": _only("best"),
                "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 12, "color": CHANCE},
                "encoding": {"text": {"field": "label"}, "y": {"value": 12}},
            },
        ],
    }


def suggested(rates: Sequence[float], rate: float) -> float:
    """The step of the page's slider nearest to a rate, on a log scale."""
    return min(rates, key=lambda one: abs(one / rate - 1) if one >= rate else abs(rate / one - 1))


def _only(part: str) -> list[Spec]:
    return [{"filter": {"field": "part", "equal": part}}]
