"""A pooling layer in the browser: its input, its output, and the input minus what came back, with one window in all.

Its sizes are numbers to drag; the browser pools at once, and Python gets the sizes when they rest.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.images.pooling import PoolKind
from core.ui.components.kit import Floats, assets, encode_pixels

MAX_SIDE = 160
"""In pixels: up to 128 x 128 the browser computes within one frame; a little more is allowed."""

ASSETS = assets(
    Path(__file__).parent, script="pooling_stage", styles="pooling_stage", panel=True, number=True, notes=True
)
_mount = st.components.v2.component("cnn_lab.pooling_stage", css=ASSETS.css, js=ASSETS.js)


def pooling_stage(
    *,
    image: Floats,
    operation: PoolKind,
    window: int,
    stride: int,
    padding: int,
    ceil: bool,
    limits: Mapping[str, int],
    fixed: Sequence[str] = (),
    alt: str,
    key: str,
    on_sizes: Callable[[int, int, int], None],
) -> None:
    """Draw sizes and pictures; the window that slides over these is moved by pointer, keys and clock in the browser.

    Args:
        image: (H, W) or (H, W, 3), at most 160 pixels a side.
        operation: kind of pooling.
        window: F in pixels.
        stride: S in pixels.
        padding: P in pixels.
        ceil: whether the output size is rounded up.
        limits: the largest "window" and "stride", in pixels.
        fixed: the sizes that get no control: of "window", "stride" and "padding".
        alt: alternative text of the image.
        key: key of the component.
        on_sizes: called with another F, S and P, whole numbers, before the page reruns.

    Raises:
        ValueError: if the image is too large.
    """
    if not 1 <= min(image.shape[:2]) <= max(image.shape[:2]) <= MAX_SIDE:
        raise ValueError(f"The stage shows 1 to {MAX_SIDE} pixels a side, not {image.shape[:2]}: reduce the image.")
    settings: dict[str, Any] = {
        "operation": operation,
        "kernel": None,
        "window": (window, window),
        "stride": (stride, stride),
        "dilation": (1, 1),
        "padding": "zero",
        "amount": (padding, padding),
        "ceil": ceil,
        "bias": 0,
        "relu": False,
        "scale": "own" if operation == "l2" else "auto",
    }
    data = {"image": encode_pixels(image), "settings": settings, "limits": {**limits, "fixed": list(fixed)}, "alt": alt}
    _mount(key=key, data=data, on_sizes_change=lambda: _report(key, on_sizes))


def _report(key: str, act: Callable[[int, int, int], None]) -> None:
    """Call `act` with the sizes that the browser reports, if they are whole numbers."""
    sizes = (st.session_state.get(key) or {}).get("sizes")
    if not isinstance(sizes, Mapping):
        return
    window, stride, padding = (sizes.get(name) for name in ("window", "stride", "padding"))
    if isinstance(window, int) and isinstance(stride, int) and isinstance(padding, int):
        act(window, stride, padding)
