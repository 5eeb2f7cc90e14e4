"""A network as one stage: its layers from the picture to the answers, and one layer's planes, sums or logits.

A browser component: the chosen layer's planes are sent with their inputs and weights, so that pointing at a unit,
sending the picture through and pulling a logit need no request to Python.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from core.ui.components.kit import assets

ASSETS = assets(
    Path(__file__).parent, script="network_stage", styles="network_stage", palette=True, number=True, notes=True
)
_mount = st.components.v2.component("cnn_lab.network_stage", css=ASSETS.css, js=ASSETS.js)


def network_stage(data: dict[str, Any], *, key: str, on_choose: Callable[[], None]) -> None:
    """Draw the network of `data`, which `core.ui.views.anatomy.network_stage` prepares.

    After a click on a layer or on a plane `on_choose` is called, and `chosen(key)` returns it.
    """
    _mount(key=key, data=data, on_chosen_change=on_choose)


def chosen(key: str) -> tuple[int, int | None] | None:
    """Return the layer, from 1, and the plane, from 0, that were clicked, as the browser reports them.

    The plane is None where only a layer was chosen; without a click all is None.
    """
    match (st.session_state.get(key) or {}).get("chosen"):
        case {"layer": int(layer), "plane": int() | None as plane}:
            return layer, plane
    return None
