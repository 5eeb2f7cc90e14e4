"""A drawing of a network that lives while it trains: filters, weights as the thickness of lines, and ten answers."""

from pathlib import Path
from typing import Any

import streamlit as st

from core.ui.components.kit import assets

ASSETS = assets(Path(__file__).parent, script="training_network", styles="training_network", notes=True)
_mount = st.components.v2.component("cnn_lab.training_network", css=ASSETS.css, js=ASSETS.js)


def training_network(data: dict[str, Any], *, key: str, notes: str = "") -> None:
    """Draw `data`, which `core.ui.run_panels.live_drawing` prepares, with the notes of the page `notes`, if any."""
    _mount(key=key, data={**data, "notes": notes})
