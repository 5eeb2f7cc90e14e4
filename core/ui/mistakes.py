"""Confusion matrices, and the digits that one network reads and another misreads."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.data import DataError
from core.insight.confusion import confusion_matrix, disagreements
from core.ui import colors, numbers, pictures
from core.ui.trained import Trained, predictions, test_digits

SHOWN = 18  # digits in the gallery
TIMES = 3  # screen pixels a pixel
CLASSES = 10
DIAGONAL_INK = "#7A828E"  # legible on the paper of both themes

_AXIS = {"type": "ordinal", "axis": {"labelAngle": 0, "ticks": False, "domain": False, "grid": False}}
MATRIX: dict[str, Any] = {
    "height": 320,
    "config": {"mark": {"aria": False}, "axis": {"titleFontWeight": 400}},
    "encoding": {
        "x": {**_AXIS, "field": "answer", "title": "What the network answers"},
        "y": {**_AXIS, "field": "digit", "title": "What the digit is"},
        "tooltip": [{"field": "told", "title": "Test digits"}],
    },
    "layer": [
        {
            "mark": {"type": "rect", "cornerRadius": 2},
            "encoding": {"color": {"field": "fill", "type": "nominal", "scale": None}},
        },
        {
            "mark": {"type": "text", "fontSize": 12},
            "encoding": {"text": {"field": "text"}, "color": {"field": "ink", "type": "nominal", "scale": None}},
        },
    ],
}


def show(trained: Sequence[Trained]) -> None:
    """Draw both. Says so where a run's answers are not there."""
    try:
        matrices = [matrix(one) for one in trained]
    except FileNotFoundError:
        st.markdown("This run's answers for the test digits are not on this machine any more: train it again.")
        return
    st.caption("On the diagonal: digits read right. Off it: one taken for another, the brighter the more often.")
    most = max(int(_mistaken(counts).max()) for counts in matrices)
    for column, one, counts in zip(st.columns(len(trained), gap="medium"), trained, matrices, strict=True):
        with column:
            st.markdown(f"**{one.name}** {summary(counts)}")
            st.vega_lite_chart(
                cells(counts, most), MATRIX, alt=f"Confusion matrix of {one.name}", key=f"matrix_{one.name}"
            )
    if len(trained) > 1:
        _gallery(trained)


def matrix(one: Trained) -> NDArray[np.int64]:
    """A run's confusion matrix on its test set. Raises FileNotFoundError."""
    probabilities, labels = predictions(one.run.folder)
    return confusion_matrix(labels, probabilities.argmax(axis=1), CLASSES)


def summary(counts: NDArray[np.int64]) -> str:
    """How many are misread, and which mistake is commonest."""
    mistaken = _mistaken(counts)
    text = f"misreads {numbers.count(int(mistaken.sum()))} of {numbers.count(int(counts.sum()))} test digits"
    if not mistaken.any():
        return f"{text}."
    digit, answer = divmod(int(mistaken.argmax()), CLASSES)
    times = int(mistaken.max())
    return f"{text}; most often it takes a {digit} for a {answer}: {times} {'time' if times == 1 else 'times'}."


def cells(counts: NDArray[np.int64], most: int) -> pd.DataFrame:
    """One row a cell that is not empty: digit, answer, text, colors. `most` mistakes in a cell are the brightest."""
    rows = []
    for digit in range(CLASSES):
        for answer in range(CLASSES):
            count = int(counts[digit, answer])
            if digit == answer:
                fill, ink = "transparent", DIAGONAL_INK
            else:
                fill, ink = colors.viridis(count / max(most, 1)) if count else ("transparent", DIAGONAL_INK)
            told = f"{numbers.count(count)} times a {digit} was taken for a {answer}"
            if digit == answer:
                told = f"{numbers.count(count)} of {numbers.count(counts[digit].sum())} times a {digit} was read right"
            rows.append((digit, answer, numbers.count(count) if count else "", fill, ink, told))
    return pd.DataFrame(rows, columns=["digit", "answer", "text", "fill", "ink", "told"])


def _mistaken(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return counts - np.diag(np.diag(counts))


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
        digits = test_digits(right.run)
    except DataError as error:
        st.markdown(str(error))
        return
    st.caption(
        f"{numbers.count(len(places))} digits{f', the first {SHOWN} of them' if len(places) > SHOWN else ''}. "
        f"28 × 28 pixels, 1 channel, shown {TIMES} times as large."
    )
    figures = [
        pictures.figure(
            digits[place],
            TIMES,
            f"Test digit {place}, a {labels[place]}",
            f"a {labels[place]}; {wrong.name.split(':')[0]} says <b>{sure_wrong[place].argmax()}</b> "
            f"({numbers.percent(float(sure_wrong[place].max()), 0)})",
        )
        for place in places[:SHOWN]
    ]
    st.html(f'<div class="gallery">{"".join(figures)}</div>')
