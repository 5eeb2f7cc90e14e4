"""The board's chart: accuracy against cost, one mark for each group of runs, and the frontier of the best so far."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.ui.charts.base import WIDER_PADDING, built_once, own_color, rows, tip
from core.ui.charts.run_marks import axis_ends, halo
from core.ui.display import colors, numbers
from core.ui.display.colors import GRAY, INK, Theme
from core.ui.views.runs.grouped_runs import Axis, BoardView, Entry
from core.ui.views.runs.picked_runs import Pick, of_entry
from core.ui.views.runs.run_settings import values

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 400  # px
MAX_MARKS = 300  # entries on the chart: the frontier, what is picked or pinned, then the newest
MAX_BARS = 60  # intervals on the chart: of more entries the frontier and what is picked have one
# The accuracy axis shows the test error (%) on a log scale, so that 98 and 99 % are as far apart as 80 and 90 %.
ERRORS = (100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1)
SELECTED = "entries"  # the chart's selection: each row's "key"
TITLES: dict[Axis, str] = {
    "parameters": "Parameters of the network, log scale",
    "seconds": "Seconds in total: preparing, training, testing; log scale",
}
TOLD = {  # the settings in a tooltip
    "r_net": "{}",
    "r_images": "{} training images",
    "r_epochs": "{} epochs",
    "r_optimizer": "{}",
    "r_rate": "rate {}",
    "r_batch": "batches of {}",
}
COLUMNS = ["part", "key", "x", "error", "low", "high", "color", "final", "label"]
TIPS = {"name": "Run", "settings": "Settings", "measured": "Test accuracy", "size": "Parameters", "time": "In total"}


def drawn(view: BoardView, axis: Axis, picks: Sequence[Pick]) -> list[Entry]:
    """Return the entries on the chart: those with a result and a cost, at most MAX_MARKS of them."""
    found = [entry for entry in view.entries if entry.accuracy and entry.cost(axis)]
    if len(found) <= MAX_MARKS:
        return found
    kept = {entry.key for entry in view.best(axis)}
    kept |= {entry.key for entry in found if entry.is_pinned or of_entry(entry, picks)}
    first = [entry for entry in found if entry.key in kept]
    return [*first, *(entry for entry in found if entry.key not in kept)][:MAX_MARKS]


def ends(entries: Iterable[Entry]) -> tuple[float, float]:
    """Return the ends of the accuracy axis as errors in percent, two of ERRORS: the largest first."""
    errors = [error_of(entry) for entry in entries]
    if not errors:
        return ERRORS[0], ERRORS[-1]
    worst = min(error for error in ERRORS if error >= max(errors))
    best = max((error for error in ERRORS if error < min(errors)), default=ERRORS[-1])
    return worst, best


def error_of(entry: Entry) -> float:
    """Return an entry's test error in percent, not below the axis' end."""
    assert entry.accuracy is not None
    return max(100 * (1 - entry.accuracy.value), ERRORS[-1])


def table(
    entries: Sequence[Entry],
    best: Sequence[Entry],
    axis: Axis,
    picks: Sequence[Pick],
    theme: Theme,
    *,
    names: bool = False,
) -> pd.DataFrame:
    """Return every mark of the chart as a row.

    Args:
        entries: What is drawn.
        best: The frontier, the cheapest first.
        axis: The x-axis.
        picks: The runs that are compared.
        theme: The page's.
        names: Whether each entry has its kind of network beside it: for a few of them.

    Returns:
        Columns COLUMNS and those of TIPS; the part is "run", "name", "frontier", "best", "picked" or "end".
    """
    limits = ends(entries)
    low, high = _cost_ends([cost for entry in entries if (cost := entry.cost(axis))])
    barred = {entry.key for entry in (entries if len(entries) <= MAX_BARS else best)}
    found = [_mark(entry, axis, limits, theme, bar=entry.key in barred) for entry in entries]
    if names:
        titles = [colors.role(entry.shown.experiment).short for entry in entries]
        found += [mark | {"part": "name", "label": title} for mark, title in zip(found, titles, strict=True)]
    line = [(entry.cost(axis), error_of(entry)) for entry in best]
    if line:
        line.append((high, line[-1][1]))
        found.append({"part": "best", "x": high, "error": line[-1][1], "label": "best so far"})
    found += [{"part": "frontier", "x": x, "error": y} for x, y in line]
    for entry in entries:
        if pick := of_entry(entry, picks):
            mark = {"part": "picked", "label": pick.letter, "color": colors.on_page(pick.color, theme)}
            found.append(_mark(entry, axis, limits, theme, bar=True) | mark)
    found += [{"part": "end", "x": x, "error": error} for x, error in zip((low, high), limits, strict=True)]
    return pd.DataFrame(found, columns=[*COLUMNS, *TIPS])


def _mark(entry: Entry, axis: Axis, limits: tuple[float, float], theme: Theme, *, bar: bool) -> dict[str, Any]:
    accuracy = entry.accuracy
    assert accuracy is not None
    known = bar and accuracy.low is not None and accuracy.high is not None
    return {
        "part": "run",
        "key": entry.key,
        "x": entry.cost(axis),
        "error": error_of(entry),
        "low": min(100 * (1 - accuracy.low), limits[0]) if known and accuracy.low is not None else None,
        "high": max(100 * (1 - accuracy.high), limits[1]) if known and accuracy.high is not None else None,
        "color": colors.on_page(colors.role(entry.shown.experiment).color, theme),
        "final": entry.is_final,
        "name": entry.title,
        "settings": describe(entry),
        "measured": measured(entry),
        "size": "" if entry.parameters is None else numbers.count(entry.parameters),
        "time": "" if entry.seconds is None else numbers.duration(entry.seconds),
    }


def measured(entry: Entry) -> str:
    """Return an entry's accuracy in words: its mean, how many runs, and their interval."""
    accuracy = entry.accuracy
    if accuracy is None:
        return "not tested yet"
    mean = numbers.percent(accuracy.value)
    if not entry.is_final:
        return f"{mean} so far, still training"
    if accuracy.low is None or accuracy.high is None:
        return f"{mean}, one run: no interval over seeds"
    return f"{mean}, mean of {accuracy.n} runs, 95 % interval {numbers.percent_range(accuracy.low, accuracy.high)}"


def describe(entry: Entry) -> str:
    """Return the first settings of an entry's run in words."""
    own = values(entry.shown)
    return "; ".join(name.format(own[key].words) for key, name in TOLD.items())


def _cost_ends(costs: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the x-axis: 1, 2 or 5 times a power of ten, so that it seldom changes."""
    if not costs:
        return 1.0, 10.0
    low, high = min(costs), max(costs)
    steps = [
        m * 10.0**e for e in range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2) for m in (1, 2, 5)
    ]
    return max(step for step in steps if step < low), min(step for step in steps if step > high)


@built_once
def cost_chart(axis: Axis, worst: float, best: float, theme: Theme, *, clickable: bool = True) -> "alt.LayerChart":
    """Draw accuracy against cost: filled where finished, hollow while training, with 95 % intervals and the frontier.

    Args:
        axis: The x-axis.
        worst: The error at the accuracy axis' lower end, in percent.
        best: The error at its upper end.
        theme: The page's.
        clickable: Whether a click selects an entry, as SELECTED; else everything is faded.
    """
    import altair as alt

    own, opacity = own_color(), 0.9 if clickable else 0.4
    ink = INK[theme]
    label = alt.Text(field="label")
    target = (
        rows("run")
        .mark_circle(size=500, opacity=0, cursor="pointer" if clickable else "default")
        .encode(tooltip=[tip(field, title) for field, title in TIPS.items()])
        .properties(name="targets")
    )
    if clickable:
        click = alt.selection_point(name=SELECTED, fields=["key"], on="click", toggle="true", clear=False)
        target = target.add_params(click)
    marks = [
        rows("frontier").mark_line(
            interpolate="step-after", strokeWidth=2, color=ink, opacity=0.55 if clickable else 0.3, tooltip=False
        ),
        rows("best").mark_text(align="right", dy=-9, fontSize=12, tooltip=False, **halo(theme)).encode(text=label),
        rows("best").mark_text(align="right", dy=-9, fontSize=12, tooltip=False, color=GRAY[theme]).encode(text=label),
        rows("run", "picked")
        .transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=2, opacity=0.6, tooltip=False)
        .encode(y=alt.Y(field="low", type="quantitative"), y2=alt.Y2(field="high"), color=own),
        rows("run")
        .transform_filter("datum.final")
        .mark_point(filled=True, size=90, opacity=opacity, tooltip=False)
        .encode(color=own),
        rows("run")
        .transform_filter("!datum.final")
        .mark_point(filled=False, size=90, strokeWidth=2, opacity=opacity, tooltip=False)
        .encode(color=own),
        rows("name").mark_text(align="left", dx=9, dy=13, fontSize=14, tooltip=False, color=ink).encode(text=label),
        rows("picked").mark_point(filled=False, size=330, strokeWidth=2.5, tooltip=False).encode(color=own),
        rows("picked")
        .mark_text(dx=15, dy=-11, fontSize=14, fontWeight=600, tooltip=False, **halo(theme))
        .encode(text=label),
        rows("picked")
        .mark_text(dx=15, dy=-11, fontSize=14, fontWeight=600, tooltip=False)
        .encode(text=label, color=own),
    ]
    return (
        alt.layer(axis_ends(), *marks, target)
        .encode(
            x=alt.X(
                field="x",
                type="quantitative",
                title=TITLES[axis],
                scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(grid=False, tickCount=6, format="~s" if axis == "parameters" else ",~g"),
            ),
            y=alt.Y(
                field="error",
                type="quantitative",
                title="Test accuracy (%), log scale of the error",
                scale=alt.Scale(type="log", domain=[worst, best], nice=False),
                axis=alt.Axis(
                    values=[error for error in ERRORS if best <= error <= worst],
                    labelExpr="format(100 - datum.value, '~r')",
                ),
            ),
        )
        .properties(height=HEIGHT, padding=WIDER_PADDING)
    )
