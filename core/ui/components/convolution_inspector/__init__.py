"""The convolution inspector: this window, times this kernel, summed, is that pixel.

A browser component (Streamlit's components v2: plain JavaScript and canvas, no build step, no network). Everything
that moves while a person hovers, drags or plays is computed and drawn in the browser, by the rules of
`core.images.kernels.convolve`; Python is told only what was changed. The JavaScript files are read as one ES module.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from core.images.kernels import Padding
from core.ui.components.convolution_inspector.state import InspectorState, Operation, Pair, Scale
from core.ui.components.kit import Floats, assets, encode_pixels

__all__ = ["CONTROLS", "InspectorState", "inspector", "reset"]

CONTROLS = ("weights", "size", "stride", "padding", "dilation", "scale", "play")
"""What a person can change in the component unless a page says otherwise. There are also "operation", "amount", "bias",
"relu" and "ceil"."""


def inspector(
    *,
    image: Floats,
    kernel: Floats | None = None,
    operation: Operation = "convolve",
    window: int | Pair = 2,
    stride: int | Pair | None = None,
    padding: Padding = "zero",
    amount: int | Pair | None = None,
    dilation: int | Pair = 1,
    ceil: bool = False,
    bias: float = 0.0,
    relu: bool = False,
    scale: Scale = "auto",
    controls: tuple[str, ...] = CONTROLS,
    alt: str,
    key: str,
    autoplay: bool = False,
    watch_pin: bool = False,
    on_change: Callable[[], None] | None = None,
) -> InspectorState:
    """Show a picture, a window that moves over it, and the output it makes; answer what the person has set.

    image: (H, W) or (H, W, 3), at most 160 pixels a side, usually floats in [0, 1]; other ranges get a scale of their
    own. kernel: (Fh, Fw), applied to each channel by itself, or (Fh, Fw, 3), as deep as the picture and summed into one
    plane; pooling takes `window` instead. padding: what the border holds; amount: how many pixels of it lie on each
    side, by default as many as keep the size at stride 1 (an odd one goes to the right and bottom, as in PyTorch), and
    none for pooling. Max and min pooling never choose a padded zero. stride: by default 1, and a whole window for
    pooling. alt: in words, what the picture shows.

    The settings given here hold until the person changes them in the component, and again as soon as the page gives
    others. Each change reruns the page (a fragment around the call reruns less); hovering and playing do not.

    Raises ValueError for a picture, kernel or window of an impossible shape.
    """
    if operation == "convolve":
        window = kernel.shape[:2] if kernel is not None else window
        stride = 1 if stride is None else stride
    else:
        stride = window if stride is None else stride
        amount = 0 if amount is None else amount
    given = InspectorState(
        operation=operation,
        kernel=kernel if operation == "convolve" else None,
        window=_pair(window),
        stride=_pair(stride),
        padding=padding,
        amount=None if amount is None else _pair(amount),
        dilation=_pair(dilation),
        ceil=ceil,
        bias=float(bias),
        relu=relu,
        scale=scale,
    )
    given.check(image.shape)
    serial = _serial(key, given.to_json())
    report = (st.session_state.get(key) or {}).get("view")
    is_current = isinstance(report, Mapping) and report.get("serial") == serial
    state = given.updated(report.get("settings", {}), image.shape) if is_current and report else given
    _mount(
        key=key,
        data={
            "image": encode_pixels(image),
            "settings": state.to_json(),
            "serial": serial,
            "controls": list(controls),
            "alt": alt,
            "autoplay": autoplay,
            "watchPin": watch_pin,
        },
        on_view_change=on_change or (lambda: None),
    )
    return state


def reset(key: str) -> None:
    """Drop what the person has changed in the inspector `key`: its next run shows what the page gives."""
    serial, _ = st.session_state.get(f"{key}-given", (0, None))
    st.session_state[f"{key}-given"] = (serial, None)


def _pair(value: int | Pair) -> Pair:
    return (value, value) if isinstance(value, int) else value


def _serial(key: str, settings: dict[str, Any]) -> int:
    """How many different settings this page has given under `key`: a browser's report counts only for the latest."""
    name = f"{key}-given"
    serial, before = st.session_state.get(name, (0, None))
    if before != settings:
        serial += 1
        st.session_state[name] = (serial, settings)
    return int(serial)


ASSETS = assets(
    Path(__file__).parent,
    script="inspector",
    styles="inspector",
)
_mount = st.components.v2.component("cnn_lab.convolution_inspector", css=ASSETS.css, js=ASSETS.js)
