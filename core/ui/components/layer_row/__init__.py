"""The layers of a network in a row, each drawn as its block of output planes, to scale; one is selected."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.ui.components.kit import assets

ASSETS = assets(Path(__file__).parent, script="layer_row", styles="layer_row", palette=True)
_mount = st.components.v2.component("cnn_lab.layer_row", css=ASSETS.css, js=ASSETS.js)


def layer_row(
    layers: Sequence[dict[str, Any]], selected: int, *, largest: int, key: str, on_choose: Callable[[], None]
) -> None:
    """Draw blocks, which `core.ui.views.anatomy.network_row` prepares, in a row.

    After a choice `on_choose` is called, and `chosen(key)` returns the number of the layer.

    Args:
        layers: data of each block.
        selected: number of the selected layer, from 1.
        largest: longest side of a plane in pixels, which sets the scale.
        key: key of the component.
        on_choose: called after a choice.
    """
    _mount(
        key=key,
        data={"layers": list(layers), "selected": selected, "largest": largest},
        on_chosen_change=on_choose,
    )


def chosen(key: str) -> int | None:
    """Return the layer that was chosen, from 1, as the browser reports it; None before the first choice."""
    number = (st.session_state.get(key) or {}).get("chosen")
    return number if isinstance(number, int) else None
