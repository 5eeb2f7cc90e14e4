"""One output unit and its connections to a picture, in three ways of wiring; drawn in the browser, as it moves."""

from pathlib import Path
from typing import Literal

import streamlit as st

from core.images.kernels import Kernel
from core.images.pictures import Picture
from core.ui.components.convolution_inspector import encode_pixels, read_module

Way = Literal["shared", "local", "full"]
_HERE = Path(__file__).parent


def read_script() -> str:
    """The component's JavaScript as one ES module."""
    return "\n".join((read_module("elements", "math", "drawing"), (_HERE / "connections.js").read_text(encoding="utf-8")))


def read_styles() -> str:
    """The component's style sheet."""
    return (_HERE / "connections.css").read_text(encoding="utf-8")


_mount = st.components.v2.component("cnn_lab.connections", css=read_styles(), js=read_script())


def wiring(image: Picture, kernel: Kernel, way: Way, *, alt: str, key: str) -> None:
    """Show a gray picture (N, N) in [0, 1], at most 64 px a side, and what one unit of the output reads of it.

    "shared": `kernel`, (F, F) with F odd, at every place. "local": an F x F window with weights of its own at each
    place. "full": every pixel. The weights of the last two are drawn at random, as before training.
    """
    _mount(key=key, data={"image": encode_pixels(image), "kernel": kernel.tolist(), "way": way, "alt": alt})
