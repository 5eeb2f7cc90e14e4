"""Warn of steps that make a label wrong: a flipped 6, a mirrored 2, a 9 rotated by 180°."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from core import data
from core.data import DataError
from core.runs.inference_client import InferenceError
from core.training.augmentation import specs
from core.training.augmentation.pipeline import Pipeline
from core.ui import messages
from core.ui.backend import client
from core.ui.display import image_html, numbers
from core.ui.display.english import with_article
from core.ui.views.augmentation.picture import InputPicture

ZOOM = 4
NETWORK = "mnist-cnn"  # a pretrained network
Digit = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class LabelPitfall:
    """A change that makes one digit's label wrong."""

    digit: int
    what: str  # the change in words
    change: Callable[[Digit], Digit]


UPSIDE_DOWN = LabelPitfall(6, "flipped upside down", lambda digit: digit[::-1])
MIRRORED = LabelPitfall(2, "mirrored", lambda digit: digit[:, ::-1])
ROTATED = LabelPitfall(9, "rotated by 180°", lambda digit: np.rot90(digit, 2))
WRONG_FROM = 90  # degrees: from here on a 9 begins to look like a 6


def pitfalls(pipeline: Pipeline) -> list[LabelPitfall]:
    """Return the changes by the pipeline's steps that can make a digit's label wrong."""
    busy, possible = pipeline.busy.steps, []
    if any(isinstance(step, specs.VerticalFlip) for step in busy):
        possible.append(UPSIDE_DOWN)
    if any(isinstance(step, specs.HorizontalFlip) for step in busy):
        possible.append(MIRRORED)
    largest = sum(map(specs.largest_rotation, busy))
    if largest >= 180 or len(possible) == 2:  # both flips together rotate by 180 degrees
        possible.append(ROTATED)
    elif largest > WRONG_FROM:
        possible.append(_rotated(largest))
    return possible


def _rotated(degrees: float) -> LabelPitfall:
    """Return the pitfall of a rotation by less than 180 degrees, counterclockwise."""
    return LabelPitfall(
        9,
        f"rotated by {degrees:g}°",
        lambda digit: np.asarray(Image.fromarray(digit).rotate(degrees, Image.Resampling.BILINEAR)),
    )


def warn(pipeline: Pipeline, source: InputPicture) -> None:
    """Show which digits get a wrong label: a warning if the picture is a digit, a note otherwise."""
    relevant = pitfalls(pipeline)
    if not relevant:
        return
    names = " and ".join(f"{with_article(str(pitfall.digit))}, {pitfall.what}," for pitfall in relevant)
    if source.is_digit:
        text = messages.Markdown("**These steps can make labels wrong:** {} keeps its label.")
        messages.warning(text.format(names))
    else:
        st.caption(f"For pictures of objects this may be harmless. For digits it is not: {names} keeps its label.")
    try:
        figures = [figure for pitfall in relevant for figure in _figures(pitfall)]
    except DataError as error:
        messages.error(error)
        return
    st.html(Markup('<div class="moments">{}</div>').format(Markup("").join(figures)))
    if caveat := client.caveat("mnist"):
        st.caption(caveat)


def _figures(pitfall: LabelPitfall) -> tuple[Markup, Markup]:
    digit = _example(pitfall.digit)
    change = f"{pitfall.what[0].upper()}{pitfall.what[1:]}"
    changed = np.ascontiguousarray(pitfall.change(digit))
    return (
        image_html.figure(digit, ZOOM, f"A handwritten {pitfall.digit}", f"A {pitfall.digit}"),
        image_html.figure(
            changed,
            ZOOM,
            f"The same {pitfall.digit}, {pitfall.what}",
            f"{change}, still labeled {pitfall.digit}.{_prediction(changed.tobytes())}",
        ),
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _prediction(digit: bytes) -> str:
    """Return the pretrained CNN's prediction as a sentence; empty if it cannot be computed."""
    try:
        answer = client.inference().probabilities(NETWORK, np.frombuffer(digit, np.uint8).reshape(1, 28, 28))[0]
    except InferenceError:
        return ""
    return f" The app's pretrained CNN predicts {int(answer.argmax())}, at {numbers.percent(float(answer.max()), 0)}."


@lru_cache(maxsize=16)
def _example(digit: int) -> Digit:
    """Return the first test digit of a class, on which the CNN was not trained. Raises DataError."""
    mnist = data.load("mnist")
    index = int(np.flatnonzero(mnist.test_labels == digit)[0])
    return np.ascontiguousarray(mnist.test_images[index, 0])
