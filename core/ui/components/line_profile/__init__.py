"""The brightness along a line that a person moves over a picture, before and after a kernel: all in the browser."""

from pathlib import Path

import streamlit as st

from core.images.pictures import Picture
from core.ui.components.kit import assets, encode_pixels

ASSETS = assets(Path(__file__).parent, script="line_profile", styles="line_profile")
_mount = st.components.v2.component("cnn_lab.line_profile", css=ASSETS.css, js=ASSETS.js)


def profile(before: Picture, after: Picture, *, gain: float, key: str) -> None:
    """Show both planes (H, W), at most about 130 px a side, and the values along a line over them.

    `gain` is the sum of the kernel's weights: from 0.5 on `after` is a picture on the scale of `before`. The line is as
    `core.images.edges.line_profile` has it, and so is its steepest place.
    """
    _mount(key=key, data={"before": encode_pixels(before), "after": encode_pixels(after), "gain": gain})
