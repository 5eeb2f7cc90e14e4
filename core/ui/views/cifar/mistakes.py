"""Where the trained network errs: the confusion matrix, whose cells open their pictures, and the worst mistakes."""

import streamlit as st

from core.data import DatasetInfo
from core.insight.calibration import worst_mistakes
from core.ui.charts import confusion_matrix
from core.ui.run_panels import confusion, trained_run
from core.ui.run_panels.confusion import Kind, clicked
from core.ui.run_panels.trained_run import Trained, predictions
from core.ui.views.cifar import run_titles

GONE = "This run's answers for the test pictures are not on this machine any more: train it again."


def show(one: Trained, info: DatasetInfo) -> None:
    """Draw the matrix and, beside it, the pictures of a cell, or the worst mistakes where none was clicked."""
    try:
        counts = trained_run.matrix(one)
    except FileNotFoundError:
        st.markdown(GONE)
        return
    kind = Kind(info.classes)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            f"**{run_titles.title(one.run.experiment)}** "
            f"{confusion_matrix.summary(counts, info.classes, verb='gets wrong')}"
        )
        most = int(confusion_matrix.mistaken(counts).max())
        cell = clicked(confusion.draw_matrix(one, counts, most, kind, height=440, angle=-40))
        st.caption(f"Click a cell to see its pictures; the brighter, the more. {run_titles.standin(info)}".strip())
    with right:
        if cell is None:
            st.markdown("**Worst mistakes**: wrong, and most certain of it.")
            told, labels = predictions(one.run.folder)
            confusion.gallery(one, worst_mistakes(labels, told), kind)
        else:
            confusion.draw_cell(one, cell, kind)
