"""Charts of length and direction: what stays and what turns while a digit is moved."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from core.insight.robustness import Share
from core.ui.charts.base import PADDING, built_once, gutter, own_color, rows, tip
from core.ui.charts.label_placement import spread_labels
from core.ui.display.colors import CHANCE, Theme, on_page

if TYPE_CHECKING:
    import altair as alt

STRIP = 68  # px over the curves, for the pictures of the digit
HEIGHTS = {"length": 218 + STRIP, "direction": 208}  # px, axes included
TOPS = {"length": 1.0, "direction": 90.0}
TITLES = {"length": "Length, or confidence", "direction": "Turned by (°)"}
GUTTER, AXIS = 135, 44  # px: for the labels at the right; of the y-axis, so that both charts begin at one place
LABEL_GAP, PLOT_HEIGHT = 17, 150  # px: between labels; about that of the curves
SERIES = ["part", "line", "x", "value", "low", "high", "color", "At", "Value", "Interval", "picture"]


class Series(NamedTuple):
    """A network's curve over a transform, and one digit's own."""

    name: str
    color: str
    points: Sequence[Share]  # one for each value of the transform so far
    digit: Sequence[float]
    beside: Share | None = None  # of a direction: the angle between two digits of a class


def table(
    kind: str,
    series: Sequence[Series],
    values: Sequence[float],
    at: Sequence[str],
    pictures: Sequence[tuple[float, str]],
    probe: float,
    theme: Theme,
) -> pd.DataFrame:
    """Return the rows of `panel`.

    Args:
        kind: "length" or "direction".
        series: The curves.
        values: The transform's values.
        at: The same in words.
        pictures: The digit at some values, as URLs.
        probe: The value that the page's sentences are about.
        theme: Of the page.
    """
    found: list[tuple[str | float | None, ...]] = []
    for one in series:
        color = on_page(one.color, theme)
        for x, told, share, own in zip(values, at, one.points, one.digit, strict=False):
            interval = f"{number(kind, share.low)} to {number(kind, share.high)}"
            mean = number(kind, share.value)
            found.append(("point", one.name, x, share.value, share.low, share.high, color, told, mean, interval, None))
            found.append(("digit", one.name, x, own, own, own, color, told, number(kind, own), "", None))
    found += _labels(kind, series, values, theme)
    found += [("picture", "", x, 0.0, 0.0, 0.0, CHANCE, "", "", "", url) for x, url in pictures]
    found.append(("probe", "", probe, 0.0, 0.0, 0.0, CHANCE, "", "", "", None))
    return pd.DataFrame(found, columns=SERIES)


def _labels(
    kind: str, series: Sequence[Series], values: Sequence[float], theme: Theme
) -> list[tuple[str | float | None, ...]]:
    """Return the names of the curves at their right ends, and of the angles between two digits of a class."""
    drawn = [one for one in series if one.points]
    named = [("label", one.name, len(one.points) - 1, one.points[-1].value, one.color) for one in drawn]
    named += [
        ("beside", f"two of a class: {number(kind, one.beside.value)}", len(values) - 1, one.beside.value, one.color)
        for one in drawn
        if one.beside is not None
    ]
    gap = TOPS[kind] * LABEL_GAP / PLOT_HEIGHT
    heights = spread_labels([wanted for *_, wanted, _ in named], gap, 0, TOPS[kind])
    return [
        (part, name, values[place], y, wanted, wanted, on_page(color, theme), "", "", "", None)
        for (part, name, place, wanted, color), y in zip(named, heights, strict=True)
    ]


def number(kind: str, value: float) -> str:
    """Return a length in two digits, or an angle in whole degrees: "0.93", "41°"."""
    return f"{value:.2f}" if kind == "length" else f"{value:.0f}°"


@built_once
def panel(kind: str, title: str, low: float, high: float) -> "alt.LayerChart":
    """Draw curves over a transform from `low` to `high`: means with 95 % bands, one digit's own, and its pictures.

    The pictures lie over the curves of "length", and the axis is titled under those of "direction".
    """
    import altair as alt

    length, line = kind == "length", alt.Detail(field="line", type="nominal")
    y = alt.Y(
        field="value",
        type="quantitative",
        title=TITLES[kind],
        scale=alt.Scale(domain=[0, TOPS[kind]], nice=False, range=[alt.ExprRef("height"), STRIP if length else 0]),
        axis=alt.Axis(tickCount=4, minExtent=AXIS, maxExtent=AXIS),
    )
    x = alt.X(
        field="x",
        type="quantitative",
        title=None if length else title,
        scale=alt.Scale(domain=[low, high], nice=False, range=gutter(GUTTER)),
        axis=alt.Axis(grid=False, tickCount=9),
    )
    points = rows("point").encode(y=y, color=own_color())
    side = alt.ExprRef("width > 620 ? 56 : width > 360 ? 28 : 20")
    layers: list[alt.Chart] = [
        rows("probe").mark_rule(strokeDash=[2, 3], color=CHANCE, strokeWidth=1.5),
        points.mark_area(opacity=0.18).encode(y=y.field("low"), y2=alt.Y2(field="high"), detail=line),
        rows("digit")
        .mark_line(strokeDash=[2, 3], strokeWidth=1.4, clip=True)
        .encode(y=y, color=own_color(), detail=line),
        points.mark_line(strokeWidth=2.6).encode(detail=line),
        points.mark_circle(size=38, opacity=1).encode(
            tooltip=[tip("line", "What"), tip("At", "Moved by"), tip("Value", "Mean"), tip("Interval", "95 % interval")]
        ),
        rows("label")
        .mark_text(align="left", dx=9, fontSize=12, fontWeight=600)
        .encode(y=y, color=own_color(), text=alt.Text(field="line")),
    ]
    if length:
        layers.append(
            rows("picture")
            .mark_image(width=side, height=side, smooth=False)
            .encode(y=alt.value(STRIP / 2 - 4), url=alt.Url(field="picture", type="nominal"))
        )
    else:
        beside = rows("beside").encode(color=own_color())
        layers += [
            beside.mark_rule(strokeDash=[1, 3], strokeWidth=1.4).encode(x2=alt.value(0), y=y.field("low")),
            beside.mark_text(align="left", dx=9, fontSize=12).encode(y=y, text=alt.Text(field="line")),
        ]
    chart: alt.LayerChart = alt.layer(*layers).encode(x=x).properties(height=HEIGHTS[kind], padding=PADDING)
    return chart
