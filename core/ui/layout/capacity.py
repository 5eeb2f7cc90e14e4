"""Limit the number of sessions by the open files of the process, and tell visitors when the server is full.

A session of Streamlit 1.67 holds four files: its socket, and an event loop of its own (a selector and a pair of
sockets), which it keeps after the browser is gone: 128 sessions are stored for a reconnection until `departed_sessions`
closes them, all others stay until Python next collects garbage. So the soft limit is raised to the hard one at start.
Where that is as low as 1,024, a new session gets a message that the server is full while there is room left for the
workers' pipes, the store and the pictures. When many visitors come at once, those who would take the last files are
disconnected, and their browsers try again.
"""

import contextlib
import functools
import gc
import logging
import threading
import time
from typing import Any

import psutil
import streamlit as st
from starlette.websockets import WebSocketDisconnect
from streamlit import runtime
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.ui import messages
from core.ui.backend import event_loop

WANTED_FILES = 65_536
RESERVED_FILES = 250  # for workers, the store, files being read, and sessions that get the message
LAST_FILES = 100  # of these: new connections are refused without a message
FILES_PER_SESSION = 6  # a session's four, and a share of those stored for a reconnection
ADMITTED = "admitted"  # in the session
REPEAT_SECONDS = 60.0
COLLECT_SECONDS = 5.0
CLOSE_SECONDS = 5.0  # for a busy server to send the message
FULL = (
    "This server is full: it has no more open files for another visitor. Reload this page in a few minutes. "
    "To allow more visitors, raise the limit of open files (ulimit -n) and restart the app."
)

_PROCESS = psutil.Process()
_lock = threading.Lock()
_admitted: set[str] = set()  # the sessions that were admitted and are still open


class Repeated(logging.Filter):
    """Filter that drops a message logged within the last minute: a server short of files repeats itself."""

    def __init__(self) -> None:
        """Start without any logged message."""
        super().__init__()
        self._logged_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log it."""
        key, now = f"{record.name} {record.levelno} {str(record.msg).splitlines()[:1]}", time.monotonic()
        if now - self._logged_at.get(key, float("-inf")) < REPEAT_SECONDS and record.levelno >= logging.WARNING:
            return False
        if len(self._logged_at) > 1000:
            self._logged_at.clear()
        self._logged_at[key] = now
        return True


@st.cache_resource(show_spinner=False)
def prepare() -> int:
    """Raise this process's limit of open files, log repeated errors once, and return the limit."""
    for name in ("asyncio", "uvicorn.error"):
        logging.getLogger(name).addFilter(Repeated())
    limit = raise_limit()
    if limit < WANTED_FILES and runtime.exists():
        _turn_away(runtime.get_instance(), limit)
    return limit


def raise_limit(wanted: int = WANTED_FILES) -> int:
    """Raise the soft limit of open files to `wanted`, or as far as the hard limit allows, and return it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    aim = wanted if hard == unlimited else min(wanted, hard)
    if soft != unlimited and soft < aim:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (aim, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return wanted if soft == unlimited else soft


def admit() -> None:
    """Stop the script with a message if there is no room for one more session; admitted sessions stay."""
    limit = prepare()
    if st.session_state.get(ADMITTED) or limit >= WANTED_FILES:
        return
    context = get_script_run_ctx()
    session = context.session_id if context else ""
    with _lock:
        if full := not _has_room(limit):
            _close_soon(session)
        else:
            _admitted.add(session)
    if full:
        messages.error(FULL, icon=":material/group_off:")
        st.stop()
    st.session_state[ADMITTED] = True


def _has_room(limit: int) -> bool:
    """Return whether there is room for one more session, after closing the files of sessions that are gone for good.

    A minimum number of sessions is admitted whatever else is open, so that a rush of visitors is served up to there.
    """
    max_files = limit - min(RESERVED_FILES, limit // 4)
    if runtime.exists():
        instance = runtime.get_instance()
        _admitted.intersection_update([session for session in _admitted if instance.is_active_session(session)])
    if len(_admitted) < max_files // FILES_PER_SESSION or _open_files() <= max_files:
        return True
    _collect(int(time.monotonic() / COLLECT_SECONDS))
    return _open_files() <= max_files


@functools.lru_cache(maxsize=1)
def _collect(now: int) -> None:
    """Collect garbage, at most once per `now`: it takes a tenth of a second."""
    gc.collect()


def _turn_away(instance: Runtime, limit: int) -> None:
    """Make this server refuse connections that would take the last files, before it opens a session for them."""
    connect = instance.connect_session

    def connect_session(*arguments: Any, **named: Any) -> str:
        if _open_files() > limit - min(LAST_FILES, limit // 10):
            raise WebSocketDisconnect(1013)  # "try again later": the server closes the connection
        return connect(*arguments, **named)

    instance.connect_session = connect_session  # type: ignore[method-assign]


def _open_files() -> int:
    try:
        return int(_PROCESS.num_fds())
    except (AttributeError, psutil.Error, OSError):  # Windows
        return 0


def _close_soon(session: str) -> None:
    """End a session once the browser has its message: the socket stays, the event loop's files are freed."""
    if not runtime.exists():
        return
    instance = runtime.get_instance()

    def close() -> None:
        with contextlib.suppress(Exception):  # Streamlit's own; without it the session only lasts longer
            event_loop.call(instance, instance.close_session, session)

    timer = threading.Timer(CLOSE_SECONDS, close)
    timer.daemon = True
    timer.start()
