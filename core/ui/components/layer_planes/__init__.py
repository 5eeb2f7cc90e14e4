"""A layer's planes in large: point at a unit, and see what it sees of the picture and the sum that made it.

A browser component: the planes travel with all that made them, so that hovering asks nobody.
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
    """Draw the planes of `data` (what `core.ui.views.anatomy.unit_view` packs).

    After a click on a plane `on_choose` is called, and `chosen(key)` says which one.
    """
    _mount(key=key, data=data, on_chosen_change=on_choose)


def chosen(key: str) -> int | None:
    """Return the plane that was clicked, from 0, as the browser reports it; None before the first click."""
    number = (st.session_state.get(key) or {}).get("chosen")
    return number if isinstance(number, int) else None
