"""Confusion matrices of runs whose cells open their pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data import DataError
from core.insight.calibration import in_cell
from core.ui import messages
from core.ui.charts.confusion_matrix import CLICKED, DIGITS, cells, matrix_spec
from core.ui.display import image_html, numbers, scores
from core.ui.display.words import with_article
from core.ui.run_panels.trained_run import Trained, predictions, test_pictures

SHOWN = 18  # pictures in a gallery


TIMES = 3  # screen pixels a pixel


@dataclass(frozen=True, slots=True)
class Kind:
    """What a test set's pictures are of, and how that is said."""

    names: Sequence[str]  # of the classes
    noun: str = "picture"
    right: str = "named right"
    size: str = "32 × 32 pixels, 3 channels"


OF_DIGITS = Kind(DIGITS, "digit", "read right", "28 × 28 pixels, 1 channel")


def draw_matrix(
    one: Trained, counts: NDArray[np.int64], most: int, kind: Kind, *, height: int = 320, angle: int = 0
) -> Any:
    """Draw a run's confusion matrix. Returns its selection, which `clicked` reads.

    `most` mistakes in a cell are the brightest; `angle` turns the names along the x-axis, in degrees.
    """
    return st.vega_lite_chart(
        cells(counts, most, kind.names, right=kind.right),
        matrix_spec(kind.noun, height=height, angle=angle, clickable=True),
        alt=f"Confusion matrix of {one.name}: what each class's test {kind.noun}s are taken for. The text above names "
        "the commonest mistake.",
        key=f"matrix_{one.run.id}",
        on_select="rerun",
    )


def clicked(state: Any) -> tuple[int, int] | None:
    """(truth, answer) of the cell that is selected in a matrix; None for none."""
    picked = state.get("selection", {}).get(CLICKED, []) if state else []
    match picked:
        case [{"truth": truth, "prediction": prediction}, *_]:
            return int(truth), int(prediction)
        case {"truth": [truth, *_], "prediction": [prediction, *_]}:
            return int(truth), int(prediction)
    return None


def draw_cell(one: Trained, cell: tuple[int, int], kind: Kind) -> None:
    """Draw the pictures of a cell, (truth, answer), of a run's matrix. Raises FileNotFoundError."""
    told, labels = predictions(one.run.folder)
    truth, said = (kind.names[place] for place in cell)
    named = (
        f"{with_article(truth)} taken for {with_article(said)}"
        if truth != said
        else f"{with_article(truth)}, {kind.right}"
    )
    st.markdown(f"**{named[0].upper()}{named[1:]}**")
    gallery(one, in_cell(labels, told, *cell), kind)


def gallery(one: Trained, places: NDArray[np.int64], kind: Kind) -> None:
    """Draw the test pictures at these places, each with its class and the answer. Raises FileNotFoundError."""
    if not len(places):
        st.markdown("There is none.")
        return
    told, labels = predictions(one.run.folder)
    try:
        shown = test_pictures(one.run)
    except DataError as error:
        messages.error(error)
        return
    names = kind.names
    figures = [
        image_html.figure(
            shown[place],
            TIMES,
            f"Test {kind.noun} {place}: {names[labels[place]]}",
            f"{escape(names[labels[place]])}; it says <b>{escape(names[int(told[place].argmax())])}</b> "
            f"{numbers.percent(float(told[place].max()), 0)}",
        )
        for place in places[:SHOWN]
    ]
    st.html(f'<div class="gallery">{"".join(figures)}</div>')
    views = scores.views_note(one.run.experiment.test_time)
    st.caption(f"{_how_many(len(places), kind)}, the most certain answers first. {views} {_shown_as(kind)}")


def _how_many(count: int, kind: Kind) -> str:
    first = f", the first {SHOWN} of them" if count > SHOWN else ""
    return f"{numbers.count(count)} {kind.noun}{'' if count == 1 else 's'}{first}"


def _shown_as(kind: Kind) -> str:
    return f"{kind.size}, shown {TIMES} times as large."
