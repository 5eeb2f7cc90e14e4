"""Learning curves: accuracy and loss of runs against epochs, images or seconds, drawn from `curve_table`'s rows.

The x-axis takes its end from a row of that table ("end"), so that one specification serves every length of run.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from core.training.experiment import Experiment
from core.ui.charts.base import PADDING, built_once, gutter, own_color, row_number, rows, tip
from core.ui.charts.curve_table import CROSS_ENTROPY, DETAIL, ENDINGS, Loss
from core.ui.charts.run_length import X_FIELDS, XAxis
from core.ui.charts.run_marks import ENDING, axis_ends, band, by_run, change_marks, end_labels, faded
from core.ui.display.colors import Theme

if TYPE_CHECKING:
    import altair as alt

Measure = Literal["accuracy", "loss"]
STARTS = (0, 80, 95)  # where the accuracy axis may begin, in percent

X_TITLES: dict[XAxis, str] = {
    "epochs": "Epochs (times through the training images)",
    "images": "Training images seen",
    "seconds": "Seconds in total: preparing, training, testing",
}
LOSS_TICKS, FINER_TICKS = [0.01, 0.1, 1], [0.1, 0.2, 0.5, 1, 2]
# px kept free at the right for the labels at the lines' ends: a fifth of the chart, within these limits
GUTTER = "clamp(width / 5, 96, 216)"
LOSS_HEIGHT = 184  # px, with the axes: a title longer than the plot is high makes Vega shrink the plot to nothing
Y_EXTENT = 34  # px for the y-axis' numbers, so that both charts' plots begin at the same place
# Of a line's points so many react to the pointer, its last among them: each has a mark and a cell of its own, and these
# are most of what a redraw takes.
HOVERED_POINTS = 40


def fitting_start(start: int, accuracies: Iterable[float]) -> int:
    """Return where the accuracy axis begins, in percent: `start`, or lower where one of the accuracies is below it."""
    lowest = min([100.0, *(100 * accuracy for accuracy in accuracies)])
    return max((percent for percent in STARTS if percent <= min(start, lowest)), default=STARTS[0])


def x_title(axis: XAxis, continued: bool = False) -> str:
    """Return the x-axis' title; for a continued run it says that the axis includes the run before."""
    return f"{X_TITLES[axis]}, including the run before" if continued else X_TITLES[axis]


def planned(experiment: Experiment, axis: XAxis) -> float:
    """Return where an experiment will end on an axis, as far as that is known before; 0 where its speed decides."""
    if experiment.time_budget or experiment.stop_step:
        return 0.0
    return {"epochs": experiment.epochs, "images": experiment.epochs * experiment.train_images, "seconds": 0}[axis]


def x_axis(axis: XAxis, field: str, title: str | None) -> "alt.X":
    """Return the x-axis of a chart of runs, from 0 and with room for labels at its right."""
    import altair as alt

    return alt.X(
        field=field,
        type="quantitative",
        title=title,
        scale=alt.Scale(zero=True, nice=False, range=gutter(GUTTER)),
        axis=alt.Axis(grid=False, tickCount=6, format="~s" if axis == "images" else "~r"),
    )


@built_once
def learning_curves(
    measure: Measure,
    axis: XAxis,
    start: int = 0,
    *,
    theme: Theme = "light",
    loss: Loss = CROSS_ENTROPY,
    continued: bool = False,
) -> "alt.LayerChart":
    """Draw the accuracy or loss of every run. Test solid, held-out dotted, training dashed.

    Args:
        measure: What the y-axis shows.
        axis: What the x-axis shows.
        start: Where the accuracy axis begins, in percent.
        theme: The page's: letters are lighter on the dark one, and have its color around them where they cross lines.
        loss: What the loss axis shows; its ends are those that the rows were made for.
        continued: Whether the x-axis counts the run before; its title says so.
    """
    import altair as alt

    own, run = own_color(), by_run()
    return (
        alt.layer(
            axis_ends(),
            *([band()] if measure == "accuracy" else []),
            rows("raw").mark_circle(size=9, opacity=0.28, clip=True).encode(color=own),
            rows("training")
            .mark_line(strokeWidth=1.6, strokeDash=[4, 3], opacity=0.9, clip=True)
            .encode(color=own, detail=run),
            rows("test")
            .mark_line(strokeWidth=2.6, strokeJoin="round", clip=True)
            .encode(color=own, detail=run, opacity=faded(0.4)),
            rows("held-out")
            .mark_line(strokeWidth=1.8, strokeDash=[1, 3], strokeCap="round", clip=True)
            .encode(color=own, detail=run),
            rows(*ENDINGS.values()).mark_point(**ENDING).encode(color=own, opacity=faded(0.4)),
            _hovered(measure),
            *change_marks(theme),
            *end_labels(theme, f"{measure}_label"),
        )
        # The charts stand one above the other: the lower one names the axis of both.
        .encode(
            x=x_axis(axis, X_FIELDS[axis], x_title(axis, continued) if measure == "loss" else None),
            y=_accuracy(start) if measure == "accuracy" else _loss(loss),
        )
        .properties(height=200 if measure == "accuracy" else LOSS_HEIGHT, padding=PADDING)
    )


def _accuracy(start: int) -> "alt.Y":
    import altair as alt

    return alt.Y(
        field="accuracy",
        type="quantitative",
        title="Accuracy (%)" if start == 0 else f"Accuracy, {start} % to 100 %",
        scale=alt.Scale(domain=[start, 100], nice=False),
        axis=alt.Axis(tickCount=5, minExtent=Y_EXTENT),
    )


def _loss(loss: Loss) -> "alt.Y":
    import altair as alt

    ticks = LOSS_TICKS if loss.range[0] < LOSS_TICKS[0] else FINER_TICKS
    return alt.Y(
        field="loss",
        type="quantitative",
        title=loss.title,
        scale=alt.Scale(type="log", domain=list(loss.range), nice=False, clamp=True),
        axis=alt.Axis(values=ticks, format="~g", minExtent=Y_EXTENT),
    )


def _hovered(measure: Measure) -> "alt.Chart":
    """Return the points of the lines that react to the pointer, invisible until then, with their tooltips."""
    import altair as alt

    near = alt.selection_point(
        name=f"near_{measure}", on="pointerover", clear="pointerout", nearest=True, fields=["run", "part", "epoch"]
    )
    chart: alt.Chart = (
        rows("test", "held-out", "training", *ENDINGS.values())
        .transform_window([row_number("nth")], groupby=["run", "part"])
        .transform_joinaggregate(points="count()", groupby=["run", "part"])
        .transform_filter(f"(datum.points - datum.nth) % ceil(datum.points / {HOVERED_POINTS}) == 0")
        .transform_calculate(measured=f"datum.{DETAIL} || 'training batches, smoothed'")
        .mark_circle(size=70, clip=True)
        .encode(
            color=own_color(),
            opacity=alt.OpacityValue(0, condition={"param": near.name, "empty": False, "value": 1}),
            tooltip=[
                tip("run", "Run"),
                tip("part", "Images"),
                tip("measured", "Measured"),
                tip("accuracy", "Accuracy (%)", ".2f"),
                tip("loss", "Loss", ".4f"),
                tip("epoch", "Epochs", ".2f"),
                tip("images", "Images seen", ",.0f"),
                tip("seconds", "Seconds in total", ".1f"),
            ],
        )
        .properties(name="points")
        .add_params(near)
    )
    return chart
