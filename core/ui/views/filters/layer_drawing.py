"""The layer as a drawing, and what there is to notice in it."""

import numpy as np

from core.ui.components.layer_stack import layer_stack
from core.ui.display import numbers
from core.ui.state import page_state, query
from core.ui.state.fields import Choice
from core.ui.views.filters import layer_controls
from core.ui.views.filters.layer_controls import Layer


def show(layer: Layer) -> str:
    """Draw the picture, the filters and the block of planes; answer which filter is selected."""
    keys = [one.key for one in layer.filters]
    selected = layer_stack(
        layer.picture,
        layer.filters,
        key=page_state.key(layer_controls.KEY),
        alt=f"{layer.alt}. {len(keys)} filters make a block of planes: {layer_controls.shown_titles(layer.filters)}.",
        selected=query.value(layer_controls.PLANE, Choice("Plane", keys), keys[0]),
        edits=layer.edits,
        relu=layer.relu,
        stride=layer.stride,
        border=layer.border,
        mixes=layer_controls.MIXES if layer.depth == 3 else None,
        editable=True,
    )
    layer_controls.remember(layer, selected)
    layer_controls.undo(layer)
    return selected


def sentences(layer: Layer, selected: str) -> list[str]:
    """What to notice, with the present numbers."""
    depth, height, width = layer.row().output_shape
    place = [one.key for one in layer.filters].index(selected)
    return [
        f"**One filter, one plane.** {_filters(depth)} of {layer.size} × {layer.size} × {layer.depth} make a block of "
        f"{height} × {width} × {depth}. {_gone(layer)}: a plane says where its filter fits. A filter of the next "
        f"layer is as deep as this block, {layer.size} × {layer.size} × {depth}.",
        _bias(layer, place),
        _relu(layer),
    ]


def _filters(count: int) -> str:
    return "1 filter" if count == 1 else f"{count} filters"


def _gone(layer: Layer) -> str:
    return "Brightness is gone" if layer.depth == 1 else "Red, green and blue are gone"


def _bias(layer: Layer, place: int) -> str:
    one = layer.filters[place]
    bias = layer.bias(one)
    if bias == 0:
        return (
            f"**The bias** is one number a plane, added at every place: move the one of {one.title} and watch its "
            "whole plane turn orange or blue."
        )
    signed = f"{'+' if bias > 0 else numbers.MINUS}{abs(bias):g}"
    return f"**The bias** of {one.title} adds {signed} at every place of its plane, whatever the picture shows there."


def _relu(layer: Layer) -> str:
    block = layer.block()
    total = numbers.count(block.size)
    working = sum(layer.rectified(one) for one in layer.filters)
    if working == 0:
        share = numbers.percent(float((block < 0).mean()), 0)
        return f"**Without ReLU**, {share} of the block's {total} numbers are below 0, drawn in blue. Switch it on."
    silent = float(np.mean(block == 0))
    where = "" if working == len(layer.filters) else f" in {working} of {len(layer.filters)} planes"
    return (
        f"**ReLU**{where} leaves what is above 0 and sets the rest to 0: {numbers.percent(silent, 0)} of the block's "
        f"{total} numbers. A plane is then silent wherever its filter does not fit."
    )
