"""The page's two browser components: waves to drive, and a filter drawn on a picture's spectrum.

What moves while a person drags is computed and drawn in the browser (components v2: plain JavaScript and canvas), by
the rules of `core.images.frequency`. Python is told when it rests, and writes it into the URL.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from core.ui.components.convolution_inspector import encode_pixels
from core.ui.components.spectrum.state import FilterState, State, WavesState, to_query
from core.ui.display.colors import VIRIDIS
from core.ui.views.frequency.picture import Subject

STYLE = Path(__file__).with_name("page.css")
S = TypeVar("S", WavesState, FilterState)


@st.fragment
def waves() -> None:
    """Gratings that a person drives by sliders or by their dots in the spectrum. They are in the URL as f_waves."""
    _show(_waves, "f_waves_component", WavesState, {})


def filtering(subject: Subject) -> FilterState:
    """A picture's spectrum with a filter drawn on it, and what the filter makes of the picture.

    Returns the filter that is set now; its parts are in the URL under the names of FilterState.
    """
    data = {"image": encode_pixels(subject.image), "alt": subject.alt}
    return _show(_filtering, "f_filter_component", FilterState, data)


def _show(mount: Any, key: str, kind: type[S], data: dict[str, Any]) -> S:
    report = (st.session_state.get(key) or {}).get("settings")
    state = kind.read(st.query_params if report is None else report)
    _write(state)
    settings = {name: getattr(state, name) for name in to_query(state)}
    mount(key=key, data={"settings": settings, "viridis": list(VIRIDIS), **data}, on_settings_change=lambda: None)
    return state


def _write(state: State) -> None:
    for name, value in to_query(state).items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value


def read_module(name: str) -> str:
    """The JavaScript of "waves" or "filtering" as one ES module; pixels and themes are read as the inspector does."""
    theirs = [_read("inspector", f"{module}.js") for module in ("elements", "math", "drawing")]
    return "\n".join([*theirs, *(_read("frequency", f"{module}.js") for module in _MODULES[name])])


def read_styles() -> str:
    """The style sheet of both."""
    return _read("frequency", "frequency.css")


def _read(package: str, name: str) -> str:
    return files(f"core.ui.{package}").joinpath(name).read_text(encoding="utf-8")


_MODULES = {"waves": ("fourier", "widgets", "waves"), "filtering": ("fourier", "widgets", "charts", "filtering")}
_waves = st.components.v2.component("cnn_lab.waves", css=read_styles(), js=read_module("waves"))
_filtering = st.components.v2.component("cnn_lab.filtering", css=read_styles(), js=read_module("filtering"))
