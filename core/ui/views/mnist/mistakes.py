"""Confusion matrices whose cells open their pictures, and the digits that one network reads and another misreads."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import streamlit as st

from core.data import DataError
from core.insight.confusion import disagreements
from core.ui import messages
from core.ui.backend import client
from core.ui.charts.confusion_matrix import mistaken, summary
from core.ui.display import image_html, numbers, scores
from core.ui.run_panels.confusion import OF_DIGITS, SHOWN, TIMES, _how_many, _shown_as, clicked, draw_cell, draw_matrix
from core.ui.run_panels.trained_run import Trained, matrix, predictions, test_pictures


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
