"""The layers of a network as blocks of planes, for the component that draws them in a row."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.ui.components import layer_row as component
from core.ui.display.network_stages import layer_words
from core.ui.views.anatomy.forward_pass import Pass, size

DRAWN = 6  # planes of a layer, the strongest first


CELLS = 48  # of a bar, at most: more units share one, which shows the strongest of them


def layer_row(passed: Pass, selected: int, *, key: str, on_choose: Callable[[], None]) -> None:
    """Draw the row; `selected` is a layer from 1. After a choice `chosen(key)` says which one, in `on_choose`."""
    layers = [_block(passed, layer) for layer in range(len(passed.outputs))]
    largest = max(passed.subject.shape[1:])
    component.layer_row(layers, selected, largest=largest, key=key, on_choose=on_choose)


def _block(passed: Pass, layer: int) -> dict[str, Any]:
    """What is drawn of one layer: bytes from -127 to 127, at the limit of the colors' scale."""
    if layer == 0:
        return _picture(passed)
    planes, limits = passed.planes(layer), passed.limits(layer)
    share = np.clip(planes / limits[:, None, None], -1, 1)
    is_flat = passed.outputs[layer].ndim == 1
    if is_flat:
        parts = np.array_split(share.ravel(), min(CELLS, share.size))
        share = np.array([part[np.abs(part).argmax()] for part in parts])[None, :, None]  # (1, cells, 1)
    else:
        strongest = np.argsort(-np.abs(planes).mean(axis=(1, 2)), kind="stable")[:DRAWN]
        share = share[strongest]
    shape = passed.outputs[layer].shape
    return {
        "title": layer_words(passed.subject.rows[layer - 1])[0],
        "size": size(shape),
        "aria_label": f"{passed.title(layer)}: {size(shape)}",
        "depth": shape[0],
        "flat": is_flat,
        **_encoded(share),
    }


def _picture(passed: Pass) -> dict[str, Any]:
    """What goes in, as it looks: gray, or three channels of color."""
    pixels = passed.shown.seen(passed.subject)
    return {
        "title": "picture",
        "size": size(pixels.shape),
        "aria_label": f"{passed.shown.alt}, {size(pixels.shape)}",
        "depth": len(pixels),
        "picture": True,
        **_encoded((pixels if len(pixels) == 3 else pixels[:1]).astype(np.float32) / np.float32(255)),
    }


def _encoded(share: NDArray[np.floating[Any]]) -> dict[str, Any]:
    return {"shape": share.shape, "base64": base64.b64encode(np.rint(share * 127).astype(np.int8).tobytes()).decode()}
