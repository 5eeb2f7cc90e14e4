"""The user's picture, resized to 32 x 32, with the prediction of the trained network."""

from typing import cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data import DatasetInfo
from core.images.pictures import PictureError
from core.images.uploads import center_square_rgb, read_upload
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.backend import client
from core.ui.display import image_html, run_accuracies
from core.ui.layout import column_grid
from core.ui.run_panels import answer_bars
from core.ui.run_panels.trained_run import Trained
from core.ui.views.cifar import run_titles
from core.ui.widgets import upload

SIDE = 32
ZOOM = 7  # screen pixels per pixel


def show(trained: Trained, info: DatasetInfo) -> None:
    """Draw the section as a fragment, so that another picture does not rerun the page."""
    client.inference().warm_up()
    st.fragment(_show)(trained, info)


def _show(trained: Trained, info: DatasetInfo) -> None:
    left, middle, right = column_grid.thirds(gap="large")
    with left:
        file = upload.picture("ci_upload")
        st.caption(f"The central square is resized to {SIDE} × {SIDE} pixels.")
        classes = ", ".join(info.classes)
        messages.caption(f"The network always predicts one of its ten classes, even for other objects: {classes}.")
    if file is None:
        return
    try:
        picture = fitted(file.content)
        probabilities = _predict(trained.run.id, picture.tobytes())
    except (PictureError, InferenceError) as error:
        messages.error(error)
        return
    with middle:
        st.html(image_html.figure(picture, ZOOM, "Your picture as the network sees it", f"{SIDE} × {SIDE}, 3 channels"))
    with right:
        st.html(answer_bars.predictions_html([(trained, probabilities)], None, info.classes, "class"))
        if note := f"{run_accuracies.views_note(trained.run.experiment.test_time)} {run_titles.standin(info)}".strip():
            st.caption(note)


def fitted(content: bytes) -> NDArray[np.uint8]:
    """Return the central square of the picture in a file's bytes, resized to (32, 32, 3).

    Raises:
        PictureError: If the file is not a picture.
    """
    return center_square_rgb(read_upload(content), SIDE)


@st.cache_data(max_entries=100, show_spinner="Computing the prediction")
def _predict(run: str, pixels: bytes) -> NDArray[np.float32]:
    """Return the probabilities of a run's network for one picture, (10,).

    Raises:
        InferenceError: If the network cannot be run.
    """
    picture = np.frombuffer(pixels, np.uint8).reshape(1, SIDE, SIDE, 3)
    planes = np.ascontiguousarray(np.moveaxis(picture, 3, 1))
    return cast("NDArray[np.float32]", client.inference().probabilities(run, planes)[0])
