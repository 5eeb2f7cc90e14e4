"""The connections of one output unit to a picture, for three kinds of connectivity; drawn in the browser."""

from pathlib import Path
from typing import Literal

import streamlit as st

from core.images.kernels import Kernel
from core.images.pictures import Picture
from core.ui.components.kit import assets, encode_pixels

Connectivity = Literal["shared", "local", "full"]

ASSETS = assets(Path(__file__).parent, script="connections", styles="connections")
_mount = st.components.v2.component("cnn_lab.connections", css=ASSETS.css, js=ASSETS.js)


def connections(image: Picture, kernel: Kernel, kind: Connectivity, *, alt: str, key: str) -> None:
    """Draw a gray picture and the pixels that one output unit is connected to.

    Args:
        image: (N, N) in [0, 1], at most 64 px a side.
        kernel: (F, F) with F odd.
        kind: "shared": `kernel` at every position; "local": an F x F window with its own weights at each position;
            "full": every pixel. The last two have random weights, as before training.
        alt: alternative text of the picture.
        key: key of the component.
    """
    _mount(key=key, data={"image": encode_pixels(image), "kernel": kernel.tolist(), "way": kind, "alt": alt})
