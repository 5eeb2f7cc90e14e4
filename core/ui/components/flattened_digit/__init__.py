"""A digit as a picture and as the vector of 784 numbers that an MLP gets; hovering links pixel and position."""

from functools import cache
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.ui.components.kit import assets

ASSETS = assets(
    Path(__file__).parent, script="flattened_digit", styles="flattened_digit", html="flattened_digit", switch=True
)
_component = st.components.v2.component("cnn_lab.flattened_digit", html=ASSETS.html, css=ASSETS.css, js=ASSETS.js)


def flattened(digit: NDArray[np.uint8], order: NDArray[np.int64], *, shuffled: bool, key: str) -> None:
    """Draw a digit next to its flattened vector.

    Args:
        digit: uint8 (28, 28).
        order: (784,), the source pixel of each position when shuffled.
        shuffled: whether the vector starts shuffled; the user can switch it.
        key: key of the component.
    """
    _component(key=key, data={"digit": digit.ravel().tolist(), "order": order.tolist(), "shuffled": shuffled})


@cache
def example_digit() -> NDArray[np.uint8]:
    """Return MNIST's third training picture, a four, (28, 28)."""
    rows = (Path(__file__).parent / "four.txt").read_text().split()
    return np.array([list(bytes.fromhex(row)) for row in rows], np.uint8)
