"""Precision and recall of each class, and calibration: whether the network's confidence equals its accuracy."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.data import DatasetInfo
from core.insight.calibration import BINS, Calibration, calibration, per_class
from core.ui.charts.base import built_once, rows, tip
from core.ui.display import numbers, scores
from core.ui.display.colors import CHANCE, CNN
from core.ui.run_panels.trained_run import Trained, predictions
from core.ui.views.cifar import run_titles
from core.ui.views.cifar.mistakes import GONE

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
                title="Confidence: the largest probability (%)",
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


def show(one: Trained, info: DatasetInfo) -> None:
    """Draw the table of the classes and the reliability diagram, side by side."""
    try:
        table, found = figures(one.run.folder, info.classes)
    except FileNotFoundError:
        st.markdown(GONE)
        return
    views = scores.views_note(one.run.experiment.test_time)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            "**Class by class**: of what it calls a class, how much is of it (precision); of what is of it, how "
            "much it finds (recall)."
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
        st.markdown(f"**Is it well calibrated?** {verdict(found)}")
        st.vega_lite_chart(
            reliability(found),
            reliability_spec(),
            alt="Reliability diagram; the sentence above tells it",
            key="ci_reliable",
        )
        st.caption(
            f"{BINS} bins of confidence; on the dashed line confidence equals accuracy. Label smoothing lowers "
            f"confidence, long training without it raises it. {views} {run_titles.standin(info)}".strip()
        )


@lru_cache(maxsize=32)
def figures(folder: Path, names: tuple[str, ...]) -> tuple[pd.DataFrame, Calibration]:
    """The table of the classes, in percent, and the calibration. Raises FileNotFoundError."""
    told, labels = predictions(folder)
    scored = per_class(labels, told.argmax(axis=1), len(names))
    table = pd.DataFrame(
        {
            "Class": names,
            "Precision (%)": [_percent(row.precision) for row in scored],
            "Recall (%)": [_percent(row.recall) for row in scored],
            "F1 (%)": [_percent(row.f1) for row in scored],
        }
    )
    return table, calibration(labels, told)


def reliability(found: Calibration) -> pd.DataFrame:
    """Return the rows of the reliability diagram, in percent."""
    bins = [
        ("bin", 100 * one.low, 100 * one.high, 100 * one.accuracy, 100 * one.confidence, one.count)
        for one in found.bins
    ]
    ideal = [("ideal", x, x, x, x, 0) for x in (0.0, 100.0)]
    return pd.DataFrame([*bins, *ideal], columns=["part", "low", "high", "accuracy", "confidence", "count"])


def verdict(found: Calibration) -> str:
    """The calibration in a sentence or two."""
    gap = found.confidence - found.accuracy
    how = (
        "too sure of itself" if gap > 0.01 else "too modest" if gap < -0.01 else "as sure as it is right, on the whole"
    )
    return (
        f"It is {how}: certain of {numbers.percent(found.confidence, 1)} on average, right in "
        f"{numbers.percent(found.accuracy, 1)}. Confidence and accuracy lie {100 * found.error:.1f} points apart, bin "
        "by bin (the expected calibration error)."
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
