"""Begin and end a run of a page: restore its state before it is drawn, write its URL afterwards."""

from pathlib import Path
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.ui.state import lesson_state, page_visit
from core.ui.state.kept_page import PREFIXES, current

MAX_BYTES = 40 * 2**20  # of a session's values that do not fit in a URL: two of the largest uploads
T = TypeVar("T")
_history = st.components.v2.component(
    "cnn_lab.history", js=Path(__file__).with_name("browser_history.js").read_text(encoding="utf-8")
)


def begin(name: str, top: DeltaGenerator) -> None:
    """Begin a run of the page `name`: restore its state from the link, or from this session; `top` is for messages."""
    _history(key="unseen_history", data=PREFIXES)
    page_visit.enter(name, top, lesson_state.prescribed(name), lesson_state.parameters())


def end() -> None:
    """End a run of the page: write its URL."""
    page_visit.finish(current())


def start_afresh() -> None:
    """Draw the button that resets the page to a first visit; nothing on a page without settings."""
    if not current().prefix:
        return
    st.button(
        "Start afresh",
        icon=":material/restart_alt:",
        type="tertiary",
        key="start_afresh",
        on_click=restart,
        help="Resets every setting of this page, and removes what you changed, drew or uploaded here. Trained networks "
        "are kept.",
    )


def restart() -> None:
    """Reset the page to a first visit. For callbacks."""
    page_visit.restart()
    for page, name in list(_kept()):
        if page == current().name:
            drop(name)


def key(name: str) -> str:
    """Return the key of a component; it changes each time the page is started afresh."""
    generation = current().generation
    return f"{name}-{generation}" if generation else name


def upload_key(name: str) -> str:
    """Return the key of an upload's widget; it changes each time the page is opened, too.

    The browser forgets a widget's file as soon as another page begins, the server only when that page's run ends.
    Whoever comes back before that would see an empty field beside their picture, without a way to remove it: a new
    widget is empty on both sides, and `kept` has the file.
    """
    visits = current().visits
    return f"{key(name)}-visit{visits}" if visits > 1 else key(name)


def keep(name: str, value: T, size: int) -> T:
    """Keep a value of `size` bytes for this session; beyond MAX_BYTES the oldest values are dropped."""
    kept = _kept()
    kept.pop(_own(name), None)
    kept[_own(name)] = (value, size)
    while len(kept) > 1 and sum(size for _, size in kept.values()) > MAX_BYTES:
        del kept[next(iter(kept))]
    return value


def kept(name: str) -> Any:
    """Return the value kept under `name` on this page; None without one."""
    return _kept().get(_own(name), (None, 0))[0]


def has_kept() -> bool:
    """Return whether something is kept for this page that no link holds: an upload, or a drawing."""
    return any(page == current().name for page, _ in _kept())


def drop(name: str) -> None:
    """Drop the value kept under `name`. Also for callbacks."""
    _kept().pop(_own(name), None)


def _own(name: str) -> tuple[str, str]:
    return current().name, name


def _kept() -> dict[tuple[str, str], tuple[Any, int]]:
    """Return the session's kept values, oldest first: by page and name, a value and its size in bytes."""
    kept: dict[tuple[str, str], tuple[Any, int]] = st.session_state.setdefault("page_kept", {})
    return kept
