"""Precision and recall of each class, and calibration: whether the network's confidence equals its accuracy."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.data import DatasetInfo
from core.insight.calibration import BINS, Calibration, calibration, per_class
from core.ui.charts.base import built_once, rows, tip
from core.ui.display import numbers, output_names, run_accuracies
from core.ui.display.colors import CHANCE, CNN
from core.ui.layout import column_grid
from core.ui.run_panels.trained_run import Trained, predictions
from core.ui.views.cifar import run_titles
from core.ui.views.cifar.mistakes import REMOVED

if TYPE_CHECKING:
    import altair as alt


@built_once
def reliability_spec() -> "alt.LayerChart":
    """Draw the rows of `reliability`: a bar for each bin, and the line on which confidence equals accuracy."""
    import altair as alt

    bars = rows("bin").mark_rect(color=CNN.color, cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
    return (
        alt.layer(
            bars.encode(
                x2=alt.X2(field="high"),
                y2=alt.Y2Datum(0),
                tooltip=[
                    tip("confidence", "Mean confidence (%)", ".1f"),
                    tip("accuracy", "Correct (%)", ".1f"),
                    tip("count", "Test pictures", ","),
                ],
            ),
            rows("ideal").mark_line(color=CHANCE, strokeDash=[5, 4], strokeWidth=2),
        )
        .encode(
            x=alt.X(
                field="low",
                type="quantitative",
                title="Confidence in the prediction (%)",
                scale=alt.Scale(domain=[0, 100]),
                axis=alt.Axis(grid=False),
            ),
            y=alt.Y(
                field="accuracy",
                type="quantitative",
                title="Accuracy of these predictions (%)",
                scale=alt.Scale(domain=[0, 100]),
            ),
        )
        .properties(height=330)
    )


def show(trained: Trained, info: DatasetInfo) -> None:
    """Draw precision and recall of each class beside the reliability diagram."""
    try:
        table, measured = figures(trained.run.folder, info.classes)
    except FileNotFoundError:
        st.markdown(REMOVED)
        return
    views, layers = run_accuracies.views_note(trained.run.experiment.test_time), trained.run.experiment.layers
    left, right = column_grid.halves(gap="large")
    with left:
        st.markdown(
            "**Class by class.** Precision: share of the pictures predicted as a class that belong to it. Recall: "
            "share of a class's pictures that are predicted as it."
        )
        st.dataframe(
            table,
            hide_index=True,
            alt="Precision, recall and F1 of every class",
            column_config={
                name: st.column_config.ProgressColumn(format="%.1f", min_value=0, max_value=100)
                for name in ("Precision (%)", "Recall (%)")
            }
            | {
                "F1 (%)": st.column_config.NumberColumn(format="%.1f", help="The harmonic mean of precision and recall")
            },
        )
        st.caption(f"On the test pictures. {views} {run_titles.standin(info)}".strip())
    with right:
        st.markdown(f"**Is it well calibrated?** {verdict(measured)}")
        st.vega_lite_chart(
            reliability(measured),
            reliability_spec(),
            alt="Reliability diagram; the sentence above summarizes it",
            key="ci_reliable",
        )
        st.caption(
            f"{BINS} bins of confidence, which is {output_names.confidence(layers)}; on the dashed line confidence "
            "equals accuracy. Label smoothing lowers confidence, long training without it raises it. "
            f"{output_names.lengths_note([layers])} {views} {run_titles.standin(info)}".strip()
        )


@lru_cache(maxsize=32)
def figures(folder: Path, names: tuple[str, ...]) -> tuple[pd.DataFrame, Calibration]:
    """Return the table of the classes, in percent, and the calibration.

    Raises:
        FileNotFoundError: If the run's predictions were removed.
    """
    probabilities, labels = predictions(folder)
    scored = per_class(labels, probabilities.argmax(axis=1), len(names))
    table = pd.DataFrame(
        {
            "Class": names,
            "Precision (%)": [_percent(row.precision) for row in scored],
            "Recall (%)": [_percent(row.recall) for row in scored],
            "F1 (%)": [_percent(row.f1) for row in scored],
        }
    )
    return table, calibration(labels, probabilities)


def reliability(measured: Calibration) -> pd.DataFrame:
    """Return the rows of the reliability diagram, in percent."""
    bins = [
        ("bin", 100 * bin.low, 100 * bin.high, 100 * bin.accuracy, 100 * bin.confidence, bin.count)
        for bin in measured.bins
    ]
    ideal = [("ideal", x, x, x, x, 0) for x in (0.0, 100.0)]
    return pd.DataFrame([*bins, *ideal], columns=["part", "low", "high", "accuracy", "confidence", "count"])


def verdict(measured: Calibration) -> str:
    """Return the calibration in two sentences."""
    gap = measured.confidence - measured.accuracy
    kind = "overconfident" if gap > 0.01 else "underconfident" if gap < -0.01 else "well calibrated on average"
    return (
        f"It is {kind}: mean confidence {numbers.percent(measured.confidence, 1)}, accuracy "
        f"{numbers.percent(measured.accuracy, 1)}. The expected calibration error, the mean difference over the bins, "
        f"is {100 * measured.error:.1f} points."
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
