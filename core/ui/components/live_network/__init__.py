"""A trained CNN that reads digits in the browser: test digits that take turns, and whatever is drawn.

It asks the server for nothing: the weights are sent once, in half precision, and every block is a link to the page
that teaches it.
"""

import json
from functools import cache
from pathlib import Path

import streamlit as st

from core.data import embedded_digits
from core.insight import browser_network
from core.ui.components.kit import assets
from core.ui.layout.navigation import PAGES

NETWORK = "mnist-cnn"  # the one that the page on a CNN's anatomy opens with
# The test digits that take turns, by their places in the test set that comes with the app: one of each class that is
# easy to read, and a 5 that this network takes for a 6.
SHOWN = (129, 657, 454, 764, 239, 57, 75, 847, 717, 652, 633)
ASSETS = assets(Path(__file__).parent, script="live_network", styles="live_network", html="live_network", notes=True)
_component = st.components.v2.component("cnn_lab.live_network", html=ASSETS.html, css=ASSETS.css, js=ASSETS.js)


def live_network() -> str | None:
    """Draw the network, and return the name of the page whose place was clicked, or None.

    Raises:
        NetworkError: The network's files are missing or broken.
    """
    result = _component(key="live_network", data=message(), on_page_change=lambda: None)
    return next((page.name for page in PAGES if page.name == result.get("page")), None)


@cache
def message() -> bytes:
    """Return what the browser gets: a line of JSON, the network's numbers, and test digits of 28 x 28 bytes."""
    network, weights = browser_network.pack(NETWORK)
    digits = embedded_digits.load()
    head = {
        "network": network,
        "bytes": len(weights),
        "labels": digits.test_labels[list(SHOWN)].tolist(),
        "pages": [
            {"name": page.name, "number": number, "label": page.label} for number, page in enumerate(PAGES) if number
        ],
    }
    return json.dumps(head).encode() + b"\n" + weights + digits.test_images[list(SHOWN)].tobytes()
