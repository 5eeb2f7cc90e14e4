"""The learning rate over a run, and the range test: loss against the rate as it rises."""

from collections.abc import Sequence
from functools import lru_cache

import pandas as pd
import pyarrow as pa

from core.runs.feed import Frames
from core.training.range_test import Suggestion
from core.ui.charts import X_TITLES, Y_EXTENT, Spec
from core.ui.curves import X_FIELDS, Curve, XAxis

CONFIG: Spec = {
    "padding": {"left": 4, "right": 8, "top": 8, "bottom": 4},
    "usermeta": {"embedOptions": {"renderer": "svg"}},
    "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}},
}
CHANGE = "#E69F00"


@lru_cache(maxsize=64)
def arrow(curves: tuple[Curve, ...], axis: XAxis, planned: float = 0.0) -> pa.Table:
    """Rows part ("rate", "change", "end"), run, color, earlier, x, rate, told, of every run, for browsers."""
    end = max([planned, *(curve.end(axis) for curve in curves)]) or 1.0
    rows: list[tuple[object, ...]] = [("end", "", "", False, end, None, "")]
    for curve in curves:
        progress = curve.frames.progress
        for x, rate in zip(progress[X_FIELDS[axis]], progress["learning_rate"], strict=True):
            if rate > 0:
                rows.append(("rate", curve.name, curve.color, curve.earlier, float(x), float(rate), ""))
        if not curve.earlier:
            rows += [
                ("change", curve.name, CHANGE, False, x, None, f"{rate:g} from here")
                for x, rate in changes(curve, axis)
            ]
    table = pd.DataFrame(rows, columns=["part", "run", "color", "earlier", "x", "rate", "told"])
    return pa.Table.from_pandas(table, preserve_index=False)


def changes(curve: Curve, axis: XAxis) -> list[tuple[float, float]]:
    """(place on the axis, new rate) of every change of the learning rate that was made on the way."""
    progress = curve.frames.progress
    found = []
    for step, rate in curve.frames.run.experiment.changes:
        before = progress[progress["step"] <= max(step, 1)]
        found.append((float(before[X_FIELDS[axis]].iloc[-1]) if len(before) else 0.0, rate))
    return found


@lru_cache
def spec(axis: XAxis) -> Spec:
    """The learning rate of every run, on a log scale; a rule where somebody changed it."""
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
                "title": X_TITLES[axis],
                "scale": {"zero": True, "nice": False},
                "axis": {"grid": False, "tickCount": 6, "format": "~s" if axis == "images" else "~r"},
            }
        },
        "layer": [
            {"transform": _only("end"), "mark": {"type": "point", "opacity": 0, "tooltip": False}},
            {
                "transform": _only("rate"),
                "mark": {"type": "line", "strokeWidth": 2.2, "clip": True},
                "encoding": {
                    "y": {
                        "field": "rate",
                        "type": "quantitative",
                        "title": "Learning rate (log scale)",
                        "scale": {"type": "log", "nice": False},
                        "axis": {"format": "~g", "tickCount": 5, "minExtent": Y_EXTENT},
                    },
                    "color": color,
                    "detail": {"field": "run", "type": "nominal"},
                    "opacity": faded,
                    "tooltip": tooltip,
                },
            },
            *change_marks(),
        ],
    }


def change_marks() -> list[Spec]:
    """The layers of a chart that draw rows "change": a rule at `x`, and what it became."""
    return [
        {"transform": _only("change"), "mark": {"type": "rule", "strokeDash": [6, 4], "color": CHANGE}},
        {
            "transform": _only("change"),
            "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 12},
            "encoding": {"text": {"field": "told"}, "y": {"value": 12}, "color": {"value": "#8A8F98"}},
        },
    ]


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
                "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 12, "color": "#8A8F98"},
                "encoding": {"text": {"field": "label"}, "y": {"value": 12}},
            },
        ],
    }


def suggested(rates: Sequence[float], rate: float) -> float:
    """The step of the page's slider nearest to a rate, on a log scale."""
    return min(rates, key=lambda one: abs(one / rate - 1) if one >= rate else abs(rate / one - 1))


def _only(part: str) -> list[Spec]:
    return [{"filter": {"field": "part", "equal": part}}]
