"""A pooling layer in the browser: its input, its output, and the input minus what came back, with one window in all."""

from pathlib import Path
from typing import Any

import streamlit as st

from core.images.pooling import PoolKind
from core.ui.components.kit import Floats, assets, encode_pixels

MAX_SIDE = 160
"""In pixels: up to 128 x 128 the browser computes within one frame; a little more is allowed."""

ASSETS = assets(Path(__file__).parent, script="pooling_stage", styles="pooling_stage", panel=True, notes=True)
_mount = st.components.v2.component("cnn_lab.pooling_stage", css=ASSETS.css, js=ASSETS.js)


def pooling_stage(
    *,
    image: Floats,
    lost: Floats,
    operation: PoolKind,
    window: int,
    stride: int,
    padding: int,
    ceil: bool,
    alt: str,
    key: str,
) -> None:
    """Draw the three pictures; the window that slides over them is moved by pointer, keys and clock in the browser.

    Args:
        image: (H, W) or (H, W, 3), at most 160 pixels a side.
        lost: (H, W): the image, or its brightness, minus the unpooled output.
        operation: kind of pooling.
        window: F in pixels.
        stride: S in pixels.
        padding: P in pixels.
        ceil: whether the output size is rounded up.
        alt: alternative text of the image.
        key: key of the component.

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
    data = {"image": encode_pixels(image), "lost": encode_pixels(lost), "settings": settings, "alt": alt}
    _mount(key=key, data=data)
