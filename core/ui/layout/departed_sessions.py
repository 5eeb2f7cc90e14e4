"""Close the sessions whose browsers are gone for good, and give their memory back.

Streamlit 1.67 keeps up to 128 sessions for a reconnection for `server.disconnectedSessionTTL`. One that is past it
cannot be closed any more and stays until another one is kept, so they are closed a little before. What a closed
session held stays until Python collects garbage, and in the C library's free lists.
"""

import ctypes
import functools
import gc
import sys
import threading
import time
from collections.abc import Callable

import streamlit as st
from streamlit import runtime
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.ui.backend import event_loop, redrawn_fragments

SWEEP_SECONDS = 30.0
CLOSE_SECONDS = 1.0  # for the event loop to close them
_lock = threading.Lock()
_last_seen: dict[str, float] = {}  # when each session was last known to be connected


def follow() -> None:
    """Close this session some time after its browser is gone. Call it in every run of the app."""
    context = get_script_run_ctx()
    if context is not None and isinstance(instance := runtime.get_instance(), Runtime):
        with _lock:
            _last_seen[context.session_id] = time.monotonic()
            _start(instance)


@functools.cache  # once; called with the lock, as the cache itself lets two threads in
def _start(instance: Runtime) -> None:
    threading.Thread(target=_sweep, args=(instance,), name="departed sessions", daemon=True).start()


def _sweep(instance: Runtime) -> None:
    again = False  # what they held is not all let go at once: it is given back at the next look, too
    while True:
        time.sleep(SWEEP_SECONDS)
        ttl = float(st.get_option("server.disconnectedSessionTTL"))
        gone = departed(instance.is_active_session, time.monotonic(), kept_seconds(ttl))
        for session in gone:
            event_loop.call(instance, instance.close_session, session)
        if gone or again:
            time.sleep(CLOSE_SECONDS)
            redrawn_fragments.forget_departed()
            gc.collect()
            give_back()
        again = bool(gone)


def kept_seconds(ttl: float) -> float:
    """Return for how long a session is kept, for the last look before Streamlit forgets it to find that it is gone."""
    return max(0.0, ttl - 1.5 * SWEEP_SECONDS)


def departed(is_connected: Callable[[str], bool], now: float, kept: float) -> list[str]:
    """Return the sessions that have not been connected for `kept` seconds, once each."""
    with _lock:
        _last_seen.update((session, now) for session in _last_seen if is_connected(session))
        gone = [session for session, seen in _last_seen.items() if now - seen > kept]
        for session in gone:
            del _last_seen[session]
    return gone


def give_back() -> None:
    """Return the memory that is free within the C library to the system, where it can."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):  # glibc has it
        trim(0)
