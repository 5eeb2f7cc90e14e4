"""A part of a page that follows another one at leisure.

Streamlit sends what a run draws together, and the browser renders it together: whatever stands below a picture keeps
the picture waiting, at every step of a slider. So a picture and its controls are one fragment, which says when they
have `moved`; what is to be learned from them is another, which is to `follow`: it runs once nothing has moved for a
moment. A run of the whole page draws both, as always.
"""

from pathlib import Path

import streamlit as st

from core.ui.components.kit import assets

ASSETS = assets(Path(__file__).parent, script="on_rest")
_mount = st.components.v2.component("cnn_lab.on_rest", js=ASSETS.js)


def moved(name: str, state: object) -> None:
    """Called in the one fragment, last: where `state` is not what it was, the fragment that follows `name` runs."""
    _mount(key=f"unseen_{name}_moved", data={"name": name, "move": repr(state)})


def follow(name: str) -> None:
    """Called in the other fragment: it runs again when `name` has moved and come to rest."""
    _mount(key=f"unseen_{name}_follows", data={"name": name}, on_rested_change=lambda: None)
