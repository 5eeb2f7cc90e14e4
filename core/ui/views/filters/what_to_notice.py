"""What to notice in the drawing of the layer, with its current numbers."""

import numpy as np

from core.size_text import describe_shape, format_shape
from core.ui.display import numbers
from core.ui.state import last_move
from core.ui.views.filters.layer import Layer

BLOCK, BIAS, RELU, WEIGHTS = "block", "bias", "ReLU", "weights"  # what a sentence is on
LAST = "l_last"  # in the session: what each sentence depends on


def sentences(layer: Layer, selected: str) -> list[str]:
    """Return what to notice, with the current numbers: first what answers the last change."""
    edit = layer.edits.get(selected)
    lines = {BLOCK: _block(layer), BIAS: _bias(layer, selected), RELU: _relu(layer)}
    if edit and edit.weights:
        lines[WEIGHTS] = _weights(layer, selected)
    first = changed if (changed := _last_change(layer, selected)) in lines else BLOCK
    return [lines[first], *(line for name, line in lines.items() if name != first)]


def _last_change(layer: Layer, selected: str) -> str:
    """Return the name of the sentence that answers the visitor's last change."""
    now = {
        BLOCK: (layer.alt, layer.row(), [item.key for item in layer.filters]),
        WEIGHTS: [layer.weights(item).tolist() for item in layer.filters],
        RELU: [layer.rectified(item) for item in layer.filters],
        BIAS: ([layer.bias(item) for item in layer.filters], selected),
    }
    was = last_move.before(LAST, now)
    return next((name for name in now if was[name] != now[name]), BLOCK)


def _weights(layer: Layer, selected: str) -> str:
    filter = next(item for item in layer.filters if item.key == selected)
    total = f"{round(float(layer.weights(filter).sum()), 2) + 0.0:g}".replace("-", numbers.MINUS)  # never -0
    return (
        f"You changed {filter.title}: its weights add up to {total}, so before the bias a uniformly white area "
        f"becomes {total}."
    )


def _block(layer: Layer) -> str:
    depth, height, width = layer.row().output_shape
    return (
        f"{_filters(depth)} of {format_shape((layer.depth, layer.size, layer.size))} make "
        f"{describe_shape((depth, height, width))}, one filter one plane: {_combined(layer)}. A filter of the next "
        f"layer is as deep as this block, {format_shape((depth, layer.size, layer.size))}."
    )


def _filters(count: int) -> str:
    return "1 filter" if count == 1 else f"{count} filters"


def _combined(layer: Layer) -> str:
    return "it shows where its filter matches" if layer.depth == 1 else "color channels are combined in each"


def _bias(layer: Layer, selected: str) -> str:
    filter = next(item for item in layer.filters if item.key == selected)
    bias = layer.bias(filter)
    if bias == 0:
        return (
            f"The bias is one number per plane, added at every position: change the bias of {filter.title} and "
            "watch its whole plane turn orange or blue."
        )
    signed = f"{'+' if bias > 0 else numbers.MINUS}{abs(bias):g}"
    return f"The bias of {filter.title} adds {signed} at every position of its plane, whatever the picture."


def _relu(layer: Layer) -> str:
    block = layer.block()
    total = numbers.count(block.size)
    rectified = sum(layer.rectified(item) for item in layer.filters)
    if rectified == 0:
        share = numbers.percent(float((block < 0).mean()), 0)
        return f"Without ReLU, {share} of the block's {total} numbers are below 0 (blue). Switch it on."
    zeros = float(np.mean(block == 0))
    where = "" if rectified == len(layer.filters) else f" in {rectified} of {len(layer.filters)} planes"
    return (
        f"ReLU{where} keeps positive values and sets the rest to 0: {numbers.percent(zeros, 0)} of the block's "
        f"{total} numbers. A plane is then 0 wherever its filter does not match."
    )
