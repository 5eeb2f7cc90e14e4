"""A browser component: parts on a stage, their capsules as arrows, and the wholes that they vote for.

Everything moves in the browser (components v2: plain JavaScript and SVG), with the arithmetic of
`core.nets.capsule.route`. Python receives the settings once they are at rest, and writes them into the URL.
"""

from pathlib import Path

import streamlit as st

from core.ui.components.capsules_by_hand.state import FIELDS, HandState
from core.ui.components.kit import assets
from core.ui.components.kit.linked_state import LinkedComponent

_LINKED = LinkedComponent("v_hand_component", HandState, FIELDS)


def capsules_by_hand() -> HandState:
    """Draw the stage and return its settings; the URL holds them under their names in HandState."""
    return _LINKED.show(_mount, {})


restore = _LINKED.restore

ASSETS = assets(
    Path(__file__).parent, script="capsules_by_hand", styles="capsules_by_hand", panel=True, notice=True, notes=True
)
_mount = st.components.v2.component("cnn_lab.capsules_by_hand", css=ASSETS.css, js=ASSETS.js)
