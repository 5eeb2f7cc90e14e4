"""Specs of the laboratory's charts, which stay as they are while data arrive: heat maps of shifts, and curves."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

from core.insight.robustness import Share
from core.insight.transforms import SHIFTS
from core.ui.charts.labels import spread
from core.ui.display import numbers
from core.ui.display.colors import LIGHTER, VIRIDIS, Theme

Spec = dict[str, Any]
HEIGHT, GUTTER, LABEL_GAP = 320, 150, 17  # px: a chart of curves, the room for labels at its right, between labels
MAP_HEIGHT = 290  # px
COLUMNS = ["dx", "dy", "value", "Share", "Interval"]


class Point(NamedTuple):
    """One share of a curve: where along the axis, and how much."""

    x: float
    share: Share


def interval(share: Share) -> str:
    """ "96.2 to 98.1 %"."""
    return numbers.percent_range(share.low, share.high, 1)


def rows(shares: dict[tuple[int, int], Share]) -> pd.DataFrame:
    """A heat map's table: {(dx, dy): share}, as much of it as is known."""
    data = [
        (dx, dy, 100 * share.value, numbers.percent(share.value, 1), interval(share))
        for (dx, dy), share in shares.items()
    ]
    return pd.DataFrame(data, columns=COLUMNS)


@lru_cache
def heat(what: str, low: int) -> Spec:
    """A 17 x 17 map over shifts, in percent from `low` to 100."""
    axis = {"values": [-8, -4, 0, 4, 8], "labelAngle": 0, "format": "d"}
    places = {"type": "ordinal", "scale": {"domain": list(SHIFTS)}, "axis": axis}
    colors = {"domain": [low, 100], "range": list(VIRIDIS), "clamp": True}
    return {
        "height": MAP_HEIGHT,
        "usermeta": {"embedOptions": {"renderer": "svg"}},
        "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}, "view": {"stroke": "gray"}},
        "mark": {"type": "rect"},
        "encoding": {
            "x": {"field": "dx", "title": "Moved right (px)", **places},
            "y": {"field": "dy", "title": "Moved down (px)", **places},
            "color": {"field": "value", "type": "quantitative", "scale": colors, "legend": None},
            "tooltip": [
                {"field": "dx", "title": "Right (px)"},
                {"field": "dy", "title": "Down (px)"},
                {"field": "Share", "title": what},
                {"field": "Interval", "title": "95 % interval"},
            ],
        },
    }


def scale(what: str, low: int) -> str:
    """The colors of `heat` in words and as a bar, HTML."""
    return (
        f'<div class="i-scale">{what}: {low}{numbers.SPACE}% <i style="background: linear-gradient(90deg, '
        f'{", ".join(VIRIDIS)})"></i> 100{numbers.SPACE}%</div>'
    )


class Line(NamedTuple):
    """One curve: its name, a color that means something, and whether it is dashed."""

    name: str
    color: str
    points: Sequence[Point]
    dash: str = "solid"
    width: float = 2.4


def table(lines: Sequence[Line], unit: str, theme: Theme) -> pd.DataFrame:
    """A row a point and a row a label, as `curves` draws them."""
    found: list[tuple[Any, ...]] = []
    for line in lines:
        color = LIGHTER.get(line.color, line.color) if theme == "dark" else line.color
        for x, share in sorted(line.points):
            written = f"{x:g}{'' if unit == '°' else numbers.SPACE}{unit}".replace("-", numbers.MINUS)
            found.append(
                (
                    "point",
                    line.name,
                    x,
                    100 * share.value,
                    100 * share.low,
                    100 * share.high,
                    color,
                    line.dash,
                    line.width,
                    written,
                    numbers.percent(share.value, 1),
                    interval(share),
                )
            )
    last = {row[1]: row for row in found}  # of each line, the point furthest right
    places = spread([row[3] for row in last.values()], 100 * LABEL_GAP / HEIGHT, 0, 100)
    labels = [("label", *row[1:3], place, *row[4:]) for row, place in zip(last.values(), places, strict=True)]
    columns = ["part", "line", "x", "value", "low", "high", "color", "dash", "width", "At", "Accuracy", "Interval"]
    return pd.DataFrame([*found, *labels], columns=columns)


@lru_cache
def curves(title: str, low: float, high: float) -> Spec:
    """Accuracy along one kind of move, from `low` to `high`: a line a network with its 95 % band and its name."""
    x = {
        "field": "x",
        "type": "quantitative",
        "title": title,
        "scale": {"domain": [low, high], "nice": False, "range": [0, {"expr": f"width - {GUTTER}"}]},
        "axis": {"grid": False, "tickCount": 9},
    }
    y = {
        "field": "value",
        "type": "quantitative",
        "title": "Accuracy (%)",
        "scale": {"domain": [0, 100], "nice": False},
        "axis": {"tickCount": 5},
    }
    color = {"field": "color", "type": "nominal", "scale": None}
    line = {"field": "line", "type": "nominal"}
    points = [{"filter": "datum.part == 'point'"}]
    dash = {
        "field": "dash",
        "type": "nominal",
        "scale": {"domain": ["solid", "dashed"], "range": [[1, 0], [6, 4]]},
        "legend": None,
    }
    tooltip = [
        {**line, "title": "Network"},
        {"field": "At", "title": "Moved by"},
        {"field": "Accuracy"},
        {"field": "Interval", "title": "95 % interval"},
    ]
    return {
        "height": HEIGHT,
        "padding": {"left": 4, "right": 4, "top": 8, "bottom": 4},
        "usermeta": {"embedOptions": {"renderer": "svg"}},
        "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}},
        "encoding": {"x": x, "y": y, "color": color},
        "layer": [
            {
                "transform": points,
                "mark": {"type": "area", "opacity": 0.16},
                "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}, "detail": line},
            },
            {
                "transform": points,
                "mark": {"type": "line"},
                "encoding": {
                    "detail": line,
                    "strokeDash": dash,
                    "strokeWidth": {"field": "width", "type": "quantitative", "scale": None},
                },
            },
            {
                "transform": points,
                "mark": {"type": "circle", "size": 36, "opacity": 1},
                "encoding": {"tooltip": tooltip},
            },
            {
                "transform": [{"filter": "datum.part == 'label'"}],
                "mark": {"type": "text", "align": "left", "dx": 9, "fontSize": 12.5, "fontWeight": 600},
                "encoding": {"text": line},
            },
        ],
    }
