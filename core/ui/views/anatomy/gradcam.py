"""Grad-CAM: where in the picture the chosen layer finds evidence for a class."""

from typing import Any

import numpy as np
import streamlit as st
from markupsafe import Markup, escape

from core.runs.inference_client import decode_array, encode_array
from core.ui import messages
from core.ui.backend import client
from core.ui.display import heat_map, image_html, numbers
from core.ui.state.settings import Settings
from core.ui.views.anatomy.forward_pass import ForwardPass
from core.ui.views.anatomy.prediction import NOTHING_YET

TARGET = "n_target"
DEFAULTS: dict[str, Any] = {TARGET: 0}
SIDE = 196  # px of a picture


def show(settings: Settings, forward: ForwardPass, layer: int) -> None:
    """Draw the map of layer `layer` (from 1), or of the last one with planes. Raises InferenceError."""
    if forward.picture.is_empty:
        messages.line(NOTHING_YET)
        return
    if all(len(row.output_shape) != 3 for row in forward.network.rows):
        messages.line("Grad-CAM needs a layer that puts out planes; this network flattens the picture first.")
        return
    options = ["Predicted class", *forward.network.info.classes]
    target = settings.choice(
        TARGET,
        "Class",
        range(len(options)),
        format=options.__getitem__,
        help="The class whose evidence the map shows",
        width=220,
    )
    pixels = forward.picture.pixels
    found = _attention(forward.network.name, pixels.tobytes(), pixels.shape, target - 1 if target else None)
    rows, places = forward.network.rows, found["layers"]
    shown = layer - 1 if layer - 1 in places else heat_map.default_layer(rows, places)
    map_ = decode_array(found["maps"][places.index(shown)])
    seen = np.moveaxis(forward.picture.as_seen_by(forward.network), 0, 2)
    color = np.ascontiguousarray(seen if seen.shape[2] == 3 else seen[:, :, :1].repeat(3, axis=2))
    name = forward.network.info.classes[found["answer"]]
    zoom = max(1, SIDE // max(color.shape[:2]))
    figures = [
        image_html.figure(color, zoom, forward.picture.alt, escape(forward.picture.alt)),
        image_html.figure(
            heat_map.painted(map_),
            max(1, SIDE // max(map_.shape)),
            f"Grad-CAM for {name}",
            Markup("map for {}, {} × {}").format(name, *map_.shape),
        ),
        image_html.figure(heat_map.overlay(color, map_), zoom, f"Grad-CAM for {name} over the picture", "overlay"),
    ]
    st.html(Markup('<div class="gallery heat">{}</div>').format(Markup("").join(figures)))
    if not map_.any():
        messages.info(f"The map is 0 everywhere: in this layer no region supports {name}.")
    other = "" if shown == layer - 1 else f" Layer {numbers.count(layer)} has no planes, so an earlier layer is shown."
    weights = "" if forward.seed is None else " It is computed with the trained weights."
    messages.caption(
        f"{forward.title(shown + 1)}: the sum of its planes, each weighted by its gradient of the score of {name}. "
        f"Bright regions support the class; the brightest is the map's maximum.{other}{weights}"
    )


@st.cache_data(max_entries=200, show_spinner="Computing the map")
def _attention(network: str, pixels: bytes, shape: tuple[int, ...], answer: int | None) -> dict[str, Any]:
    """Return the result of `attention` of core.runs.inference_server for a class, None for the predicted one.

    Raises InferenceError.
    """
    inference = client.inference()
    picture = np.frombuffer(pixels, np.uint8).reshape(shape)
    values: dict[str, Any] = {"picture": encode_array(picture), "answer": answer}
    found: dict[str, Any] = inference.query("attention", network=inference.file(network), **values)
    return found
