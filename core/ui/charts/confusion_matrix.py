"""Confusion matrix chart: its specification, its rows, and a summary in words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ui.charts.base import built_once, own_color, tip
from core.ui.display import colors, numbers
from core.ui.display.english import with_article

if TYPE_CHECKING:
    import altair as alt

DIGITS = tuple("0123456789")
DIAGONAL_INK = "#7A828E"  # legible on the page in light and dark
CLICKED = "cell"  # the selection of a matrix that can be clicked: one row of `cells`, its "truth" and "prediction"


@built_once
def matrix_spec(what: str = "digit", *, height: int = 320, angle: int = 0, clickable: bool = False) -> "alt.LayerChart":
    """Draw a confusion matrix of `cells`.

    Args:
        what: What the test set's pictures are of, in the singular.
        height: In pixels.
        angle: By which the names along the x-axis are turned, in degrees.
        clickable: Whether a click selects a cell, as CLICKED.
    """
    import altair as alt

    plain = alt.Axis(ticks=False, domain=False, grid=False)
    turned = alt.Axis(ticks=False, domain=False, grid=False, labelAngle=angle, labelOverlap=False)
    rectangles = alt.Chart(name="cells").mark_rect(cornerRadius=2).encode(color=own_color("fill"))
    if clickable:
        pick = alt.selection_point(name=CLICKED, fields=["truth", "prediction"], on="click")
        rectangles = rectangles.mark_rect(cornerRadius=2, cursor="pointer").add_params(pick)
    numbers = alt.Chart().mark_text(fontSize=12).encode(text=alt.Text(field="text"), color=own_color("ink"))
    return (
        alt.layer(rectangles, numbers)
        .encode(
            x=alt.X(field="predicted_name", type="ordinal", sort=None, title=f"Predicted {what}", axis=turned),
            y=alt.Y(field="true_name", type="ordinal", sort=None, title=f"True {what}", axis=plain),
            tooltip=[tip("label", f"Test {what}s")],
        )
        .properties(height=height)
    )


def summary(counts: NDArray[np.int64], names: Sequence[str] = DIGITS, noun: str = "digit") -> str:
    """Return how many pictures are misclassified, and the most common mistake, as a sentence without its subject."""
    wrong = mistaken(counts)
    text = f"misclassifies {numbers.count(int(wrong.sum()))} of {numbers.count(int(counts.sum()))} test {noun}s"
    if not wrong.any():
        return f"{text}."
    truth, prediction = divmod(int(wrong.argmax()), len(names))
    times = int(wrong.max())
    pair = f"{with_article(names[truth])} as {with_article(names[prediction])}"
    return f"{text}; most often {pair}: {times} {'time' if times == 1 else 'times'}."


def cells(
    counts: NDArray[np.int64], most: int, names: Sequence[str] = DIGITS, *, right: str = "classified correctly"
) -> pd.DataFrame:
    """Return the rows of a confusion matrix, one for each cell.

    Args:
        counts: Test pictures by true class (rows) and predicted class (columns).
        most: Mistakes in a cell that have the brightest color.
        names: Of the classes.
        right: The words for pictures on the diagonal, in the tooltip.

    Returns:
        Columns true_name, predicted_name, truth and prediction (class indices), text, fill and ink (colors), and label
        (what the cell means, for the tooltip).
    """
    rows = []
    for truth, true_name in enumerate(names):
        for prediction, predicted_name in enumerate(names):
            count = int(counts[truth, prediction])
            if truth == prediction:
                fill, ink = "transparent", DIAGONAL_INK
                total = numbers.count(counts[truth].sum())
                label = f"{numbers.count(count)} of {total} times {with_article(true_name)} was {right}"
            else:
                fill, ink = colors.viridis(count / max(most, 1)) if count else ("transparent", DIAGONAL_INK)
                pair = f"{with_article(true_name)} was predicted as {with_article(predicted_name)}"
                label = f"{numbers.count(count)} times {pair}"
            text = numbers.count(count) if count else ""
            rows.append((true_name, predicted_name, truth, prediction, text, fill, ink, label))
    columns = ["true_name", "predicted_name", "truth", "prediction", "text", "fill", "ink", "label"]
    return pd.DataFrame(rows, columns=columns)


def mistaken(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a confusion matrix without its diagonal."""
    return counts - np.diag(np.diag(counts))
