"""Show the predictions of the trained networks for a drawn digit or a test digit."""

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from core.data import DataError
from core.insight.confusion import disagreements
from core.runs.inference_client import InferenceError
from core.runs.run import Run
from core.ui import messages
from core.ui.backend import client
from core.ui.components import drawing_pad
from core.ui.display import image_html, output_names, run_accuracies
from core.ui.display.english import with_article
from core.ui.run_panels import confusion
from core.ui.run_panels.answer_bars import predictions_html
from core.ui.run_panels.trained_run import Trained, predictions, test_pictures, test_set
from core.ui.state.settings import Settings
from core.ui.widgets import picture_strip
from core.ui.widgets.picture_strip import DatasetSource, Pictures

ZOOM = 5  # screen pixels per pixel
PAD_SIDE = 250  # px
LEFT_WIDTH, MIDDLE_WIDTH = 300, 170  # px: the drawing square stays whole at every width; columns wrap below
SOURCE, NUMBER = "m_source", "m_digit"
SETTINGS = Settings({SOURCE: "draw", NUMBER: 0})
Digit = NDArray[np.uint8]


def show(trained: Sequence[Trained]) -> None:
    """Draw the section as a fragment, so that drawing a digit does not rerun the page."""
    client.inference().warm_up()
    st.fragment(_show)(trained)


def _show(trained: Sequence[Trained]) -> None:
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    columns = st.container(horizontal=True, gap="medium")
    digit, truth, number = _picked(trained, row, columns)
    if digit is None:
        return
    with columns, st.container(width=MIDDLE_WIDTH):
        what = "Your digit as the networks see it" if truth is None else f"The test digit: {with_article(str(truth))}"
        st.html(image_html.figure(digit, ZOOM, what, f"{what}: 28 × 28 pixels, 1 channel"))
        if truth is None:
            st.caption("Scaled to 20 × 20 pixels and centered by its mass, with lines of constant width.")
    with columns, st.container(width="stretch", key="m_asked"):
        predicted: list[tuple[Trained, NDArray[Any]]] = []
        try:
            for run in trained:
                stored = None if number is None else stored_prediction(run, number, digit)
                predicted.append((run, _predict(run.run.id, digit.tobytes()) if stored is None else stored))
        except InferenceError as error:
            messages.error(error)
            return
        kind = confusion.kind_of(trained[0].run)
        st.html(predictions_html(predicted, truth, kind.names, kind.noun))
        notes = {run_accuracies.views_note(run.run.experiment.test_time) for run in trained}
        notes.add(output_names.lengths_note(run.run.experiment.layers for run in trained))
        if notes := notes - {""}:
            st.caption(" ".join(sorted(notes)))


def _picked(
    trained: Sequence[Trained], row: DeltaGenerator, columns: DeltaGenerator
) -> tuple[Digit | None, int | None, int | None]:
    """Draw the controls in `row`, and the square to draw in as the first of `columns`.

    Returns:
        The digit, its label, and its index in the test set; None for what is not known.
    """
    try:
        with row:
            source = picture_strip.pick(
                SETTINGS,
                SOURCE,
                datasets=[DatasetSource("test", "Test digits", NUMBER, partial(_pictures, trained[0].run), "digit")],
                own=[picture_strip.DRAW],
                label="Digit",
                help="The digit that the networks read",
            )
        if source == "draw":
            with columns, st.container(width=LEFT_WIDTH):
                return drawing_pad.drawn_digit("m_pad", PAD_SIDE, row), None, None
        digits, (_, labels) = test_pictures(trained[0].run), predictions(trained[0].run.folder)
    except (DataError, FileNotFoundError) as error:
        messages.error(error)
        return None, None, None
    if len(trained) > 1:
        with row:
            st.button(
                "Next disagreement",
                icon=":material/casino:",
                on_click=_next_disagreement,
                args=(trained,),
                help="The next test digit that one network classifies correctly and another does not.",
            )
    number: int = st.session_state[NUMBER]
    return np.ascontiguousarray(digits[number]), int(labels[number]), number


def _pictures(run: Run) -> Pictures:
    return Pictures.test(test_set(run))


def stored_prediction(trained: Trained, index: int, digit: Digit) -> NDArray[np.float16] | None:
    """Return a run's prediction from its test, so that the probabilities equal those in the confusion matrix.

    Args:
        trained: The run.
        index: Of the digit in the test set.
        digit: The digit.

    Returns:
        Probabilities (10,); None if they were removed, or if the run's test set has another digit at this index.
    """
    try:
        probabilities, _ = predictions(trained.run.folder)
        return probabilities[index] if np.array_equal(test_pictures(trained.run)[index], digit) else None
    except (DataError, FileNotFoundError, IndexError):
        return None


def _next_disagreement(trained: Sequence[Trained]) -> None:
    (first, labels), (second, other_labels) = (predictions(run.run.folder) for run in trained[:2])
    if not np.array_equal(labels, other_labels):
        return
    indices = disagreements(labels, first, second).tolist()
    if indices:
        now = st.session_state.get(NUMBER)
        st.session_state[NUMBER] = indices[(indices.index(now) + 1) % len(indices) if now in indices else 0]


@st.cache_data(max_entries=500, show_spinner="Computing the predictions")
def _predict(run: str, pixels: bytes) -> NDArray[np.float32]:
    """Return the probabilities of a run's network for one digit, (10,).

    Raises:
        InferenceError: If the network cannot be run.
    """
    digit = np.frombuffer(pixels, np.uint8).reshape(1, 28, 28)
    return cast("NDArray[np.float32]", client.inference().probabilities(run, digit)[0])
