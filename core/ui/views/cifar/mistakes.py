"""Confusion matrix of the trained network, and its worst mistakes."""

import streamlit as st

from core.data import DatasetInfo
from core.insight.calibration import worst_mistakes
from core.ui import messages
from core.ui.charts import confusion_matrix
from core.ui.layout import column_grid
from core.ui.messages import Markdown
from core.ui.run_panels import confusion, trained_run
from core.ui.run_panels.confusion import clicked
from core.ui.run_panels.trained_run import Trained, predictions
from core.ui.views.cifar import run_titles

REMOVED = "The test predictions of this run were removed from this machine: train it again."


def show(trained: Trained, info: DatasetInfo) -> None:
    """Draw the matrix and, beside it, the pictures of the clicked cell, or else the worst mistakes."""
    try:
        counts = trained_run.matrix(trained)
    except FileNotFoundError:
        st.markdown(REMOVED)
        return
    kind = confusion.kind_of(trained.run)
    left, right = column_grid.halves(gap="large")
    with left:
        found = confusion_matrix.summary(counts, kind.names, kind.noun)
        messages.line(Markdown("**{}** {}").format(run_titles.title(trained.run.experiment), found))
        most = int(confusion_matrix.mistaken(counts).max())
        cell = clicked(confusion.draw_matrix(trained, counts, most, kind, height=440, angle=-40))
        st.caption(f"Click a cell to see its pictures; brighter cells have more. {run_titles.standin(info)}".strip())
    with right:
        if cell is None:
            st.markdown("**Worst mistakes**: wrong predictions with the highest confidence.")
            probabilities, labels = predictions(trained.run.folder)
            confusion.gallery(trained, worst_mistakes(labels, probabilities), kind)
        else:
            confusion.draw_cell(trained, cell, kind)
