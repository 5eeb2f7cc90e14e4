"""Confusion matrices, and the digits that one network classifies correctly and another does not."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import streamlit as st
from markupsafe import Markup

from core.data import DataError
from core.insight.confusion import disagreements
from core.ui import messages
from core.ui.backend import client
from core.ui.charts.confusion_matrix import mistaken, summary
from core.ui.display import image_html, output_names, run_accuracies
from core.ui.layout import column_grid
from core.ui.run_panels import confusion
from core.ui.run_panels.confusion import MAX_PICTURES, OF_DIGITS, ZOOM, clicked
from core.ui.run_panels.trained_run import Trained, matrix, predictions, test_pictures


def show(trained: Sequence[Trained]) -> None:
    """Draw both sections, or a note if a run's predictions were removed."""
    try:
        matrices = [matrix(run) for run in trained]
    except FileNotFoundError:
        st.markdown("The test predictions of this run were removed from this machine: train it again.")
        return
    st.caption(
        "Diagonal: digits classified correctly. Other cells: mistakes, brighter if more frequent. Click a cell to see "
        f"its digits. {client.caveat(trained[0].run.experiment.data)}".strip()
    )
    most = max(int(mistaken(counts).max()) for counts in matrices)
    for column, run, counts in zip(column_grid.swiped("matrices", len(trained)), trained, matrices, strict=True):
        with column:
            st.markdown(f"**{run.name}** {summary(counts)}")
            cell = clicked(confusion.draw_matrix(run, counts, most, OF_DIGITS))
            if cell is not None:
                confusion.draw_cell(run, cell, OF_DIGITS)
    if len(trained) > 1:
        _gallery(trained)


def _gallery(trained: Sequence[Trained]) -> None:
    pairs = list(permutations(trained, 2))
    right, wrong = pairs[
        st.selectbox(
            "Digits that",
            range(len(pairs)),
            len(pairs) - 1 if len(pairs) == 2 else 0,
            format_func=lambda i: f"{pairs[i][0].name} classifies correctly and {pairs[i][1].name} does not",
            key="m_pair",
            help="Sorted by how much the two differ in their confidence in the true digit, largest first.",
        )
    ]
    right_probabilities, labels = predictions(right.run.folder)
    wrong_probabilities, other_labels = predictions(wrong.run.folder)
    if not np.array_equal(labels, other_labels):
        st.markdown("These two runs were tested on different digits, so they cannot be compared digit by digit.")
        return
    indices = disagreements(labels, right_probabilities, wrong_probabilities, right="a")
    try:
        digits = test_pictures(right.run)
    except DataError as error:
        messages.line(error)
        return
    views = run_accuracies.views_note(wrong.run.experiment.test_time)
    st.caption(f"{confusion.count_note(len(indices), OF_DIGITS)}. {views} {confusion.size_note(OF_DIGITS)}")
    figures = [
        image_html.figure(
            digits[index],
            ZOOM,
            f"Test digit {index}, a {labels[index]}",
            Markup("a {}; {} predicts <b>{}</b> ({})").format(
                labels[index],
                wrong.name.split(":")[0],
                wrong_probabilities[index].argmax(),
                output_names.figure(wrong.run.experiment.layers, float(wrong_probabilities[index].max())),
            ),
        )
        for index in indices[:MAX_PICTURES]
    ]
    confusion.draw_figures(figures, OF_DIGITS)
