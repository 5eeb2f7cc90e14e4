"""A few frames of one picture that a person plays or scrubs through: all in the browser."""

import base64
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.ui.components.kit import assets

ASSETS = assets(Path(__file__).parent, script="flipbook", styles="flipbook")
_mount = st.components.v2.component("cnn_lab.flipbook", css=ASSETS.css, js=ASSETS.js)


def flipbook(frames: NDArray[np.uint8], captions: Sequence[str], *, alt: str, start: int, key: str) -> None:
    """Show frames (F, H, W) or (F, H, W, 3) with a caption each, from `start`; `alt` says what they show.

    It plays to and fro by itself, unless the person's system asks for less motion.
    """
    shape = [*frames.shape[:3], 1 if frames.ndim == 3 else frames.shape[3]]
    pixels = base64.b64encode(np.ascontiguousarray(frames).tobytes()).decode("ascii")
    _mount(key=key, data={"shape": shape, "pixels": pixels, "captions": list(captions), "alt": alt, "start": start})
