"""Grad-CAM: where in a picture the network found what it answers, seen from the layer that is chosen."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from scipy.ndimage import zoom

from core.data import DataError, DatasetInfo
from core.layers.calculator import Row
from core.runs.inference_client import InferenceError, decoded, encoded
from core.ui import messages
from core.ui.backend import client
from core.ui.display import colors, image_html, network_stages, numbers, scores
from core.ui.run_panels.trained_run import Trained, predictions, test_pictures
from core.ui.state import cifar_link
from core.ui.state.settings import Settings
from core.ui.views.cifar import run_titles

PLACE, LAYER, OF = "ci_look", "ci_layer", "ci_of"
TIMES = 6
DEFAULTS = {PLACE: 0, OF: 0}
_TABLE = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors.VIRIDIS], np.float32)


def show(settings: Settings, one: Trained, info: DatasetInfo) -> None:
    """Draw the section. It is a fragment: moving the layer does not run the rest of the page again."""
    client.inference().warm()
    st.fragment(_show)(settings, one, info)


def _show(settings: Settings, one: Trained, info: DatasetInfo) -> None:
    left, right = st.columns([1, 3], gap="large")
    try:
        shown = test_pictures(one.run)
        told, labels = predictions(one.run.folder)
    except (DataError, FileNotFoundError) as error:
        messages.line(error)
        return
    with left:
        most = len(shown) - 1
        place = settings.number(PLACE, "Test picture", 0, most, help=f"From 0 to {numbers.count(most)}")
        st.button(
            "One it gets wrong",
            icon=":material/casino:",
            on_click=_next_wrong,
            args=(told, labels),
            help="The next test picture that it misnames",
        )
        options = ["Its answer", *info.classes]
        of = settings.choice(
            OF,
            "Map of",
            range(len(options)),
            format=options.__getitem__,
            help="The class whose evidence is drawn",
        )
    picture = np.ascontiguousarray(np.moveaxis(shown[place], 2, 0))
    try:
        answer = _asked(one.run.id, picture.tobytes(), int(told[place].argmax()) if of == 0 else int(of) - 1)
    except InferenceError as error:
        messages.error(error)
        return
    rows = cifar_link.rows_of(one.run.experiment.layers)
    choices = layers(rows, answer["layers"])
    with right:
        key = f"{LAYER}_{one.run.id}"
        chosen = Settings({key: _best(rows, list(choices))}).steps(
            key,
            "Seen from the output of layer",
            list(choices),
            format=choices.__getitem__,
            help="Early layers see edges at fine resolution; late ones see things, and hardly where",
        )
        map_ = decoded(answer["maps"][answer["layers"].index(chosen)])
        said = says(told[place], decoded(answer["probabilities"]), info.classes, one.run.experiment.test_time)
        _draw(shown[place], map_, answer["answer"], int(labels[place]), said, choices[chosen], info)


def layers(rows: tuple[Row, ...], places: list[int]) -> dict[int, str]:
    """The layers that can be looked from, by their place: those that put out planes, named with their size.

    An activation, a pooling or a sum stands for the convolution before it.
    """
    found = {}
    for place in places:
        following = rows[place + 1].layer if place + 1 < len(rows) else None
        if type(following).__name__ in ("BatchNorm", "Activation", "Pool"):
            continue  # what follows at once is what the next layers see
        kind = type(rows[place].layer).__name__
        name = network_stages.NAMES.get(kind, kind).lower()
        height, width = rows[place].output_shape[1:]
        found[place] = f"{place + 1}: {name}, {height} × {width}"
    return found


def says(told: NDArray[Any], one_view: NDArray[np.float32], names: Sequence[str], views: str) -> str:
    """What the network answers for a picture, as HTML: as everywhere on the page, and what it says of one view alone.

    Args:
        told: The probabilities of its test, (classes,), the mean over the recipe's views.
        one_view: Those for the picture as it is, which the map explains.
        names: The classes.
        views: The recipe's views, one of TEST_TIMES.
    """

    def words(probabilities: NDArray[Any]) -> str:
        best = int(probabilities.argmax())
        return f"<b>{escape(names[best])}</b> {numbers.percent(float(probabilities[best]), 0)}"

    if views == "none":
        return f"it says {words(told)}"
    return f"it says {words(told)} with {scores.views_name(views)},<br>{words(one_view)} with one"


def _best(rows: tuple[Row, ...], places: list[int]) -> int:
    """The last layer whose map is more than a pixel: what Grad-CAM is usually drawn from."""
    larger = [place for place in places if rows[place].output_shape[1] > 1]
    return larger[-1] if larger else places[-1]


def _draw(
    picture: NDArray[np.uint8],
    map_: NDArray[np.float32],
    target: int,
    truth: int,
    said: str,
    layer: str,
    info: DatasetInfo,
) -> None:
    names, side = info.classes, picture.shape[0]
    figures = [
        image_html.figure(
            picture,
            TIMES,
            f"A test picture: {names[truth]}",
            f"{names[truth]}; {said}",
        ),
        image_html.figure(
            painted(map_),
            max(1, side * TIMES // map_.shape[0]),
            f"Grad-CAM for {names[target]}",
            f"the map for {names[target]}, {map_.shape[0]} × {map_.shape[1]}",
        ),
        image_html.figure(
            laid_over(picture, map_), TIMES, f"Grad-CAM for {names[target]} over the picture", "laid over the picture"
        ),
    ]
    st.html(f'<div class="gallery large">{"".join(figures)}</div>')
    if map_.shape == (1, 1):
        messages.info(
            f"Seen from layer {layer}, every plane is one number, so the map is one number too and the picture gets "
            "one flat color: that the class was found is left, where is lost. It is no error of Grad-CAM: choose "
            "an earlier layer.",
            icon=":material/crop_square:",
        )
    elif not map_.any():
        messages.info(
            f"The map is 0 everywhere: seen from layer {layer} nothing in the picture speaks for {names[target]}, on "
            "balance. What speaks against it is cut off."
        )
    st.caption(
        "Bright: where the layer's planes, each weighted by how much the class's score rises with it, are strongest. "
        "The map is of the picture as it is, one view. Each map has its own scale, from 0 to its largest value. "
        f"{run_titles.standin(info)}".strip()
    )


def painted(map_: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A map (h, w) in viridis, from 0 to its largest value. A map of one number is the middle color."""
    share = (
        map_ / float(map_.max())
        if map_.size > 1 and map_.max() > 0
        else np.full(map_.shape, 0.5 * float(map_.max() > 0))
    )
    place = np.clip(share, 0, 1) * (len(_TABLE) - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, len(_TABLE) - 1)
    mixed = _TABLE[low] + (_TABLE[high] - _TABLE[low]) * (place - low)[..., None]
    return np.asarray(mixed.round(), np.uint8)


def laid_over(picture: NDArray[np.uint8], map_: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The map enlarged smoothly to the picture's size and mixed with it, half and half."""
    side = picture.shape[0]
    if map_.size == 1:
        enlarged = np.broadcast_to(painted(map_), picture.shape)
    else:
        grown = zoom(map_, side / map_.shape[0], order=1, grid_mode=True, mode="nearest")[:side, :side]
        enlarged = painted(np.asarray(grown, np.float32))
    return np.asarray((picture.astype(np.float32) + enlarged) / 2, np.uint8)


@st.cache_data(max_entries=200, show_spinner="Asking the network")
def _asked(run: str, pixels: bytes, answer: int | None) -> dict[str, Any]:
    """What `attention` of core.runs.inference_server tells. Raises InferenceError."""
    picture = np.frombuffer(pixels, np.uint8).reshape(cifar_link.SHAPE)
    service = client.inference()
    found: dict[str, Any] = service.ask("attention", network=service.file(run), picture=encoded(picture), answer=answer)
    return found


def _next_wrong(told: NDArray[Any], labels: NDArray[Any]) -> None:
    wrong = np.flatnonzero(told.argmax(axis=1) != labels)
    if len(wrong):
        later = wrong[wrong > st.session_state.get(PLACE, 0)]
        st.session_state[PLACE] = int(later[0] if len(later) else wrong[0])
