"""A 3 x 3 window slides over a real digit and an output plane grows: all in the browser, so that it moves at once."""

from functools import cache
from pathlib import Path

import streamlit as st

from core.ui.components.kit import assets

ASSETS = assets(Path(__file__).parent, script="sliding_window", styles="sliding_window", html="sliding_window")
_component = st.components.v2.component("cnn_lab.sliding_window", html=ASSETS.html, css=ASSETS.css, js=ASSETS.js)


def sliding_window() -> None:
    """Draw the animation. It pauses by itself where the system asks for less motion."""
    _component(key="sliding", data={"digit": digit()})


@cache
def digit() -> list[list[int]]:
    """MNIST's third training picture, a four: 28 rows of 28 gray values from 0 to 255."""
    return [list(bytes.fromhex(line)) for line in (Path(__file__).parent / "four.txt").read_text().split()]
