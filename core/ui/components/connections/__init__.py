"""One output unit and its connections to a picture, in three ways of wiring; drawn in the browser, as it moves."""

from pathlib import Path
from typing import Literal

import streamlit as st

from core.images.kernels import Kernel
from core.images.pictures import Picture
from core.ui.components.kit import assets, encode_pixels

Way = Literal["shared", "local", "full"]


ASSETS = assets(Path(__file__).parent, script="connections", styles="connections")
_mount = st.components.v2.component("cnn_lab.connections", css=ASSETS.css, js=ASSETS.js)


def wiring(image: Picture, kernel: Kernel, way: Way, *, alt: str, key: str) -> None:
    """Show a gray picture (N, N) in [0, 1], at most 64 px a side, and what one unit of the output reads of it.

    "shared": `kernel`, (F, F) with F odd, at every place. "local": an F x F window with weights of its own at each
    place. "full": every pixel. The weights of the last two are drawn at random, as before training.
    """
    _mount(key=key, data={"image": encode_pixels(image), "kernel": kernel.tolist(), "way": way, "alt": alt})
