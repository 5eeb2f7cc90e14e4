"""Show the nine test pictures that activate a filter most, with the receptive field of the most active unit."""

import math
import time
from typing import Any

import numpy as np
import streamlit as st
from markupsafe import Markup, escape
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.data import Dataset
from core.insight.common_class import class_that_stands_out
from core.layers.calculator import totals
from core.runs.inference_client import decode_array
from core.ui.backend import client
from core.ui.display import colors, image_html, numbers
from core.ui.views.anatomy.forward_pass import Floats, ForwardPass, escape_markdown
from core.ui.views.anatomy.picture import test_picture, test_set

TOP_COUNT = 9
MACS_PER_QUERY = 1_500_000_000  # well under a second on two cores, so that other queries are not delayed
MIN_PICTURES, MAX_PICTURES = 100, 1000  # in one query
SIDE = 92  # px of a picture
Top = tuple[Floats, NDArray[np.int64], NDArray[np.int64]]  # values, pictures, units: (K, TOP_COUNT) each


def show(forward: ForwardPass, layer: int, plane: int) -> None:
    """Draw the top pictures of a plane (from 0) of the chosen layer. Raises InferenceError and DataError."""
    dataset = test_set(forward.network)
    values, indices, units = search(forward, layer, len(dataset.test_images))
    if values[plane].max() <= 0:
        st.markdown(
            f"No test picture activates {forward.plane_word(layer)} {plane + 1} of this layer: its output is 0 or less "
            f"for all {numbers.count(len(dataset.test_images))}. Select another one above."
        )
        return
    field = forward.network.fields[layer - 1]
    is_plane, size = forward.outputs[layer].ndim == 3, forward.planes(layer).shape[2]
    figures = []
    active = values[plane] > 0  # fewer than TOP_COUNT may activate it
    for value, index, unit in zip(values[plane][active], indices[plane][active], units[plane][active], strict=True):
        picture = test_picture(dataset, int(index))
        unit_index = int(unit) if is_plane else plane * size  # in a list each unit, or capsule, is a plane
        pixels = picture.as_seen_by(forward.network)
        figures.append(
            image_html.figure(
                framed(pixels, field.box(unit_index)),
                1,
                picture.alt,
                f"{_name(forward, picture.label)}, {numbers.rounded(float(value))}",
            )
        )
    st.html(Markup('<div class="gallery top-activations">{}</div>').format(Markup("").join(figures)))
    classes = np.asarray(dataset.test_labels)[indices[plane][active]]
    part, count = forward.plane_word(layer), numbers.count(len(dataset.test_images))
    value = "its length" if part == "capsule" else "its largest value"
    framed_part = "the capsule" if part == "capsule" else "the unit with that value"
    st.caption(
        f"Of {count} test pictures ({escape_markdown(dataset.info.title)}), the {len(classes)} that activate {part} "
        f"{plane + 1} of layer {layer} most, with {value}. The frame is the receptive field of {framed_part}. "
        f"{_finding(classes, dataset)} Select another {part} above. "
        f"{dataset.info.caveat}".strip()
    )


def _finding(classes: NDArray[np.integer], dataset: Dataset) -> str:
    """Return what the classes of the top pictures tell, if anything."""
    common = class_that_stands_out(classes, np.asarray(dataset.test_labels))
    if common is None:
        return "No class stands out among them: chance alone makes some class as common."
    shown = f"{int((classes == common).sum())} of the {len(classes)} are of one class"
    return f"{shown}: {escape_markdown(dataset.info.classes[common])}, far more than chance explains."


def search(forward: ForwardPass, layer: int, count: int) -> Top:
    """Find the top test pictures for every plane of the layer, in parts, with a progress bar.

    Raises InferenceError.
    """
    macs = totals(forward.network.rows[:layer]).macs
    part = min(max(MACS_PER_QUERY // max(macs, 1), MIN_PICTURES), MAX_PICTURES)
    bar = st.progress(0.0, "Running the network on the test pictures")
    best: Top | None = None
    began = time.monotonic()
    for first in range(0, count, part):
        top = _part(forward.network.name, forward.network.info.name, layer, first, part, forward.seed)
        best = top if best is None else merge(best, top)
        done = min(first + part, count)
        left = math.ceil((time.monotonic() - began) * (count - done) / done)
        bar.progress(
            done / count, f"{numbers.count(done)} of {numbers.count(count)} test pictures, about {left} s to go"
        )
    bar.empty()
    assert best is not None  # every dataset has test pictures
    return best


def merge(a: Top, b: Top) -> Top:
    """Return the TOP_COUNT strongest of both, for every plane."""
    values = np.concatenate((a[0], b[0]), axis=1)
    order = np.argsort(-values, axis=1, kind="stable")[:, :TOP_COUNT]
    kept = [np.take_along_axis(np.concatenate(pair, axis=1), order, axis=1) for pair in ((a[1], b[1]), (a[2], b[2]))]
    return np.take_along_axis(values, order, axis=1), kept[0], kept[1]


@st.cache_data(max_entries=2000, show_spinner=False)
def _part(network: str, data: str, layer: int, first: int, count: int, seed: int | None) -> Top:
    """Return the top pictures among `count` from `first` on. `data` identifies the test set in the cache."""
    inference = client.inference()
    values: dict[str, Any] = {"layer": layer - 1, "first": first, "count": count, "most": TOP_COUNT, "seed": seed}
    top_values, pictures, units = inference.query("strongest", network=inference.file(network), **values)
    return decode_array(top_values), decode_array(pictures), decode_array(units)


def framed(pixels: NDArray[np.uint8], box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """Enlarge a picture (C, H, W) to about SIDE px, with a frame around (top, bottom, left, right)."""
    planes = np.repeat(pixels[:1], 3, axis=0) if len(pixels) != 3 else pixels
    times = max(1, round(SIDE / max(pixels.shape[1:])))
    large = Image.fromarray(np.ascontiguousarray(np.moveaxis(planes, 0, 2)).repeat(times, axis=0).repeat(times, axis=1))
    top, bottom, left, right = (times * edge for edge in box)
    if top < bottom and left < right:
        draw = ImageDraw.Draw(large)
        draw.rectangle((left, top, right - 1, bottom - 1), outline="#000000", width=4)
        draw.rectangle((left + 1, top + 1, right - 2, bottom - 2), outline=colors.SECOND, width=2)
    return np.asarray(large)


def _name(forward: ForwardPass, label: int | None) -> str:
    return "" if label is None else escape(forward.network.info.classes[label])
