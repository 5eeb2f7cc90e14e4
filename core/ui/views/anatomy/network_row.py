"""Prepare the layers of a network as blocks of planes, for the component that draws them in a row."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.ui.components import layer_row as component
from core.ui.display.network_stages import layer_words
from core.ui.views.anatomy.forward_pass import ForwardPass, size

MAX_PLANES_DRAWN = 6  # of a layer, the strongest first
MAX_CELLS = 48  # of a bar: more units, or capsules, share a cell, which shows the strongest of them


def layer_row(forward: ForwardPass, selected: int, *, key: str, on_choose: Callable[[], None]) -> None:
    """Draw the row; `selected` is a layer from 1. After a choice, `chosen(key)` returns it in `on_choose`."""
    layers = [_block(forward, layer) for layer in range(len(forward.outputs))]
    largest = max(forward.network.shape[1:])
    component.layer_row(layers, selected, largest=largest, key=key, on_choose=on_choose)


def _block(forward: ForwardPass, layer: int) -> dict[str, Any]:
    """Return the data of one layer: values as bytes from -127 to 127, the ends of the color scale."""
    if layer == 0:
        return _picture(forward)
    planes, limits = forward.planes(layer), forward.limits(layer)
    share = np.clip(planes / limits[:, None, None], -1, 1)
    is_list = forward.outputs[layer].ndim < 3
    if is_list:
        parts = np.array_split(share[:, 0], min(MAX_CELLS, len(share)))
        strong = [part[np.linalg.norm(part, axis=1).argmax()] for part in parts]
        share = np.array(strong)[None]  # (1, cells, 1), of capsules (1, cells, D)
    else:
        strongest = np.argsort(-np.abs(planes).mean(axis=(1, 2)), kind="stable")[:MAX_PLANES_DRAWN]
        share = share[strongest]
    shape = forward.outputs[layer].shape
    return {
        "title": layer_words(forward.network.rows[layer - 1])[0],
        "size": size(shape),
        "aria_label": f"{forward.title(layer)}: {size(shape)}",
        "depth": shape[0],
        "flat": is_list,
        **_encoded(share),
    }


def _picture(forward: ForwardPass) -> dict[str, Any]:
    """Return the data of the input picture: gray, or three channels of color."""
    pixels = forward.picture.as_seen_by(forward.network)
    return {
        "title": "picture",
        "size": size(pixels.shape),
        "aria_label": f"{forward.picture.alt}, {size(pixels.shape)}",
        "depth": len(pixels),
        "picture": True,
        **_encoded((pixels if len(pixels) == 3 else pixels[:1]).astype(np.float32) / np.float32(255)),
    }


def _encoded(share: NDArray[np.floating[Any]]) -> dict[str, Any]:
    return {"shape": share.shape, "base64": base64.b64encode(np.rint(share * 127).astype(np.int8).tobytes()).decode()}
