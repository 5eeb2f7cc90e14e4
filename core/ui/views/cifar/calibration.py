"""Class by class, and whether the network's certainty is deserved."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.data import DatasetInfo
from core.insight.calibration import BINS, Calibration, calibration, per_class
from core.ui.display import numbers, scores
from core.ui.run_panels.trained_run import Trained, predictions
from core.ui.views.cifar import run_titles
from core.ui.views.cifar.mistakes import GONE

RELIABILITY: dict[str, Any] = {
    "height": 330,
    "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}},
    "usermeta": {"embedOptions": {"renderer": "svg"}},
    "encoding": {
        "x": {
            "field": "low",
            "type": "quantitative",
            "title": "Certainty: its largest probability (%)",
            "scale": {"domain": [0, 100]},
            "axis": {"grid": False},
        },
        "y": {
            "field": "accuracy",
            "type": "quantitative",
            "title": "Share of these answers that is right (%)",
            "scale": {"domain": [0, 100]},
        },
    },
    "layer": [
        {
            "transform": [{"filter": "datum.part == 'bin'"}],
            "mark": {"type": "rect", "color": "#0072B2", "cornerRadiusTopLeft": 2, "cornerRadiusTopRight": 2},
            "encoding": {
                "x2": {"field": "high"},
                "y2": {"datum": 0},
                "tooltip": [
                    {"field": "confidence", "title": "Mean certainty (%)", "format": ".1f", "type": "quantitative"},
                    {"field": "accuracy", "title": "Right (%)", "format": ".1f", "type": "quantitative"},
                    {"field": "count", "title": "Test pictures", "format": ",", "type": "quantitative"},
                ],
            },
        },
        {
            "transform": [{"filter": "datum.part == 'ideal'"}],
            "mark": {"type": "line", "color": "#8A8F98", "strokeDash": [5, 4], "strokeWidth": 2},
        },
    ],
}


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
        st.markdown(f"**Is it as sure as it may be?** {verdict(found)}")
        st.vega_lite_chart(
            reliability(found), RELIABILITY, alt="Reliability diagram; the sentence above tells it", key="ci_reliable"
        )
        st.caption(
            f"{BINS} bins of certainty; on the dashed line certainty and accuracy are one. Label smoothing pulls "
            f"certainty down, long training without it pushes it up. {views} {run_titles.standin(info)}".strip()
        )


@lru_cache(maxsize=32)
def figures(folder: Path, names: tuple[str, ...]) -> tuple[pd.DataFrame, Calibration]:
    """The table of the classes, in percent, and the calibration. Raises FileNotFoundError."""
    told, labels = predictions(folder)
    rows = per_class(labels, told.argmax(axis=1), len(names))
    table = pd.DataFrame(
        {
            "Class": names,
            "Precision (%)": [_percent(row.precision) for row in rows],
            "Recall (%)": [_percent(row.recall) for row in rows],
            "F1 (%)": [_percent(row.f1) for row in rows],
        }
    )
    return table, calibration(labels, told)


def reliability(found: Calibration) -> pd.DataFrame:
    """The diagram's rows, in percent."""
    rows = [
        ("bin", 100 * one.low, 100 * one.high, 100 * one.accuracy, 100 * one.confidence, one.count)
        for one in found.bins
    ]
    rows += [("ideal", x, x, x, x, 0) for x in (0.0, 100.0)]
    return pd.DataFrame(rows, columns=["part", "low", "high", "accuracy", "confidence", "count"])


def verdict(found: Calibration) -> str:
    """The calibration in a sentence or two."""
    gap = found.confidence - found.accuracy
    how = (
        "too sure of itself" if gap > 0.01 else "too modest" if gap < -0.01 else "as sure as it is right, on the whole"
    )
    return (
        f"It is {how}: certain of {numbers.percent(found.confidence, 1)} on average, right in "
        f"{numbers.percent(found.accuracy, 1)}. Certainty and accuracy lie {100 * found.error:.1f} points apart, bin "
        "by bin (the expected calibration error)."
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
