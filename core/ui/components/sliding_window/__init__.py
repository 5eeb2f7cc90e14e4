"""An animation of a 3 x 3 window that slides over a digit and fills the output plane, in the browser."""

from functools import cache
from pathlib import Path

import streamlit as st

from core.ui.components.kit import assets

ASSETS = assets(Path(__file__).parent, script="sliding_window", styles="sliding_window", html="sliding_window")
_component = st.components.v2.component("cnn_lab.sliding_window", html=ASSETS.html, css=ASSETS.css, js=ASSETS.js)


def sliding_window() -> None:
    """Draw the animation. It is paused if the system asks for reduced motion."""
    _component(key="sliding", data={"digit": digit()})


@cache
def digit() -> list[list[int]]:
    """Return MNIST's third training picture, a four: 28 rows of 28 gray values from 0 to 255."""
    return [list(bytes.fromhex(line)) for line in (Path(__file__).parent / "four.txt").read_text().split()]
