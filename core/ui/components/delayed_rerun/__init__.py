"""Rerun a part of a page after another part has changed and come to rest.

Streamlit sends the output of a run together, and the browser renders it together: everything below a picture delays
the picture at each step of a slider. So a picture and its controls are one fragment, which reports when they have
`moved`; the parts that depend on them are another, which calls `follow` and reruns once nothing has changed for a
moment. A run of the whole page draws both.
"""

from pathlib import Path

import streamlit as st

from core.ui.components.kit import assets

ASSETS = assets(Path(__file__).parent, script="delayed_rerun")
_mount = st.components.v2.component("cnn_lab.delayed_rerun", js=ASSETS.js)


def moved(name: str, state: object) -> None:
    """Report the state at the end of a fragment; if it changed, the fragment that follows `name` reruns."""
    _mount(key=f"unseen_{name}_moved", data={"name": name, "move": repr(state)})


def follow(name: str) -> None:
    """Rerun the calling fragment when `name` has moved and come to rest."""
    _mount(key=f"unseen_{name}_follows", data={"name": name}, on_rested_change=lambda: None)
