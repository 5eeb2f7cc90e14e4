"""Undo and redo for an editor: two buttons, Ctrl+Z and Ctrl+Shift+Z, over the last steps of the session.

An editor passes its state each time it is drawn. A state that differs from the previous one is a step, whatever
changed it (a control, a browser component, a preset, a link).
"""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import TypeVar

import streamlit as st

from core.ui.components.kit import assets
from core.ui.state.undo_history import MAX_STEPS, History

MOST_PRESSES = 100  # as in undo_redo.js

ASSETS = assets(Path(__file__).parent, script="undo_redo")
_mount = st.components.v2.component("cnn_lab.undo_redo", js=ASSETS.js)

T = TypeVar("T")


def undo_redo(name: str, state: T, restore: Callable[[T], None], *, what: str) -> None:
    """Record an editor's state and draw its two buttons.

    With several editors on a page, each is in a container with the key `editor_NAME`; keyboard shortcuts apply to the
    one that was used last.

    Args:
        name: the editor's name in session keys.
        state: its current state, a comparable value that is never changed in place.
        restore: restores an earlier state; called before the page is drawn, like a callback.
        what: the editor in words, such as "the table of layers".
    """
    slot = f"history_{name}"  # without the page's prefix, so that "Start afresh" and links can be undone too
    history = _recorded(slot, state)
    st.session_state[slot] = history

    def move(*steps: int) -> None:
        moved = reduce(History.move, steps, st.session_state[slot])
        if moved is not st.session_state[slot]:
            st.session_state[slot] = moved
            restore(moved.present)

    with st.container(horizontal=True, gap="small", width="content", key=f"undo_{name}"):
        st.button(
            "Undo",
            key=f"{name}_undo",
            icon=":material/undo:",
            type="tertiary",
            disabled=not history.past,
            help=f"Undo the last change to {what} (Ctrl+Z, on a Mac Cmd+Z). The last {MAX_STEPS} steps are kept",
            on_click=move,
            args=(-1,),
        )
        st.button(
            "Redo",
            key=f"{name}_redo",
            icon=":material/redo:",
            type="tertiary",
            disabled=not history.future,
            help="Redo the change (Ctrl+Shift+Z, on a Mac Cmd+Shift+Z)",
            on_click=move,
            args=(1,),
        )
    key = f"unseen_undo_{name}"
    _mount(key=key, data={}, on_keys_change=lambda: move(*_pressed(key)))


def _recorded(slot: str, state: T) -> History[T]:
    """Return the editor's history with its current state added."""
    history: History[T] | None = st.session_state.get(slot)
    return History(state) if history is None else history.push(state)


def _pressed(key: str) -> list[int]:
    """Return the steps requested by keyboard since the last call, in order: -1 for undo, 1 for redo.

    The browser sends its latest key presses and their number so far. So none is lost when two reports come as one,
    and an undo without an earlier state does not cancel the redo after it, as it would in a sum.
    """
    match (st.session_state.get(key) or {}).get("keys"):
        case {"counter": int() as counter, "total": int() as total, "latest": list() as latest}:
            known, before = st.session_state.get(f"{key}-seen", (None, 0))
            st.session_state[f"{key}-seen"] = (counter, total)
            fresh = total - before if known == counter else total
            return [-1 if step == -1 else 1 for step in latest[-min(fresh, MOST_PRESSES) :]] if fresh > 0 else []
    return []
