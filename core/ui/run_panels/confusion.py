"""Confusion matrices of runs: a click on a cell shows its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core import data
from core.data import DataError
from core.insight.calibration import in_cell
from core.runs.run import Run
from core.size_text import format_shape
from core.ui import messages
from core.ui.charts.confusion_matrix import CLICKED, DIGITS, cells, matrix_spec
from core.ui.display import image_html, numbers, output_names, run_accuracies
from core.ui.display.english import with_article
from core.ui.messages import Markdown
from core.ui.run_panels.trained_run import Trained, predictions, test_pictures

FIRST_PICTURES, MAX_PICTURES = 6, 18  # of a gallery: those seen at once, and those one can open
ZOOM = 3  # screen pixels per pixel


@dataclass(frozen=True, slots=True)
class Kind:
    """The words for the pictures of a test set."""

    names: Sequence[str]  # of the classes
    noun: str = "picture"
    right: str = "classified correctly"
    size: str = "32 × 32 pixels, 3 channels"


OF_DIGITS = Kind(DIGITS, "digit", "classified correctly", "28 × 28 pixels, 1 channel")


def kind_of(run: Run) -> Kind:
    """Return the words for a run's test pictures, which on the page of the digits may be somebody's own."""
    if data.published(run.experiment.data) == "mnist":
        return OF_DIGITS
    try:
        info = data.info(run.experiment.data)
    except DataError:  # it is gone: its classes have numbers at least
        return Kind(DIGITS)
    channels, height, width = info.shape
    return Kind(info.classes, size=f"{format_shape((height, width))} pixels, {channels} channel{'s' * (channels != 1)}")


def draw_matrix(
    trained: Trained, counts: NDArray[np.int64], most: int, kind: Kind, *, height: int = 320, angle: int = 0
) -> Any:
    """Draw a run's confusion matrix.

    Args:
        trained: The run.
        counts: Test pictures by true class (rows) and predicted class (columns).
        most: Mistakes in a cell that have the brightest color.
        kind: The words for the pictures.
        height: In pixels.
        angle: Rotation of the names along the x-axis, in degrees.

    Returns:
        The chart's selection, for `clicked`.
    """
    return st.vega_lite_chart(
        cells(counts, most, kind.names, right=kind.right),
        matrix_spec(kind.noun, height=height, angle=angle, clickable=True),
        alt=f"Confusion matrix of {trained.name}: the predictions for each class's test {kind.noun}s. The text above "
        "names the most common mistake.",
        key=f"matrix_{trained.run.id}",
        on_select="rerun",
    )


def clicked(state: Any) -> tuple[int, int] | None:
    """Return (true class, predicted class) of the selected cell of a matrix, or None."""
    picked = state.get("selection", {}).get(CLICKED, []) if state else []
    match picked:
        case [{"truth": truth, "prediction": prediction}, *_]:
            return int(truth), int(prediction)
        case {"truth": [truth, *_], "prediction": [prediction, *_]}:
            return int(truth), int(prediction)
    return None


def draw_cell(trained: Trained, cell: tuple[int, int], kind: Kind) -> None:
    """Draw the pictures of a cell, (true class, predicted class), of a run's matrix.

    Raises:
        FileNotFoundError: If the run's predictions were removed.
    """
    probabilities, labels = predictions(trained.run.folder)
    truth, predicted = (kind.names[index] for index in cell)
    title = (
        f"{with_article(truth)} predicted as {with_article(predicted)}"
        if truth != predicted
        else f"{with_article(truth)}, {kind.right}"
    )
    messages.line(Markdown("**{}**").format(f"{title[0].upper()}{title[1:]}"))
    gallery(trained, in_cell(labels, probabilities, *cell), kind)


def gallery(trained: Trained, indices: NDArray[np.int64], kind: Kind) -> None:
    """Draw the test pictures with these indices, each with its class and the run's prediction.

    Raises:
        FileNotFoundError: If the run's predictions were removed.
    """
    if not len(indices):
        st.markdown("No such picture.")
        return
    probabilities, labels = predictions(trained.run.folder)
    try:
        pictures = test_pictures(trained.run)
    except DataError as error:
        messages.error(error)
        return
    names = kind.names
    figures = [
        image_html.figure(
            pictures[index],
            ZOOM,
            f"Test {kind.noun} {index}: {names[labels[index]]}",
            Markup("{}; predicted <b>{}</b> {}").format(
                names[labels[index]],
                names[int(probabilities[index].argmax())],
                output_names.figure(trained.run.experiment.layers, float(probabilities[index].max())),
            ),
        )
        for index in indices[:MAX_PICTURES]
    ]
    draw_figures(figures, kind)
    views = run_accuracies.views_note(trained.run.experiment.test_time)
    st.caption(f"{count_note(len(indices), kind)}, the most confident predictions first. {views} {size_note(kind)}")


def draw_figures(figures: Sequence[Markup], kind: Kind) -> None:
    """Draw pictures in rows: the first ones, and the others folded."""
    rows = Markup('<div class="gallery">{}</div>')
    st.html(rows.format(Markup("").join(figures[:FIRST_PICTURES])))
    if more := figures[FIRST_PICTURES:]:
        with st.expander(f"{len(more)} more {kind.noun}{'' if len(more) == 1 else 's'}"):
            st.html(rows.format(Markup("").join(more)))


def count_note(count: int, kind: Kind) -> str:
    """Return how many pictures there are, and how many of them are here: "30 digits, the first 18 of them here"."""
    first = f", the first {MAX_PICTURES} of them here" if count > MAX_PICTURES else ""
    return f"{numbers.count(count)} {kind.noun}{'' if count == 1 else 's'}{first}"


def size_note(kind: Kind) -> str:
    """Return a sentence with the pictures' size and magnification."""
    return f"{kind.size}, magnified {ZOOM} times."
