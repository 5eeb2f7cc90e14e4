"""One run of a page: its state comes up before the page is drawn, and its URL is written afterwards."""

from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from core.ui.state import query

MOST_BYTES = 40 * 2**20  # of all that one session keeps in no URL: two of the largest uploads
T = TypeVar("T")
_history = st.components.v2.component(
    "cnn_lab.history", js=Path(__file__).with_name("history.js").read_text(encoding="utf-8")
)


def begin(name: str) -> None:
    """Begin a run of the page `name`: its state comes from the link, or from this session."""
    _history(key="unseen_history", data=query.PREFIXES)
    query.enter(name, st.empty())


def end() -> None:
    """End a run of the page: its URL says what it shows."""
    query.finish(query.current())


def start_afresh() -> None:
    """Draw the quiet button that puts the page back to a first visit; nothing on a page that has no settings."""
    if not query.current().prefix:
        return
    st.button(
        "Start afresh",
        icon=":material/restart_alt:",
        type="tertiary",
        key="start_afresh",
        on_click=restart,
        help="Puts every setting of this page back, and drops what you changed, drew or uploaded here. Networks that "
        "were trained stay",
    )


def restart() -> None:
    """Put the page back to a first visit. For callbacks."""
    query.restart()
    for page, name in list(_kept()):
        if page == query.current().name:
            drop(name)


def key(name: str) -> str:
    """Return the key of a component or an upload, another one each time the page is started afresh."""
    generation = query.current().generation
    return f"{name}-{generation}" if generation else name


def keep(name: str, value: T, size: int) -> T:
    """Keep for this session what fits in no URL, `size` bytes of it; a session's oldest gives way to its newest."""
    kept = _kept()
    kept.pop(_own(name), None)
    kept[_own(name)] = (value, size)
    while len(kept) > 1 and sum(size for _, size in kept.values()) > MOST_BYTES:
        del kept[next(iter(kept))]
    return value


def kept(name: str) -> Any:
    """Return what is kept under `name` on this page; None where that is nothing."""
    return _kept().get(_own(name), (None, 0))[0]


def drop(name: str) -> None:
    """Keep nothing under `name` any more. For callbacks too."""
    _kept().pop(_own(name), None)


def _own(name: str) -> tuple[str, str]:
    return query.current().name, name


def _kept() -> dict[tuple[str, str], tuple[Any, int]]:
    """Return what the session keeps, the oldest first: by page and name, a value and its bytes."""
    kept: dict[tuple[str, str], tuple[Any, int]] = st.session_state.setdefault("page_kept", {})
    return kept
