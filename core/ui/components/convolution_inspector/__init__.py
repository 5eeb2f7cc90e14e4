"""The convolution inspector: this window, times this kernel, summed, is that pixel.

A browser component (Streamlit's components v2: plain JavaScript and canvas, no build step, no network). Hovering,
dragging and playing are computed and drawn in the browser, with the arithmetic of `core.images.convolution.convolve`;
Python receives only changed settings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.images.convolution import Padding
from core.ui.components.convolution_inspector.state import InspectorState, Operation, Pair, Scale, as_planes
from core.ui.components.kit import Floats, assets, encode_pixels

__all__ = ["CONTROLS", "InspectorState", "Reference", "inspector", "reset"]

CONTROLS = ("weights", "size", "stride", "padding", "dilation", "scale", "play")
"""The default controls of the component. There are also "operation", "amount", "bias", "relu" and "ceil"."""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A kernel that the user can change and bring back: the component says which it is, and what a change changes."""

    title: str
    text: str  # a sentence about it
    kernel: Floats  # (Fh, Fw) or (Fh, Fw, 3)


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
    pinned: Pair | None = None,
    reference: Reference | None = None,
    notes: str = "",
    on_change: Callable[[], None] | None = None,
) -> InspectorState:
    """Draw a picture, a window that slides over it, and the output; return the current settings.

    The settings given here hold until the user changes them in the component, and again when the page passes others.
    Each change reruns the page (or the fragment around the call); hovering and playing do not.

    Args:
        image: (H, W) or (H, W, 3), at most 160 pixels a side, usually floats in [0, 1]; other ranges get their own
            color scale.
        kernel: (Fh, Fw), applied to each channel separately, or (Fh, Fw, 3), summed into one plane; pooling takes
            `window` instead.
        operation: "convolve" or a kind of pooling.
        window: size of the pooling window in pixels.
        stride: in pixels; by default 1 for a convolution and the window for pooling.
        padding: values of the border. Max and min pooling ignore it.
        amount: padded pixels on each side. By default as many as keep the size at stride 1 (the extra one of an odd
            number is on the right and at the bottom, as in PyTorch), and none for pooling.
        dilation: in pixels.
        ceil: whether the output size is rounded up.
        bias: added to each output.
        relu: whether negative outputs become 0.
        scale: color scale of the output.
        controls: the settings that the user can change.
        alt: alternative text of the picture.
        key: key of the component.
        autoplay: whether the window moves at the start.
        watch_pin: whether a pinned output pixel is reported.
        pinned: the output pixel that is pinned at the start, (row, column).
        reference: the kernel before any change; its output is compared with that of a changed one.
        notes: name of the page whose notes are pinned to it until it was used; empty for none.
        on_change: called after each change.

    Raises:
        ValueError: if picture, kernel or window have an invalid shape.
    """
    if operation == "convolve":
        window = kernel.shape[:2] if kernel is not None else window
        stride = 1 if stride is None else stride
    else:
        stride = window if stride is None else stride
        amount = 0 if amount is None else amount
    initial = InspectorState(
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
        pinned=pinned,
    )
    initial.check(image.shape)
    serial = _serial(key, initial.to_json())
    report = (st.session_state.get(key) or {}).get("view")
    is_current = isinstance(report, Mapping) and report.get("serial") == serial
    state = initial.updated(report.get("settings", {}), image.shape) if is_current and report else initial
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
            "reference": None
            if reference is None
            else {"title": reference.title, "text": reference.text, "kernel": as_planes(reference.kernel)},
            "notes": notes,
        },
        on_view_change=on_change or (lambda: None),
    )
    return state


def reset(key: str) -> None:
    """Discard the user's changes in the inspector `key`: its next run shows the page's settings."""
    serial, _ = st.session_state.get(f"{key}-given", (0, None))
    st.session_state[f"{key}-given"] = (serial, None)


def _pair(value: int | Pair) -> Pair:
    return (value, value) if isinstance(value, int) else value


def _serial(key: str, settings: dict[str, Any]) -> int:
    """Return the number of settings that the page has passed for `key`; only reports for the latest one count."""
    name = f"{key}-given"
    serial, before = st.session_state.get(name, (0, None))
    if before != settings:
        serial += 1
        st.session_state[name] = (serial, settings)
    return int(serial)


ASSETS = assets(
    Path(__file__).parent,
    script="convolution_inspector",
    styles="convolution_inspector",
    number=True,
    notes=True,
    switch=True,
)
_mount = st.components.v2.component("cnn_lab.convolution_inspector", css=ASSETS.css, js=ASSETS.js)
