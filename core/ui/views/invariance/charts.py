"""Charts of accuracy under transforms: heat maps over shifts, and curves along a parameter."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from core.insight.robustness import Share
from core.insight.transforms import SHIFTS
from core.ui.charts.base import PADDING, built_once, dashes, gutter, own_color, tip
from core.ui.charts.base import rows as rows_of
from core.ui.charts.label_placement import spread_labels
from core.ui.display import numbers
from core.ui.display.colors import VIRIDIS, Theme, on_page

if TYPE_CHECKING:
    import altair as alt

HEIGHT, GUTTER, LABEL_GAP = 320, 150, 17  # px: a chart of curves, the room for labels at its right, between labels
MAP_SIDE = 160  # px, of a heat map without its axes: square, and five of them stand side by side
COLUMNS = ["dx", "dy", "value", "Share", "Interval"]


class Point(NamedTuple):
    """One point of a curve: the parameter and the share."""

    x: float
    share: Share


def interval(share: Share) -> str:
    """Return a share's interval: "96.2 to 98.1 %"."""
    return numbers.percent_range(share.low, share.high, 1)


def rows(shares: dict[tuple[int, int], Share]) -> pd.DataFrame:
    """Return a heat map's table from {(dx, dy): share}, also incomplete."""
    data = [
        (dx, dy, 100 * share.value, numbers.percent(share.value, 1), interval(share))
        for (dx, dy), share in shares.items()
    ]
    return pd.DataFrame(data, columns=COLUMNS)


@built_once
def heat(what: str, low: int) -> "alt.Chart":
    """Draw a 17 x 17 map over shifts, in percent from `low` to 100."""
    import altair as alt

    positions = alt.Scale(domain=list(SHIFTS))
    ticks = alt.Axis(values=[-8, -4, 0, 4, 8], labelAngle=0, format="d")
    chart: alt.Chart = (
        alt.Chart()
        .mark_rect()
        .encode(
            x=alt.X(field="dx", type="ordinal", title=None, scale=positions, axis=ticks),
            y=alt.Y(field="dy", type="ordinal", title=None, scale=positions, axis=ticks),
            color=alt.Color(
                field="value",
                type="quantitative",
                scale=alt.Scale(domain=[low, 100], range=list(VIRIDIS), clamp=True),
                legend=None,
            ),
            tooltip=[
                tip("dx", "Right (px)"),
                tip("dy", "Down (px)"),
                tip("Share", what),
                tip("Interval", "95 % interval"),
            ],
        )
        .properties(width=MAP_SIDE, height=MAP_SIDE, autosize=alt.AutoSizeParams(type="pad"))
        .configure_view(stroke="gray")
    )
    return chart


def scale(what: str, low: int) -> Markup:
    """Return as HTML what is the same on all maps of `heat`: their color scale and their axes."""
    return Markup(
        '<div class="i-scale"><span>{what}: {low}{space}% <i style="background: linear-gradient(90deg, {colors})"></i> '
        "100{space}%</span> <span>Across: shift right, down: shift down, in pixels</span></div>"
    ).format(what=what, low=low, space=numbers.SPACE, colors=", ".join(VIRIDIS))


class Line(NamedTuple):
    """One curve: its name, color, points and line style."""

    name: str
    color: str
    points: Sequence[Point]
    dash: str = "solid"
    width: float = 2.4


def table(lines: Sequence[Line], unit: str, theme: Theme) -> pd.DataFrame:
    """Return one row per point and one per label, for `curves`."""
    rows: list[tuple[Any, ...]] = []
    for line in lines:
        color = on_page(line.color, theme)
        for x, share in sorted(line.points):
            parameter = f"{x:g}{'' if unit == '°' else numbers.SPACE}{unit}".replace("-", numbers.MINUS)
            rows.append(
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
                    parameter,
                    numbers.percent(share.value, 1),
                    interval(share),
                )
            )
    last = {row[1]: row for row in rows}  # of each line, the point furthest right
    heights = spread_labels([row[3] for row in last.values()], 100 * LABEL_GAP / HEIGHT, 0, 100)
    labels = [("label", *row[1:3], height, *row[4:]) for row, height in zip(last.values(), heights, strict=True)]
    columns = ["part", "line", "x", "value", "low", "high", "color", "dash", "width", "At", "Accuracy", "Interval"]
    return pd.DataFrame([*rows, *labels], columns=columns)


@built_once
def curves(title: str, low: float, high: float) -> "alt.LayerChart":
    """Draw accuracy from `low` to `high` of one transform: a line for each network, its 95 % band and its name."""
    import altair as alt

    line, accuracy = alt.Detail(field="line", type="nominal"), _accuracy()
    points = rows_of("point")
    labels = rows_of("label").mark_text(align="left", dx=9, fontSize=12, fontWeight=600)
    return (
        alt.layer(
            points.mark_area(opacity=0.16).encode(y=accuracy.field("low"), y2=alt.Y2(field="high"), detail=line),
            points.mark_line().encode(
                detail=line,
                strokeDash=dashes({"solid": [1, 0], "dashed": [6, 4]}),
                strokeWidth=alt.StrokeWidth(field="width", type="quantitative", scale=None),
            ),
            points.mark_circle(size=36, opacity=1).encode(
                tooltip=[
                    tip("line", "Network"),
                    tip("At", "Transformed by"),
                    tip("Accuracy"),
                    tip("Interval", "95 % interval"),
                ]
            ),
            labels.encode(text=alt.Text(field="line")),
        )
        .encode(
            x=alt.X(
                field="x",
                type="quantitative",
                title=title,
                scale=alt.Scale(domain=[low, high], nice=False, range=gutter(GUTTER)),
                axis=alt.Axis(grid=False, tickCount=9),
            ),
            y=accuracy,
            color=own_color(),
        )
        .properties(height=HEIGHT, padding=PADDING)
    )


def _accuracy() -> "alt.Y":
    import altair as alt

    return alt.Y(
        field="value",
        type="quantitative",
        title="Accuracy (%)",
        scale=alt.Scale(domain=[0, 100], nice=False),
        axis=alt.Axis(tickCount=5),
    )
