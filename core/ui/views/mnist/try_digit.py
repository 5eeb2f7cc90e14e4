"""Ask the trained networks: draw a digit, or take one of the test set, and see what each makes of it."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data import DataError
from core.insight.confusion import disagreements
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.backend import client
from core.ui.components import drawing_pad
from core.ui.display import image_html, numbers, scores
from core.ui.run_panels.answer_bars import answers_html
from core.ui.run_panels.trained_run import Trained, predictions, test_pictures
from core.ui.state.settings import Settings

TIMES = 5
LEFT, MIDDLE = 300, 170  # px: the square is whole at every width, what does not fit stands below
SOURCES = {"draw": "Draw one", "test": "Take a test digit"}
SOURCE, PLACE = "m_source", "m_digit"
SETTINGS = Settings({SOURCE: "draw", PLACE: 0})
Digit = NDArray[np.uint8]


def show(trained: Sequence[Trained]) -> None:
    """Draw the section. It is a fragment: drawing does not run the rest of the page again."""
    client.inference().warm()
    st.fragment(_show)(trained)


def _show(trained: Sequence[Trained]) -> None:
    with st.container(horizontal=True, gap="medium"):
        left, middle = st.container(width=LEFT), st.container(width=MIDDLE)
        right = st.container(width="stretch", key="m_asked")
    with left:
        source = SETTINGS.segments(
            SOURCE,
            "Digit",
            list(SOURCES),
            format=SOURCES.__getitem__,
            label_visibility="collapsed",
            help="Where the digit comes from",
        )
        place: int | None = None
        if source == "draw":
            digit, truth = drawing_pad.drawn_digit("m_pad"), None
        else:
            digit, truth, place = _taken(trained)
    if digit is None:
        return
    with middle:
        what = "Your digit as the networks see it" if truth is None else f"The test digit: a {truth}"
        st.html(image_html.figure(digit, TIMES, what, f"{what}: 28 × 28 pixels, 1 channel"))
        if truth is None:
            st.caption("Scaled to 20 × 20 and centered by its mass; the lines are as wide for a small digit.")
    with right:
        answers: dict[str, NDArray[Any]] = {}
        try:
            for one in trained:
                kept = None if place is None else kept_answer(one, place, digit)
                answers[one.name] = _answer(one.run.id, digit.tobytes()) if kept is None else kept
        except InferenceError as error:
            messages.error(error)
            return
        st.html(answers_html([(one, answers[one.name]) for one in trained], truth))
        if notes := {scores.views_note(one.run.experiment.test_time) for one in trained} - {""}:
            st.caption(" ".join(sorted(notes)))


def _taken(trained: Sequence[Trained]) -> tuple[Digit | None, int | None, int | None]:
    """The controls; the test digit that is chosen, what it is, and its place in the test set."""
    try:
        digits = test_pictures(trained[0].run)
        _, labels = predictions(trained[0].run.folder)
    except (DataError, FileNotFoundError) as error:
        messages.error(error)
        return None, None, None
    most = len(digits) - 1
    place = SETTINGS.number(PLACE, "Number in the test set", 0, most, help=f"From 0 to {numbers.count(most)}.")
    if len(trained) > 1:
        st.button(
            "One they disagree on",
            icon=":material/casino:",
            on_click=_next_disagreement,
            args=(trained,),
            help="A test digit that one of the networks reads and another misreads.",
        )
    return np.ascontiguousarray(digits[place]), int(labels[place]), place


def kept_answer(one: Trained, place: int, digit: Digit) -> NDArray[np.float16] | None:
    """Return what a run answered for a digit in its test, so that it is as certain here as where the mistakes are.

    None where that is not kept, or another digit is at this place in the test set of its data.
    """
    try:
        told, _ = predictions(one.run.folder)
        return told[place] if np.array_equal(test_pictures(one.run)[place], digit) else None
    except (DataError, FileNotFoundError, IndexError):
        return None


def _next_disagreement(trained: Sequence[Trained]) -> None:
    (first, labels), (second, others) = (predictions(one.run.folder) for one in trained[:2])
    if not np.array_equal(labels, others):
        return
    places = disagreements(labels, first, second).tolist()
    if places:
        now = st.session_state.get(PLACE)
        st.session_state[PLACE] = places[(places.index(now) + 1) % len(places) if now in places else 0]


@st.cache_data(max_entries=500, show_spinner="Asking the networks")
def _answer(run: str, pixels: bytes) -> NDArray[np.float32]:
    """What a run's network answers for one digit: (10,). Raises InferenceError."""
    digit = np.frombuffer(pixels, np.uint8).reshape(1, 28, 28)
    return cast("NDArray[np.float32]", client.inference().probabilities(run, digit)[0])
