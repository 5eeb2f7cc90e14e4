"""Show the filters: the weights of the chosen layer, or of the layer whose planes it passes on."""

import numpy as np
import streamlit as st
from markupsafe import Markup

from core.images.rendering import to_bytes
from core.layers.calculator import Row
from core.layers.specs import Activation, Dropout, Flatten, Linear, PrimaryCapsules, Residual, RoutedCapsules
from core.size_text import format_shape
from core.ui.display import image_html, numbers
from core.ui.views.anatomy import tiles
from core.ui.views.anatomy.forward_pass import Floats, ForwardPass, parameters

MAX_FILTERS = 64  # in one picture; also the planes of each filter
MAX_UNITS, MAX_INPUTS = 256, 1024  # of a dense layer's table
COLOR_SIDE = 56  # px of a filter in color


def show(forward: ForwardPass, layer: int, plane: int) -> None:
    """Draw the filters, with `plane` (from 0) enlarged. Raises InferenceError."""
    source = forward.weighted(layer)
    if isinstance(forward.network.rows[layer - 1].layer, Residual):
        st.markdown(
            "A block adds the outputs of two branches. The weights of both are shown with the selected unit above."
        )
        return
    if source is None:
        st.markdown(
            "This layer's output does not come from filters. Choose a convolution or a dense layer in the row above."
        )
        return
    row = forward.network.rows[source - 1]
    if source != layer:
        what = "matrices" if isinstance(row.layer, RoutedCapsules) else "filters"
        st.markdown(f"Layer {layer} has no {what} of its own. These are the {what} of layer {source}.")
    weights, biases = parameters(forward.network.name, source, forward.seed)
    if isinstance(row.layer, PrimaryCapsules | RoutedCapsules):
        _capsule(row, weights, plane)
        return
    if isinstance(row.layer, Linear):
        _dense(forward, source, weights, plane)
    else:
        _convolution(source, weights, plane)
    bias = f" Its bias is {numbers.rounded(float(biases[plane]))}." if biases.size else " It has no bias."
    st.caption(
        f"Weights below 0 are blue, above 0 orange; {_unit_word(forward, source)} {plane + 1} is selected above.{bias}"
    )


def _capsule(row: Row, weights: Floats, capsule: int) -> None:
    """Draw the filters of a primary capsule's type, or the matrices with which others predict a routed capsule."""
    if isinstance(row.layer, PrimaryCapsules):
        size = row.layer.dimensions
        kind = capsule * row.layer.types // row.output_shape[0]
        own = weights[kind * size : (kind + 1) * size, :MAX_FILTERS]  # (D, C, F, F)
        tiles.show(
            own.reshape(-1, *own.shape[2:]),
            own.shape[1],
            f"The filters of capsules of type {kind + 1}",
            f"Capsule {capsule + 1} is of type {kind + 1} of {row.layer.types}. A row for each of its {size} "
            f"numbers, a column for each of {_several(weights.shape[1], MAX_FILTERS, 'input planes')}.",
            side=20,
            fixed=True,
        )
        st.caption("All capsules of a type share these filters, each at its own position.")
        return
    count, size = row.input_shape
    shared = weights.shape[1] == 1
    who = (
        "All capsules share this matrix"
        if shared
        else f"One matrix for each of {_several(count, MAX_FILTERS, 'capsules')}"
    )
    tiles.show(
        weights[capsule][:MAX_FILTERS],
        min(16, weights.shape[1]),
        f"The matrices that predict capsule {capsule + 1}",
        f"{who}: times its {size} numbers (rows), it predicts the {weights.shape[3]} numbers (columns) of capsule "
        f"{capsule + 1}.",
        side=64,
    )


def _convolution(layer: int, weights: Floats, plane: int) -> None:
    count, depth, height, width = weights.shape
    size = format_shape(weights.shape[1:])
    if depth == 1:
        tiles.show(
            weights[:MAX_FILTERS, 0],
            min(16, count),
            f"{count} filters of {size}",
            f"{_several(count, MAX_FILTERS, 'filters')} of {size}, in order.",
            side=56,
        )
        tiles.show(weights[plane], 1, f"Filter {plane + 1}", f"Filter {plane + 1}, enlarged.", side=150)
        return
    tiles.show(
        weights[plane][:MAX_FILTERS],
        min(16, depth),
        f"Filter {plane + 1}, one tile for each input plane",
        f"Filter {plane + 1}: a tile of {height} × {width} for each of its {depth} input planes. Their "
        "contributions are added.",
        side=56,
    )
    if layer == 1 and depth == 3:
        _in_color(weights, size)
        return
    shown = weights[:MAX_FILTERS, :MAX_FILTERS].swapaxes(0, 1)  # one column per filter
    tiles.show(
        shown.reshape(-1, height, width),
        shown.shape[1],
        f"The weights of {count} filters of {size}",
        f"All filters: a column for each of {_several(count, MAX_FILTERS, 'filters')}, a row for each of their {depth} "
        f"input planes{f', the first {MAX_FILTERS}' if depth > MAX_FILTERS else ''}.",
        side=20,
        fixed=True,
    )


def _in_color(weights: Floats, size: str) -> None:
    """Draw filters of three channels as color pictures, with gray for 0."""
    limit = float(np.abs(weights).max()) or 1.0
    figures = Markup("").join(
        image_html.figure(
            to_bytes(np.moveaxis(weight, 0, 2) / (2 * limit) + 0.5),
            COLOR_SIDE // weight.shape[-1] or 1,
            f"Filter {number}",
            f"{number}",
        )
        for number, weight in enumerate(weights[:MAX_FILTERS], 1)
    )
    st.html(Markup('<div class="gallery small">{}</div>').format(figures))
    st.caption(
        f"{_several(len(weights), MAX_FILTERS, 'filters')} of {size} as color pictures: gray is 0, and each filter's "
        "response is strongest to its colors."
    )


def _dense(forward: ForwardPass, layer: int, weights: Floats, plane: int) -> None:
    count, inputs = weights.shape
    shape = flattened(forward, layer)
    title = _unit_title(forward, layer, plane)
    if shape is None:
        tiles.show(
            weights[None, :MAX_UNITS, :MAX_INPUTS],
            1,
            f"The weights of {count} units as a table",
            f"A row for each of {_several(count, MAX_UNITS, 'units')}, a column for each of "
            f"{numbers.count(inputs)} inputs.",
            side=4 * max(weights.shape),
        )
        tiles.show(
            tiles.folded(weights[plane]),
            1,
            f"The weights of {title}",
            f"{title}: its {numbers.count(inputs)} weights, one row after another.",
            side=512,
        )
        return
    if shape[0] == 1:
        tiles.show(
            weights[:MAX_FILTERS].reshape(-1, *shape[1:]),
            min(16, count),
            f"The weights of {count} units as pictures",
            f"The weights of {_several(count, MAX_FILTERS, 'units')}, arranged as in the picture: ink on orange raises "
            "the unit's output, ink on blue lowers it.",
            side=60,
        )
    planes = "arranged as in the picture" if shape[0] == 1 else f"one tile for each of the {shape[0]} flattened planes"
    tiles.show(
        weights[plane].reshape(shape)[:MAX_FILTERS],
        min(16, shape[0]),
        f"The weights of {title}",
        f"{title}: {planes}.",
        side=112,
    )


def flattened(forward: ForwardPass, layer: int) -> tuple[int, int, int] | None:
    """Return the shape (C, H, W) of a dense layer's inputs before they were flattened; None if they never were."""
    for row in reversed(forward.network.rows[: layer - 1]):
        if isinstance(row.layer, Flatten) and len(row.input_shape) == 3:
            channels, height, width = row.input_shape
            return channels, height, width
        if not isinstance(row.layer, Activation | Dropout):
            return None
    return None


def _several(count: int, limit: int, what: str) -> str:
    return f"{numbers.count(count)} {what}" if count <= limit else f"the first {limit} of {numbers.count(count)} {what}"


def _unit_word(forward: ForwardPass, layer: int) -> str:
    return "unit" if isinstance(forward.network.rows[layer - 1].layer, Linear) else "filter"


def _unit_title(forward: ForwardPass, layer: int, plane: int) -> str:
    """Return a unit's title, with its class in the last layer."""
    classes = forward.network.info.classes
    if layer == len(forward.network.rows) and len(classes) == forward.outputs[layer].shape[0]:
        return f"The unit for {classes[plane]}"
    return f"Unit {plane + 1}"
