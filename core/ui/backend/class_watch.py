"""Redraw what the sessions show of the class as soon as its state changes: one look for all of them."""

import threading
import time

from streamlit import runtime
from streamlit.runtime import Runtime

from core.classroom.class_state import ClassState
from core.runs.run import StoreUnavailable
from core.ui.backend import client, redrawn_fragments

TOPIC = "class"  # of the fragments
LOOK_SECONDS = 0.2
_lock = threading.Lock()
_watcher: threading.Thread | None = None


def start(shown: ClassState) -> None:
    """Watch the class's state, from the one that is shown on, until no session shows it any more.

    Call it in every redraw: the watch also ends when all sessions were so busy that they redrew nothing for a while.
    """
    global _watcher
    with _lock:
        is_alive = _watcher is not None and _watcher.is_alive()
        if not is_alive and redrawn_fragments.wanted(TOPIC) and isinstance(runtime.get_instance(), Runtime):
            _watcher = threading.Thread(target=_watch, args=(shown,), name="class watch", daemon=True)
            _watcher.start()


def _watch(before: ClassState) -> None:
    classroom = client.classroom()
    while True:
        time.sleep(LOOK_SECONDS)
        if not redrawn_fragments.wanted(TOPIC):
            return
        try:
            state = classroom.state()
        except StoreUnavailable:  # the pages report it
            continue
        if state != before:
            redrawn_fragments.now(TOPIC)
        before = state
