"""A digit as a picture, and as the list of 784 numbers an MLP gets: hover a pixel, see where in the list it lies."""

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.ui.components.kit import assets

ASSETS = assets(Path(__file__).parent, script="flattened_digit", styles="flattened_digit", html="flattened_digit")
_component = st.components.v2.component("cnn_lab.flattened_digit", html=ASSETS.html, css=ASSETS.css, js=ASSETS.js)


def flattened(digit: NDArray[np.uint8], order: NDArray[np.int64], *, shuffled: bool, key: str) -> None:
    """Draw `digit`, uint8 (28, 28), beside its list; `order` (784,) says from where each place takes its pixel.

    `shuffled` is whether the list starts out in that order; a person can switch it.
    """
    _component(key=key, data={"digit": digit.ravel().tolist(), "order": order.tolist(), "shuffled": shuffled})
