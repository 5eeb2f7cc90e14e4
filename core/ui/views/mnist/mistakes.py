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
from core.ui.display.english import with_article
from core.ui.layout import column_grid
from core.ui.messages import Markdown
from core.ui.run_panels import confusion
from core.ui.run_panels.confusion import MAX_PICTURES, ZOOM, clicked
from core.ui.run_panels.trained_run import Trained, matrix, predictions, test_pictures
from core.ui.state.settings import Settings


def show(trained: Sequence[Trained]) -> None:
    """Draw both sections, or a note if a run's predictions were removed."""
    try:
        matrices = [matrix(run) for run in trained]
    except FileNotFoundError:
        st.markdown("The test predictions of this run were removed from this machine: train it again.")
        return
    kinds = [confusion.kind_of(run.run) for run in trained]
    st.caption(
        f"Diagonal: {kinds[0].noun}s classified correctly. Other cells: mistakes, brighter if more frequent. Click a "
        f"cell to see its {kinds[0].noun}s. {client.caveat(trained[0].run.experiment.data)}".strip()
    )
    most = max(int(mistaken(counts).max()) for counts in matrices)
    columns = column_grid.swiped("matrices", len(trained))
    for column, run, counts, kind in zip(columns, trained, matrices, kinds, strict=True):
        with column:
            messages.line(Markdown("**{}** {}").format(run.name, summary(counts, kind.names, kind.noun)))
            cell = clicked(confusion.draw_matrix(run, counts, most, kind))
            if cell is not None:
                confusion.draw_cell(run, cell, kind)
    if len(trained) > 1:
        _gallery(trained)


def _gallery(trained: Sequence[Trained]) -> None:
    pairs = list(permutations(trained, 2))
    settings = Settings({"m_pair": 2 if len(pairs) == 2 else 1})
    number = settings.choice(
        "m_pair",
        "Digits that",
        range(1, len(pairs) + 1),
        format=lambda number: " classifies correctly and ".join(run.name for run in pairs[number - 1]) + " does not",
        help="Sorted by how much the two differ in their confidence in the true digit, largest first.",
    )
    right, wrong = pairs[number - 1]
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
    views, kind = run_accuracies.views_note(wrong.run.experiment.test_time), confusion.kind_of(wrong.run)
    st.caption(f"{confusion.count_note(len(indices), kind)}. {views} {confusion.size_note(kind)}")
    figures = [
        image_html.figure(
            digits[index],
            ZOOM,
            f"Test {kind.noun} {index}, {with_article(kind.names[labels[index]])}",
            Markup("{}; {} predicts <b>{}</b> ({})").format(
                with_article(kind.names[labels[index]]),
                wrong.name.split(":")[0],
                kind.names[int(wrong_probabilities[index].argmax())],
                output_names.figure(wrong.run.experiment.layers, float(wrong_probabilities[index].max())),
            ),
        )
        for index in indices[:MAX_PICTURES]
    ]
    confusion.draw_figures(figures, kind)
