"""Grad-CAM: the regions of a picture that support a class, computed from the output of a layer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core.data import DataError, DatasetInfo
from core.runs.inference_client import InferenceError, decode_array, encode_array
from core.ui import messages
from core.ui.backend import client
from core.ui.display import image_html, numbers, run_accuracies
from core.ui.display.heat_map import default_layer, layers, overlay, painted
from core.ui.layout import column_grid
from core.ui.run_panels.trained_run import Trained, predictions, test_pictures, test_set
from core.ui.state import link_to_cifar
from core.ui.state.settings import Settings
from core.ui.views.cifar import run_titles
from core.ui.widgets import picture_strip
from core.ui.widgets.picture_strip import DatasetSource, Pictures

SOURCE, NUMBER, LAYER, TARGET = "ci_look_in", "ci_look", "ci_layer", "ci_of"
ZOOM = 6  # screen pixels per pixel
DEFAULTS = {SOURCE: "test", NUMBER: 0, TARGET: 0}


def show(settings: Settings, trained: Trained, info: DatasetInfo) -> None:
    """Draw the section as a fragment, so that another layer does not rerun the page."""
    client.inference().warm_up()
    st.fragment(_show)(settings, trained, info)


def _show(settings: Settings, trained: Trained, info: DatasetInfo) -> None:
    try:
        pictures = test_pictures(trained.run)
        probabilities, labels = predictions(trained.run.folder)
    except (DataError, FileNotFoundError) as error:
        messages.line(error)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        picture_strip.pick(
            settings,
            SOURCE,
            datasets=[DatasetSource("test", "Test pictures", NUMBER, lambda: Pictures.test(test_set(trained.run)))],
            help="The picture that the map explains",
        )
        st.button(
            "Next mistake",
            icon=":material/casino:",
            on_click=_next_mistake,
            args=(probabilities, labels),
            help="The next misclassified test picture",
        )
    number: int = st.session_state[NUMBER]
    left, right = column_grid.side_and_main(gap="large")
    with left:
        options = ["Predicted class", *info.classes]
        target = settings.choice(
            TARGET,
            "Class",
            range(len(options)),
            format=options.__getitem__,
            help="The class whose evidence the map shows",
        )
    picture = np.ascontiguousarray(np.moveaxis(pictures[number], 2, 0))
    try:
        shown = int(probabilities[number].argmax()) if target == 0 else int(target) - 1
        result = _attention(trained.run.id, picture.tobytes(), shown)
    except InferenceError as error:
        messages.error(error)
        return
    rows = link_to_cifar.rows_of(trained.run.experiment.layers)
    choices = layers(rows, result["layers"])
    with right:
        key = f"{LAYER}_{trained.run.id}"
        chosen = Settings({key: default_layer(rows, list(choices))}).steps(
            key,
            "Layer",
            list(choices),
            format=choices.__getitem__,
            help="The map is computed from this layer's output. Early layers respond to edges, at fine resolution; "
            "late layers to objects, at coarse resolution.",
        )
        map_ = decode_array(result["maps"][result["layers"].index(chosen)])
        one_view = decode_array(result["probabilities"])
        prediction = prediction_html(probabilities[number], one_view, info.classes, trained.run.experiment.test_time)
        _draw(pictures[number], map_, result["answer"], int(labels[number]), prediction, choices[chosen], info)


def prediction_html(all_views: NDArray[Any], one_view: NDArray[np.float32], names: Sequence[str], views: str) -> Markup:
    """Return the network's prediction for a picture as HTML, with that for a single view if the test used several.

    Args:
        all_views: Probabilities from the test, (classes,): the mean over the test-time views.
        one_view: Probabilities for the unchanged picture, which the map explains.
        names: Of the classes.
        views: The test-time views, one of TEST_TIMES.
    """

    def top_class(probabilities: NDArray[Any]) -> Markup:
        best = int(probabilities.argmax())
        return Markup("<b>{}</b> {}").format(names[best], numbers.percent(float(probabilities[best]), 0))

    if views == "none":
        return Markup("predicted {}").format(top_class(all_views))
    return Markup("predicted {} with {},<br>{} with one").format(
        top_class(all_views), run_accuracies.views_name(views), top_class(one_view)
    )


def _draw(
    picture: NDArray[np.uint8],
    map_: NDArray[np.float32],
    target: int,
    truth: int,
    prediction: Markup,
    layer: str,
    info: DatasetInfo,
) -> None:
    names, side = info.classes, picture.shape[0]
    figures = [
        image_html.figure(
            picture,
            ZOOM,
            f"A test picture: {names[truth]}",
            Markup("{}; {}").format(names[truth], prediction),
        ),
        image_html.figure(
            painted(map_),
            max(1, side * ZOOM // map_.shape[0]),
            f"Grad-CAM for {names[target]}",
            Markup("map for {}, {} × {}").format(names[target], *map_.shape),
        ),
        image_html.figure(overlay(picture, map_), ZOOM, f"Grad-CAM for {names[target]} over the picture", "overlay"),
    ]
    st.html(Markup('<div class="gallery large">{}</div>').format(Markup("".join(figures))))
    if map_.shape == (1, 1):
        messages.info(
            f"In layer {layer} every plane is a single number, so the map is 1 × 1: it shows that the class was found, "
            "but not where. Choose an earlier layer.",
            icon=":material/crop_square:",
        )
    elif not map_.any():
        messages.info(
            f"The map is 0 everywhere: in layer {layer} no region supports {names[target]} (negative evidence is "
            "clipped to 0)."
        )
    st.caption(
        "The map is the sum of the layer's planes, each weighted by its gradient of the class score; bright regions "
        "support the class. It is computed for one view of the picture, and scaled from 0 to its maximum. "
        f"{run_titles.standin(info)}".strip()
    )


@st.cache_data(max_entries=200, show_spinner="Computing the map")
def _attention(run: str, pixels: bytes, target: int | None) -> dict[str, Any]:
    """Return the result of `attention` of core.runs.inference_server for a class.

    Raises:
        InferenceError: If the network cannot be run.
    """
    picture = np.frombuffer(pixels, np.uint8).reshape(link_to_cifar.SHAPE)
    service = client.inference()
    result: dict[str, Any] = service.query(
        "attention", network=service.file(run), picture=encode_array(picture), answer=target
    )
    return result


def _next_mistake(probabilities: NDArray[Any], labels: NDArray[Any]) -> None:
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    if len(wrong):
        later = wrong[wrong > st.session_state.get(NUMBER, 0)]
        st.session_state[NUMBER] = int(later[0] if len(later) else wrong[0])
