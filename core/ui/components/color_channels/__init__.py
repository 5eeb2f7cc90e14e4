"""A color picture as three planes that can be separated, weighted and summed to gray, in the browser."""

from pathlib import Path

import streamlit as st

from core.images.pictures import LUMINANCE, Picture
from core.ui.components.kit import assets, encode_pixels

ASSETS = assets(Path(__file__).parent, script="color_channels", styles="color_channels")
_mount = st.components.v2.component("cnn_lab.color_channels", css=ASSETS.css, js=ASSETS.js)


def channels(image: Picture, *, alt: str, key: str) -> None:
    """Draw the planes of `image`, (H, W, 3) in [0, 1], at most about 100 px a side; `alt` is its alternative text."""
    _mount(key=key, data={"image": encode_pixels(image), "alt": alt, "luminance": LUMINANCE})
