"""One run of a page of the app: its state comes up, the page is drawn, and its URL is written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from core.ui.state import query

MOST_BYTES = 40 * 2**20  # of all that one session keeps in no URL: two of the largest uploads
T = TypeVar("T")
_history = st.components.v2.component(
    "cnn_lab.history", js=Path(__file__).with_name("history.js").read_text(encoding="utf-8")
)


def run(name: str, draw: Callable[[], None]) -> None:
    """Draw the page `name` with the state that a link or this session holds for it."""
    state = query.enter(name)
    _history(key="unseen_history")
    top = st.container()
    try:
        draw()
        query.finish(state)
    finally:
        state.running = False
        with top:
            query.show_refused(state)
        if name in query.PREFIXES:
            start_afresh()


def start_afresh() -> None:
    """Draw the quiet button that puts the page back to a first visit."""
    st.button(
        "Start afresh",
        icon=":material/restart_alt:",
        type="tertiary",
        key="start_afresh",
        on_click=query.restart,
        help="Puts every setting of this page back, and drops what you changed, drew or uploaded here. Networks that "
        "were trained stay",
    )


def key(name: str) -> str:
    """Return the key of a component or an upload, another one each time the page is started afresh."""
    generation = query.current().generation
    return f"{name}-{generation}" if generation else name


def keep(name: str, value: T, size: int) -> T:
    """Keep for this session what fits in no URL, `size` bytes of it; a session's oldest gives way to its newest."""
    drop(name)
    query.current().kept[name] = (value, size)
    states = query.states()
    held = [(state, key, one[1]) for state in states for key, one in state.kept.items()]
    total = sum(size for *_, size in held)
    for state, key, one in held:
        if total <= MOST_BYTES:
            break
        if state.kept[key][0] is not value:
            del state.kept[key]
            total -= one
    return value


def kept(name: str) -> Any:
    """Return what is kept under `name`; None where that is nothing."""
    return query.current().kept.get(name, (None, 0))[0]


def drop(name: str) -> None:
    """Keep nothing under `name` any more. For callbacks too."""
    query.current().kept.pop(name, None)
