"""Two browser components: a wave editor, and a filter editor on a picture's spectrum.

Dragging is computed and drawn in the browser (components v2: plain JavaScript and canvas), with the same arithmetic as
`core.images`. Python receives the settings once they are at rest, and writes them into the URL.
"""

from pathlib import Path

import streamlit as st

from core.ui.components.kit import Floats, assets, encode_pixels
from core.ui.components.kit.linked_state import LinkedComponent
from core.ui.components.spectrum.state import FIELDS, FilterState, WavesState
from core.ui.display.colors import VIRIDIS

_WAVES = LinkedComponent("f_waves_component", WavesState, FIELDS)
_FILTER = LinkedComponent("f_filter_component", FilterState, FIELDS)
_COLORS = {"viridis": list(VIRIDIS)}


def waves() -> WavesState:
    """Draw the wave editor, with sliders and draggable dots in the spectrum; the URL holds them as f_waves.

    Returns:
        The current waves.
    """
    return _WAVES.show(_mount_waves, _COLORS)


def filtering(image: Floats, alt: str) -> FilterState:
    """Draw a picture's spectrum with a filter on it, and the filtered picture.

    Returns:
        The current filter; the URL holds its fields under their names in FilterState.
    """
    return _FILTER.show(_mount_filter, {**_COLORS, "image": encode_pixels(image), "alt": alt})


def current_filter() -> FilterState:
    """Return the filter as it was last drawn, where its editor is not shown."""
    return _FILTER.current()


def restore(state: WavesState | FilterState) -> None:
    """Replace the current waves or filter. For callbacks: before the component is drawn."""
    if isinstance(state, WavesState):
        _WAVES.restore(state)
    else:
        _FILTER.restore(state)


WAVES = assets(Path(__file__).parent, script="waves", styles="spectrum", panel=True, notice=True, notes=True)
FILTER = assets(Path(__file__).parent, script="filter_editor", styles="spectrum", panel=True, notice=True)
_mount_waves = st.components.v2.component("cnn_lab.waves", css=WAVES.css, js=WAVES.js)
_mount_filter = st.components.v2.component("cnn_lab.spectrum_filter", css=FILTER.css, js=FILTER.js)
