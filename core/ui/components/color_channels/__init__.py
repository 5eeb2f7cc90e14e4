"""A color picture as three planes that are pulled apart, weighed and summed to gray: all in the browser."""

from pathlib import Path

import streamlit as st

from core.images.pictures import LUMINANCE, Picture
from core.ui.components.convolution_inspector import encode_pixels, read_module

_HERE = Path(__file__).parent


def read_script() -> str:
    """The component's JavaScript as one ES module."""
    return "\n".join((read_module("elements", "math", "drawing"), (_HERE / "color_channels.js").read_text(encoding="utf-8")))


def read_styles() -> str:
    """The component's style sheet."""
    return (_HERE / "color_channels.css").read_text(encoding="utf-8")


_mount = st.components.v2.component("cnn_lab.color_channels", css=read_styles(), js=read_script())


def channels(image: Picture, *, alt: str, key: str) -> None:
    """Show the planes of `image` (H, W, 3), in [0, 1], at most about 100 px a side; `alt` says what it shows."""
    _mount(key=key, data={"image": encode_pixels(image), "alt": alt, "luminance": LUMINANCE})
