"""The layers of a network in a row, each as the block of planes it makes, to scale; one of them is chosen."""

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
    """Draw blocks (what `core.ui.views.anatomy.network_row` packs) in a row.

    `selected` is a layer, from 1; `largest` is the longest side of a plane, in pixels, that the scale must fit.
    After a choice `on_choose` is called, and `chosen(key)` says which layer.
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
