"""A layer's planes, enlarged: pointing at a unit shows its receptive field and the sum behind its value.

A browser component: the planes are sent with their inputs, so that hovering needs no request to Python.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from core.ui.components.kit import assets

ASSETS = assets(
    Path(__file__).parent,
    script="layer_planes",
    styles="layer_planes",
    palette=True,
)
_mount = st.components.v2.component("cnn_lab.layer_planes", css=ASSETS.css, js=ASSETS.js)


def layer_planes(data: dict[str, Any], *, key: str, on_choose: Callable[[], None]) -> None:
    """Draw the planes of `data`, which `core.ui.views.anatomy.unit_view` prepares.

    After a click on a plane `on_choose` is called, and `chosen(key)` returns its number.
    """
    _mount(key=key, data=data, on_chosen_change=on_choose)


def chosen(key: str) -> int | None:
    """Return the plane that was clicked, from 0, as the browser reports it; None before the first click."""
    number = (st.session_state.get(key) or {}).get("chosen")
    return number if isinstance(number, int) else None
