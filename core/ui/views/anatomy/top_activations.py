"""The nine test pictures that excite a filter most, and where in them: the receptive field of the winning unit."""

import math
import time
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.layers.calculator import totals
from core.runs.inference_client import decode_array
from core.ui.backend import client
from core.ui.display import colors, image_html, numbers
from core.ui.views.anatomy.forward_pass import Floats, Pass, marked
from core.ui.views.anatomy.picture import test_picture, test_set

MOST = 9
WORK = 1_500_000_000  # MACs in one question: well under a second on two cores, so that others' questions go between
PART = (100, 1000)  # pictures in one question, at least and at most
SIDE = 92  # px a picture
Found = tuple[Floats, NDArray[np.int64], NDArray[np.int64]]  # values, pictures, units: (K, MOST) each


def show(passed: Pass, layer: int, plane: int) -> None:
    """Draw them for a plane of the chosen layer, from 0. Raises InferenceError and DataError."""
    dataset = test_set(passed.subject)
    values, places, units = search(passed, layer, len(dataset.test_images))
    if values[plane].max() <= 0:
        st.markdown(
            f"No test picture excites {passed.plane_word(layer)} {plane + 1} of this layer: it is 0 or less for all of "
            f"the {numbers.count(len(dataset.test_images))}. Select another one above."
        )
        return
    field = passed.subject.fields[layer - 1]
    area = passed.planes(layer).shape[1] * passed.planes(layer).shape[2]
    figures = []
    for value, place, unit in zip(values[plane], places[plane], units[plane], strict=True):
        shown = test_picture(dataset, int(place))
        at = int(unit) if area > 1 else plane  # a unit of a flat list is a plane of its own
        pixels = shown.seen(passed.subject)
        figures.append(
            image_html.figure(
                framed(pixels, field.box(at)),
                1,
                shown.alt,
                f"{_name(passed, shown.label)}, {numbers.rounded(float(value))}",
            )
        )
    st.html(f'<div class="gallery excited">{"".join(figures)}</div>')
    kinds = [int(dataset.test_labels[place]) for place in places[plane]]
    most = max(set(kinds), key=kinds.count)
    st.caption(
        f"Of {numbers.count(len(dataset.test_images))} test pictures ({marked(dataset.info.title)}), the {MOST} that "
        f"excite {passed.plane_word(layer)} {plane + 1} of layer {layer} most, with the value it reaches. The frame is "
        f"what the unit that reached it sees. {kinds.count(most)} of the {len(kinds)} are of one class: "
        f"{marked(dataset.info.classes[most])}. Select another {passed.plane_word(layer)} above. "
        f"{dataset.info.caveat}".strip()
    )


def search(passed: Pass, layer: int, count: int) -> Found:
    """The strongest of `count` test pictures for every plane of the layer, part by part, with a bar that says how far.

    Raises InferenceError.
    """
    macs = totals(passed.subject.rows[:layer]).macs
    part = min(max(WORK // max(macs, 1), PART[0]), PART[1])
    bar = st.progress(0.0, "Showing the test pictures to the network")
    best: Found | None = None
    began = time.monotonic()
    for first in range(0, count, part):
        found = _part(passed.subject.name, passed.subject.info.name, layer, first, part, passed.seed)
        best = found if best is None else strongest(best, found)
        done = min(first + part, count)
        left = math.ceil((time.monotonic() - began) * (count - done) / done)
        bar.progress(
            done / count, f"{numbers.count(done)} of {numbers.count(count)} test pictures, about {left} s to go"
        )
    bar.empty()
    assert best is not None  # every dataset has test pictures
    return best


def strongest(a: Found, b: Found) -> Found:
    """The MOST strongest of both, for every plane."""
    values = np.concatenate((a[0], b[0]), axis=1)
    order = np.argsort(-values, axis=1, kind="stable")[:, :MOST]
    kept = [np.take_along_axis(np.concatenate(pair, axis=1), order, axis=1) for pair in ((a[1], b[1]), (a[2], b[2]))]
    return np.take_along_axis(values, order, axis=1), kept[0], kept[1]


@st.cache_data(max_entries=2000, show_spinner=False)
def _part(network: str, data: str, layer: int, first: int, count: int, seed: int | None) -> Found:
    """`data`, the identity of what is here, tells answers apart when the whole set takes a smaller one's place."""
    asked = client.inference()
    values: dict[str, Any] = {"layer": layer - 1, "first": first, "count": count, "most": MOST, "seed": seed}
    found = asked.query("strongest", network=asked.file(network), **values)
    return decode_array(found[0]), decode_array(found[1]), decode_array(found[2])


def framed(pixels: NDArray[np.uint8], box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """(C, H, W) enlarged by a whole multiple to about SIDE px, with a frame around (top, bottom, left, right)."""
    planes = np.repeat(pixels[:1], 3, axis=0) if len(pixels) != 3 else pixels
    times = max(1, round(SIDE / max(pixels.shape[1:])))
    large = Image.fromarray(np.ascontiguousarray(np.moveaxis(planes, 0, 2)).repeat(times, axis=0).repeat(times, axis=1))
    top, bottom, left, right = (times * edge for edge in box)
    if top < bottom and left < right:
        draw = ImageDraw.Draw(large)
        draw.rectangle((left, top, right - 1, bottom - 1), outline="#000000", width=4)
        draw.rectangle((left + 1, top + 1, right - 2, bottom - 2), outline=colors.SECOND, width=2)
    return np.asarray(large)


def _name(passed: Pass, label: int | None) -> str:
    return "" if label is None else escape(passed.subject.info.classes[label])
