"""The layers of a network in a row, each as the block of planes it makes, to scale; one of them is chosen."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.ui.components.convolution_inspector import read_module
from core.ui.display.network_stages import words
from core.ui.views.anatomy import read_styles
from core.ui.views.anatomy.forward_pass import Pass, size

_HERE = Path(__file__).parent
DRAWN = 6  # planes of a layer, the strongest first
CELLS = 48  # of a bar, at most: more units share one, which shows the strongest of them

_mount = st.components.v2.component(
    "cnn_lab.anatomy_row",
    css=read_styles(_HERE / "layer_row.css"),
    js="\n".join((read_module("elements", "drawing"), (_HERE / "layer_row.js").read_text(encoding="utf-8"))),
)


def layer_row(passed: Pass, selected: int, *, key: str, on_choose: Callable[[], None]) -> None:
    """Draw the row; `selected` is a layer from 1. After a choice `chosen(key)` says which one, in `on_choose`."""
    layers = [_block(passed, layer) for layer in range(len(passed.outputs))]
    _mount(
        key=key,
        data={"layers": layers, "selected": selected, "largest": max(passed.subject.shape[1:])},
        on_chosen_change=on_choose,
    )


def chosen(key: str) -> int | None:
    """The layer that was chosen, as the browser tells it."""
    number = (st.session_state.get(key) or {}).get("chosen")
    return number if isinstance(number, int) else None


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
        "title": words(passed.subject.rows[layer - 1])[0],
        "size": size(shape),
        "spoken": f"{passed.title(layer)}: {size(shape)}",
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
        "spoken": f"{passed.shown.alt}, {size(pixels.shape)}",
        "depth": len(pixels),
        "picture": True,
        **_encoded((pixels if len(pixels) == 3 else pixels[:1]).astype(np.float32) / np.float32(255)),
    }


def _encoded(share: NDArray[np.floating[Any]]) -> dict[str, Any]:
    return {"shape": share.shape, "base64": base64.b64encode(np.rint(share * 127).astype(np.int8).tobytes()).decode()}
