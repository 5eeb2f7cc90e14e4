"""A person's own picture: fitted to 32 x 32 as CIFAR-10's were, and named by the trained network."""

from typing import cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data import DatasetInfo
from core.images.pictures import PictureError
from core.images.uploads import read_upload, squared
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.backend import client
from core.ui.display import image_html, scores
from core.ui.run_panels import answer_bars
from core.ui.run_panels.trained_run import Trained
from core.ui.views.cifar import run_titles
from core.ui.widgets import upload

SIDE = 32
TIMES = 7


def show(one: Trained, info: DatasetInfo) -> None:
    """Draw the section. It is a fragment: a picture does not run the rest of the page again."""
    client.inference().warm()
    st.fragment(_show)(one, info)


def _show(one: Trained, info: DatasetInfo) -> None:
    left, middle, right = st.columns([3, 2, 4], gap="large")
    with left:
        file = upload.picture("ci_upload")
        st.caption(f"Its middle square is taken and made {SIDE} × {SIDE} pixels.")
        kinds = ", ".join(info.classes)
        st.caption(f"It knows only: {kinds}. To anything else it answers one of these all the same.")
    if file is None:
        return
    try:
        picture = fitted(file.content)
        answer = _answer(one.run.id, picture.tobytes())
    except (PictureError, InferenceError) as error:
        messages.error(error)
        return
    with middle:
        st.html(
            image_html.figure(picture, TIMES, "Your picture as the network sees it", f"{SIDE} × {SIDE}, 3 channels")
        )
    with right:
        st.html(answer_bars.answers_html([(one, answer)], None, info.classes, "class"))
        if note := f"{scores.views_note(one.run.experiment.test_time)} {run_titles.standin(info)}".strip():
            st.caption(note)


def fitted(content: bytes) -> NDArray[np.uint8]:
    """(32, 32, 3): the middle square of the picture in a file's bytes, made small. Raises PictureError."""
    return squared(read_upload(content), SIDE)


@st.cache_data(max_entries=100, show_spinner="Asking the network")
def _answer(run: str, pixels: bytes) -> NDArray[np.float32]:
    """What a run's network answers for one picture: (10,). Raises InferenceError."""
    picture = np.frombuffer(pixels, np.uint8).reshape(1, SIDE, SIDE, 3)
    planes = np.ascontiguousarray(np.moveaxis(picture, 3, 1))
    return cast("NDArray[np.float32]", client.inference().probabilities(run, planes)[0])
