"""The filters themselves: the weights of the chosen layer, or of the one whose planes it shows."""

from html import escape

import numpy as np
import streamlit as st

from core.images.display import to_bytes
from core.layers.specs import Activation, Dropout, Flatten, Linear, Residual
from core.shapes import format_shape
from core.ui.display import image_html, numbers
from core.ui.views.anatomy import tiles
from core.ui.views.anatomy.forward_pass import Floats, Pass, parameters

MOST = 64  # filters, and planes of each, in one picture
COLORED = 56  # px of a filter of three colors


def show(passed: Pass, layer: int, plane: int) -> None:
    """Draw them; `plane`, from 0, is the one to look at closely. Raises InferenceError."""
    place = passed.weighted(layer)
    if isinstance(passed.subject.rows[layer - 1].layer, Residual):
        st.markdown("A block adds what comes out of two ways: the weights of both stand beside the unit above.")
        return
    if place is None:
        st.markdown(
            "The planes of this layer are not those of filters. Choose a convolution or a dense layer in the row above."
        )
        return
    if place != layer:
        st.markdown(f"Layer {layer} has no filters: it passes on what those of layer {place} made. Here they are.")
    weights, biases = parameters(passed.subject.name, place, passed.seed)
    if isinstance(passed.subject.rows[place - 1].layer, Linear):
        _dense(passed, place, weights, plane)
    else:
        _convolution(passed, place, weights, plane)
    bias = f" Its bias is {numbers.rounded(float(biases[plane]))}." if biases.size else " It has no bias."
    st.caption(
        f"Blue weights are below 0, orange above; {_title(passed, place)} {plane + 1} is the one selected above.{bias}"
    )


def _convolution(passed: Pass, place: int, weights: Floats, plane: int) -> None:
    count, depth, height, width = weights.shape
    size = format_shape(weights.shape[1:])
    if depth == 1:
        tiles.show(
            weights[:MOST, 0],
            min(16, count),
            f"{count} filters of {size}",
            f"{_several(count, MOST, 'filters')} of {size}, in order.",
            side=56,
        )
        tiles.show(weights[plane], 1, f"Filter {plane + 1}", f"Filter {plane + 1}, large.", side=150)
        return
    tiles.show(
        weights[plane][:MOST],
        min(16, depth),
        f"Filter {plane + 1}, a tile for each plane that it reads",
        f"Filter {plane + 1}: a tile of {height} × {width} for each of the {depth} planes that it reads. It sums "
        "over all of them.",
        side=56,
    )
    if place == 1 and depth == 3:
        _in_color(weights, size)
        return
    shown = weights[:MOST, :MOST].swapaxes(0, 1)  # a column a filter
    tiles.show(
        shown.reshape(-1, height, width),
        shown.shape[1],
        f"The weights of {count} filters of {size}",
        f"All of them: a column for each of {_several(count, MOST, 'filters')}, a row for each of {depth} planes that "
        f"they read{f', the first {MOST}' if depth > MOST else ''}.",
        side=20,
        fixed=True,
    )


def _in_color(weights: Floats, size: str) -> None:
    """Filters of red, green and blue as color pictures: gray is 0."""
    limit = float(np.abs(weights).max()) or 1.0
    figures = "".join(
        image_html.figure(
            to_bytes(np.moveaxis(one, 0, 2) / (2 * limit) + 0.5),
            COLORED // one.shape[-1] or 1,
            f"Filter {number}",
            f"{number}",
        )
        for number, one in enumerate(weights[:MOST], 1)
    )
    st.html(f'<div class="gallery small">{figures}</div>')
    st.caption(
        f"{_several(len(weights), MOST, 'filters')} of {size} as color pictures: gray is 0, and a color is what the "
        "filter answers to most."
    )


def _dense(passed: Pass, place: int, weights: Floats, plane: int) -> None:
    count, inputs = weights.shape
    shape = flattened(passed, place)
    title = _unit(passed, place, plane)
    if shape is None:
        tiles.show(
            weights[None, :256, :1024],
            1,
            f"The weights of {count} units as a table",
            f"A row for each of {_several(count, 256, 'units')}, a column for each of the {numbers.count(inputs)} that "
            "came in.",
            side=4 * max(weights.shape),
        )
        return
    if shape[0] == 1:
        tiles.show(
            weights[:MOST].reshape(-1, *shape[1:]),
            min(10, count),
            f"The weights of {count} units as pictures",
            f"The weights of {_several(count, MOST, 'units')}, laid out as the picture is: where it is orange, ink "
            "raises the unit's answer, where blue it lowers it.",
            side=90,
        )
    planes = "laid out as the picture is" if shape[0] == 1 else f"a tile for each of the {shape[0]} planes laid out"
    tiles.show(
        weights[plane].reshape(shape)[:MOST],
        min(16, shape[0]),
        f"The weights of {title}",
        f"{escape(title)}: {planes}.",
        side=112,
    )


def flattened(passed: Pass, place: int) -> tuple[int, int, int] | None:
    """The (C, H, W) block that a dense layer's inputs were before they were laid in a row; None if they never were."""
    for row in reversed(passed.subject.rows[: place - 1]):
        if isinstance(row.layer, Flatten) and len(row.input_shape) == 3:
            channels, height, width = row.input_shape
            return channels, height, width
        if not isinstance(row.layer, Activation | Dropout):
            return None
    return None


def _several(count: int, most: int, what: str) -> str:
    return f"{numbers.count(count)} {what}" if count <= most else f"the first {most} of {numbers.count(count)} {what}"


def _title(passed: Pass, place: int) -> str:
    return "unit" if isinstance(passed.subject.rows[place - 1].layer, Linear) else "filter"


def _unit(passed: Pass, place: int, plane: int) -> str:
    """A unit's name: of the class that it stands for, in the last layer."""
    classes = passed.subject.info.classes
    if place == len(passed.subject.rows) and len(classes) == passed.outputs[place].shape[0]:
        return f"The unit for {classes[plane]}"
    return f"Unit {plane + 1}"
