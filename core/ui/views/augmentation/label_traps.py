"""Steps after which a picture is no longer what its label says: a 6 upside down, a mirrored 2, a 9 on its head."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import data
from core.data import DataError
from core.runs.inference_client import InferenceError
from core.training.augmentation import specs
from core.training.augmentation.pipeline import Pipeline
from core.ui import messages
from core.ui.backend import client
from core.ui.display import image_html, numbers
from core.ui.views.augmentation.picture import Subject

TIMES = 4
NETWORK = "mnist-cnn"  # of those that come with the app
Digit = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Trap:
    """A change after which one digit is no longer that digit."""

    digit: int
    what: str  # done to it
    change: Callable[[Digit], Digit]


UPSIDE_DOWN = Trap(6, "flipped upside down", lambda digit: digit[::-1])
MIRRORED = Trap(2, "mirrored", lambda digit: digit[:, ::-1])
ON_ITS_HEAD = Trap(9, "turned by 180°", lambda digit: np.rot90(digit, 2))


def traps(pipeline: Pipeline) -> list[Trap]:
    """What the pipeline's steps can do to a digit's meaning."""
    busy, found = pipeline.busy.steps, []
    if any(isinstance(step, specs.VerticalFlip) for step in busy):
        found.append(UPSIDE_DOWN)
    if any(isinstance(step, specs.HorizontalFlip) for step in busy):
        found.append(MIRRORED)
    turns = [step.degrees for step in busy if isinstance(step, specs.Rotation)]
    turns += [step.rotate for step in busy if isinstance(step, specs.Affine)]
    if sum(turns) > 90 or len(found) == 2:  # both flips together turn by 180 degrees
        found.append(ON_ITS_HEAD)
    return found


def warn(pipeline: Pipeline, subject: Subject) -> None:
    """Say what changes its meaning, with the digits: a warning for a digit, a note for any other picture."""
    found = traps(pipeline)
    if not found:
        return
    names = " and ".join(f"a {trap.digit}, {trap.what}," for trap in found)
    if subject.is_digit:
        told = messages.Markdown("**These steps change what the label means:** {} keeps its label.")
        messages.warning(told.format(names))
    else:
        st.caption(f"With pictures of things this may be harmless. With digits it is not: {names} keeps its label.")
    try:
        figures = [figure for trap in found for figure in _figures(trap)]
    except DataError as error:
        messages.error(error)
        return
    st.html(f'<div class="moments">{"".join(figures)}</div>')
    if caveat := client.caveat("mnist"):
        st.caption(caveat)


def _figures(trap: Trap) -> tuple[str, str]:
    digit = _example(trap.digit)
    changed = np.ascontiguousarray(trap.change(digit))
    return (
        image_html.figure(digit, TIMES, f"A handwritten {trap.digit}", f"A {trap.digit}"),
        image_html.figure(
            changed,
            TIMES,
            f"The same {trap.digit}, {trap.what}",
            f"{trap.what[0].upper()}{trap.what[1:]}, still labeled {trap.digit}.{_reading(changed.tobytes())}",
        ),
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _reading(digit: bytes) -> str:
    """What the app's CNN takes it for, as a sentence; empty where it cannot be asked."""
    try:
        answer = client.inference().probabilities(NETWORK, np.frombuffer(digit, np.uint8).reshape(1, 28, 28))[0]
    except InferenceError:
        return ""
    return f" The app's own CNN reads {int(answer.argmax())}, at {numbers.percent(float(answer.max()), 0)}."


@lru_cache(maxsize=16)
def _example(digit: int) -> Digit:
    """The first test digit of that class, which the app's CNN has not learned. Raises DataError."""
    mnist = data.load("mnist")
    place = int(np.flatnonzero(mnist.test_labels == digit)[0])
    return np.ascontiguousarray(mnist.test_images[place, 0])
