"""A few frames of a picture to play or to scrub through, in the browser."""

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
    """Draw frames with captions, starting at `start`.

    It plays back and forth automatically unless the user's system asks for reduced motion.

    Args:
        frames: (F, H, W), (F, H, W, 3) or (F, H, W, 4).
        captions: one per frame.
        alt: alternative text.
        start: number of the first frame shown, from 0.
        key: key of the component.
    """
    shape = [*frames.shape[:3], 1 if frames.ndim == 3 else frames.shape[3]]
    pixels = base64.b64encode(np.ascontiguousarray(frames).tobytes()).decode("ascii")
    _mount(key=key, data={"shape": shape, "pixels": pixels, "captions": list(captions), "alt": alt, "start": start})
