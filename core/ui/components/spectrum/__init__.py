"""Two browser components: a wave editor, and a filter editor on a picture's spectrum.

Dragging is computed and drawn in the browser (components v2: plain JavaScript and canvas), with the same arithmetic as
`core.images.frequency`. Python receives the settings once they are at rest, and writes them into the URL.
"""

from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from core.ui.components.kit import Floats, assets, encode_pixels
from core.ui.components.spectrum.state import FIELDS, FilterState, WavesState, means, to_query, why_not
from core.ui.display.colors import VIRIDIS
from core.ui.state import page_state, query
from core.ui.state.fields import plain

S = TypeVar("S", WavesState, FilterState)


_KEYS: dict[type, str] = {WavesState: "f_waves_component", FilterState: "f_filter_component"}


def waves() -> WavesState:
    """Draw the wave editor, with sliders and draggable dots in the spectrum; the URL holds them as f_waves.

    Returns:
        The current waves.
    """
    return _show(_waves, WavesState, {})


def filtering(image: Floats, alt: str) -> FilterState:
    """Draw a picture's spectrum with a filter on it, and the filtered picture.

    Returns:
        The current filter; the URL holds its fields under their names in FilterState.
    """
    data = {"image": encode_pixels(image), "alt": alt}
    return _show(_filtering, FilterState, data)


def restore(state: WavesState | FilterState) -> None:
    """Replace the current waves or filter. For callbacks: before the component is drawn."""
    key = page_state.key(_KEYS[type(state)])
    st.session_state[f"{key}_serial"] = _serial(key) + 1
    for name, text in to_query(state).items():
        query.write(name, text)


def _serial(key: str) -> int:
    """Return how often a component's settings were replaced; earlier reports do not count."""
    return int(st.session_state.get(f"{key}_serial", 0))


def _show(mount: Any, kind: type[S], data: dict[str, Any]) -> S:
    key = page_state.key(_KEYS[kind])
    serial = _serial(key)
    report = (st.session_state.get(key) or {}).get("settings")
    # a report from before the settings were replaced does not count
    state = kind.read(report) if report is not None and report.get("serial", 0) == serial else _linked(kind)
    for name, text in to_query(state).items():
        query.write(name, text)
    settings = {name: getattr(state, name) for name in to_query(state)}
    mount(
        key=key,
        data={"settings": settings, "serial": serial, "viridis": list(VIRIDIS), **data},
        on_settings_change=lambda: None,
    )
    return state


def _linked(kind: type[S]) -> S:
    """Return the state from the link or the session; report invalid values of a link at the top of the page."""
    linked = {name for name in FIELDS if query.is_linked(name)}
    texts = {name: text for name in to_query(kind()) if (text := query.read(name)) is not None}
    state = kind.read(texts)
    for name in linked & texts.keys():
        used = getattr(state, name)
        if not means(texts[name], used):
            query.refuse(FIELDS[name].label, texts[name], why_not(name, texts[name]), plain(used))
    return state


WAVES = assets(Path(__file__).parent, script="waves", styles="spectrum")
FILTER = assets(Path(__file__).parent, script="filter_editor", styles="spectrum")
_waves = st.components.v2.component("cnn_lab.waves", css=WAVES.css, js=WAVES.js)
_filtering = st.components.v2.component("cnn_lab.spectrum_filter", css=FILTER.css, js=FILTER.js)
