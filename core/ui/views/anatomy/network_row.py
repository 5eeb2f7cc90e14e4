"""Prepare a network's layers, in blocks, and its answers for the component that draws them in a row."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.layers.calculator import Row
from core.layers.specs import Conv, ConvTranspose, Flatten, Linear, PrimaryCapsules, Residual, RoutedCapsules
from core.ui.display import colors, word_meanings
from core.ui.display.layer_groups import layer_words
from core.ui.views.anatomy import prediction
from core.ui.views.anatomy.forward_pass import ForwardPass, size

MAX_PLANES_DRAWN = 64  # of a layer, the strongest
MAX_SIDE = 32  # px of a plane in the row: of a larger one, every second row and column, or every third
MAX_VALUES = 16_384  # of a layer that is neither chosen nor feeds the chosen one: many planes are drawn coarser
MAX_BARS, MAX_CELLS = 48, 400  # of a list: more units, or capsules, share a cell, which shows the strongest of them
BLOCKS: dict[type, str] = {
    Conv: "block",
    ConvTranspose: "block",
    Residual: "block",
    Flatten: "list",
    Linear: "dense",
    PrimaryCapsules: "capsules",
    RoutedCapsules: "capsules",
}


def layers(forward: ForwardPass, selected: int) -> list[dict[str, Any]]:
    """Return the data of the picture and of each layer; `selected` is a layer, from 1."""
    titles = blocks(forward.network.rows)
    return [
        _picture(forward),
        *(
            _layer(forward, layer, title, is_open=layer in (selected - 1, selected))
            for layer, title in enumerate(titles, 1)
        ),
    ]


def blocks(rows: tuple[Row, ...]) -> list[str]:
    """Return for each layer the title of the block that begins with it; empty if it belongs to the block before.

    A block is a layer with weights, and what follows it: norm, activation, pooling.
    """
    titles, count = [], 0
    for index, row in enumerate(rows):
        kind = next((word for kind, word in BLOCKS.items() if isinstance(row.layer, kind)), "" if index else "block")
        count += kind == "block"
        titles.append(f"block {count}" if kind == "block" else kind)
    return titles


def answers(forward: ForwardPass) -> dict[str, Any] | None:
    """Return the data of the answers: logits, or the lengths of capsules. None without a picture."""
    if forward.picture.is_empty:
        return None
    is_lengths = forward.network.ending.is_lengths
    weights = "" if forward.seed is None else ", with random weights"
    what = "The length of each class's capsule" if is_lengths else "Softmax: the probability of each class"
    return {
        "names": list(forward.network.info.classes),
        "shown": prediction.shown(forward),
        "values": forward.logits.tolist(),
        "lengths": is_lengths,
        "label": forward.picture.label,
        "color": "" if forward.seed is None else colors.CHANCE,  # ink: blue and orange are signs here
        "caption": f"{what}{weights}",
    }


def _layer(forward: ForwardPass, layer: int, block: str, *, is_open: bool) -> dict[str, Any]:
    """Return the data of one layer, from 1: values as bytes from -127 to 127, the ends of the color scale."""
    planes, limits = forward.planes(layer), forward.limits(layer)
    share = np.clip(planes / limits[:, None, None], -1, 1)
    is_list = forward.outputs[layer].ndim < 3
    shown: list[int] = []
    if is_list:
        is_grid = is_open and forward.outputs[layer].ndim == 1
        parts = np.array_split(share[:, 0], min(MAX_CELLS if is_grid else MAX_BARS, len(share)))
        share = np.array([part[np.linalg.norm(part, axis=1).argmax()] for part in parts])[:, None]  # (cells, 1, D)
    else:
        strongest = np.argsort(-np.abs(planes).mean(axis=(1, 2)), kind="stable")
        shown = strongest[:MAX_PLANES_DRAWN].tolist()
        shown = sorted(shown) if is_open else shown
        step = -(-max(planes.shape[1:]) // MAX_SIDE)
        while not is_open and len(shown) * -(-planes.shape[1] // step) * -(-planes.shape[2] // step) > MAX_VALUES:
            step += 1
        share = share[shown, ::step, ::step]
    shape = forward.outputs[layer].shape
    name = layer_words(forward.network.rows[layer - 1])[0]
    return {
        "title": name,
        "size": size(shape),
        "meaning": word_meanings.of_label(name),
        "aria_label": f"{forward.title(layer)}: {size(shape)}",
        "block": block,
        "flat": is_list,
        "total": shape[0],
        "numbers": shown,
        "box": _middle(forward, layer),
        **_encoded(share),
    }


def _middle(forward: ForwardPass, layer: int) -> tuple[int, int, int, int]:
    """Return what the unit in the middle of a layer's planes sees: top, bottom, left, right."""
    fields = forward.network.fields[layer - 1]
    height, width = len(fields.rows), len(fields.columns)
    return fields.box((height // 2 * width + width // 2) * fields.depth)


def _picture(forward: ForwardPass) -> dict[str, Any]:
    """Return the data of the input picture, whose pixels are sent on their own."""
    height, width = forward.network.shape[1:]
    return {
        "title": "picture",
        "size": size(forward.network.shape),
        "aria_label": forward.picture.alt,
        "block": "",
        "flat": False,
        "total": forward.network.shape[0],
        "numbers": [],
        "box": (height // 2, height // 2 + 1, width // 2, width // 2 + 1),
        **_encoded(np.zeros((0, 1, 1))),
    }


def _encoded(share: NDArray[np.floating[Any]]) -> dict[str, Any]:
    return {"shape": share.shape, "base64": base64.b64encode(np.rint(share * 127).astype(np.int8).tobytes()).decode()}
