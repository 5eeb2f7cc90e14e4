"""Brightness along a movable line over a picture, before and after a kernel, in the browser."""

from pathlib import Path

import streamlit as st

from core.images.pictures import Picture
from core.ui.components.kit import assets, encode_pixels

ASSETS = assets(Path(__file__).parent, script="line_profile", styles="line_profile")
_mount = st.components.v2.component("cnn_lab.line_profile", css=ASSETS.css, js=ASSETS.js)


def profile(before: Picture, after: Picture, *, gain: float, signed: bool, key: str) -> None:
    """Draw both planes and the values along a line over them, as in `core.images.edges.line_profile`.

    Args:
        before: (H, W), at most about 130 px a side.
        after: (H, W), the response of the kernel.
        gain: sum of the kernel's weights; from 0.5 on `after` is drawn on the scale of `before`.
        signed: whether the kernel can give values below zero.
        key: key of the component.
    """
    planes = {"before": encode_pixels(before), "after": encode_pixels(after)}
    _mount(key=key, data={**planes, "gain": gain, "signed": signed})
