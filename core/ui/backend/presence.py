"""How often a page may look for what changes by itself: less often, the more sessions look."""

import threading
import time

from streamlit.runtime.scriptrunner import get_script_run_ctx

TICKS_PER_SECOND = 100  # of all sessions: each costs the server about 5 ms
PRESENT_SECONDS = 600.0  # since a session's last whole run: later it counts as gone
_lock = threading.Lock()
_seen: dict[str, float] = {}


def interval(least: float) -> float:
    """Return the seconds between two looks of this session, at least `least`. Call it in whole runs of a page."""
    context, now = get_script_run_ctx(), time.monotonic()
    with _lock:
        _seen[context.session_id if context else ""] = now
        for session in [session for session, at in _seen.items() if now - at > PRESENT_SECONDS]:
            del _seen[session]
        return max(least, len(_seen) / TICKS_PER_SECOND)
