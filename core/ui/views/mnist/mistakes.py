"""Confusion matrices whose cells open their pictures, and the digits that one network reads and another misreads."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import permutations
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data import DataError
from core.insight.calibration import in_cell
from core.insight.confusion import disagreements
from core.ui import messages
from core.ui.backend import client
from core.ui.charts.confusion_matrix import CLICKED, DIGITS, cells, matrix_spec, mistaken, summary
from core.ui.display import image_html, numbers, scores
from core.ui.display.words import a
from core.ui.run_panels.trained_run import Trained, matrix, predictions, test_pictures

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


def show(trained: Sequence[Trained]) -> None:
    """Draw both. Says so where a run's answers are not there."""
    try:
        matrices = [matrix(one) for one in trained]
    except FileNotFoundError:
        st.markdown("This run's answers for the test digits are not on this machine any more: train it again.")
        return
    st.caption(
        "On the diagonal: digits read right. Off it: one taken for another, the brighter the more often. Click a cell "
        f"to see its digits. {client.caveat(trained[0].run.experiment.data)}".strip()
    )
    most = max(int(mistaken(counts).max()) for counts in matrices)
    for column, one, counts in zip(st.columns(len(trained), gap="medium"), trained, matrices, strict=True):
        with column:
            st.markdown(f"**{one.name}** {summary(counts)}")
            cell = clicked(draw_matrix(one, counts, most, OF_DIGITS))
            if cell is not None:
                draw_cell(one, cell, OF_DIGITS)
    if len(trained) > 1:
        _gallery(trained)


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
        case [{"truth": truth, "said": said}, *_]:
            return int(truth), int(said)
        case {"truth": [truth, *_], "said": [said, *_]}:
            return int(truth), int(said)
    return None


def draw_cell(one: Trained, cell: tuple[int, int], kind: Kind) -> None:
    """Draw the pictures of a cell, (truth, answer), of a run's matrix. Raises FileNotFoundError."""
    told, labels = predictions(one.run.folder)
    truth, said = (kind.names[place] for place in cell)
    named = f"{a(truth)} taken for {a(said)}" if truth != said else f"{a(truth)}, {kind.right}"
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


def _gallery(trained: Sequence[Trained]) -> None:
    pairs = list(permutations(trained, 2))
    right, wrong = pairs[
        st.selectbox(
            "Digits that",
            range(len(pairs)),
            len(pairs) - 1 if len(pairs) == 2 else 0,
            format_func=lambda i: f"{pairs[i][0].name} reads and {pairs[i][1].name} misreads",
            key="m_pair",
            help="First those where the two differ most in the probability they give to the true digit.",
        )
    ]
    sure_right, labels = predictions(right.run.folder)
    sure_wrong, others = predictions(wrong.run.folder)
    if not np.array_equal(labels, others):
        st.markdown("These two runs were tested on different digits, so they cannot be compared digit by digit.")
        return
    places = disagreements(labels, sure_right, sure_wrong, right="a")
    try:
        digits = test_pictures(right.run)
    except DataError as error:
        messages.line(error)
        return
    views = scores.views_note(wrong.run.experiment.test_time)
    st.caption(f"{_how_many(len(places), OF_DIGITS)}. {views} {_shown_as(OF_DIGITS)}")
    figures = [
        image_html.figure(
            digits[place],
            TIMES,
            f"Test digit {place}, a {labels[place]}",
            f"a {labels[place]}; {wrong.name.split(':')[0]} says <b>{sure_wrong[place].argmax()}</b> "
            f"({numbers.percent(float(sure_wrong[place].max()), 0)})",
        )
        for place in places[:SHOWN]
    ]
    st.html(f'<div class="gallery">{"".join(figures)}</div>')
