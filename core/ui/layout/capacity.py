"""How many browsers fit: open files are what runs out first, and a full server says so.

A session of Streamlit 1.67 holds four files: its socket, and an event loop of its own (a selector and a pair of
sockets), which it keeps after the browser is gone: it is stored for a reconnection for `server.disconnectedSessionTTL`
(120 s, 128 sessions at most), leaves the store only when another session enters it, and is closed when Python next
collects garbage. So the soft limit is raised to the hard one at start. Where that is as low as 1,024, a new session is
told in words that the server is full while there is room left for the workers' pipes, the store and the pictures; and
of a crowd that comes all at once, those who would take the last files are disconnected, and their browsers try again.
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

WANTED_FILES = 65_536
RESERVED_FILES = 250  # for workers, the store, files being read, and the sockets of those who are told that it is full
LAST_FILES = 100  # of these: from here on nobody is even told
FILES_FOR_SURE = 6  # a session's four, and a part of those that are stored for a reconnection
ADMITTED = "admitted"  # in the session
SAY_AGAIN_SECONDS = 60.0
COLLECT_SECONDS = 5.0
CLOSE_SECONDS = 5.0  # for a busy server to send the sentence
FULL = (
    "This server is full: as many people use it as its open files allow. Reload this page in a few minutes. "
    "Whoever runs the server can allow more open files (ulimit -n) and start the app again."
)

_PROCESS = psutil.Process()
_asked = threading.Lock()
_admitted: set[str] = set()  # the sessions that were let in, and are still there


class Repeated(logging.Filter):
    """Drops a message that was logged within the last minute: a server short of files says the same all the time."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log it."""
        key, now = f"{record.name} {record.levelno} {str(record.msg).splitlines()[:1]}", time.monotonic()
        if now - self._said.get(key, float("-inf")) < SAY_AGAIN_SECONDS and record.levelno >= logging.WARNING:
            return False
        if len(self._said) > 1000:
            self._said.clear()
        self._said[key] = now
        return True


@st.cache_resource(show_spinner=False)
def prepare() -> int:
    """Raise this process's limit of open files, let repeated errors be logged once, and return the limit."""
    for name in ("asyncio", "uvicorn.error"):
        logging.getLogger(name).addFilter(Repeated())
    limit = raise_limit()
    if limit < WANTED_FILES and runtime.exists():
        _turn_away(runtime.get_instance(), limit)
    return limit


def raise_limit(wanted: int = WANTED_FILES) -> int:
    """Raise the soft limit of open files to `wanted`, or as far as the hard one allows, and return what it is then."""
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
    """Stop the script with a sentence where one more session does not fit; one that was let in stays."""
    limit = prepare()
    if st.session_state.get(ADMITTED) or limit >= WANTED_FILES:
        return
    context = get_script_run_ctx()
    session = context.session_id if context else ""
    with _asked:
        if full := not _has_room(limit):
            _close_soon(session)
        else:
            _admitted.add(session)
    if full:
        messages.error(FULL, icon=":material/group_off:")
        st.stop()
    st.session_state[ADMITTED] = True


def _has_room(limit: int) -> bool:
    """Return whether there is room for one more session; those that are gone for good give their files back first.

    So many fit for sure, whatever else is open: of a crowd that comes all at once, these are served.
    """
    most = limit - min(RESERVED_FILES, limit // 4)
    if runtime.exists():
        instance = runtime.get_instance()
        _admitted.intersection_update([one for one in _admitted if instance.is_active_session(one)])
    if len(_admitted) < most // FILES_FOR_SURE or _open_files() <= most:
        return True
    _collect(int(time.monotonic() / COLLECT_SECONDS))
    return _open_files() <= most


@functools.lru_cache(maxsize=1)
def _collect(now: int) -> None:
    """Let Python close what nobody holds any more, once in a while: it takes a tenth of a second."""
    gc.collect()


def _turn_away(instance: Runtime, limit: int) -> None:
    """Let this server disconnect those who would take the last files before it opens a session for them."""
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
    """End a session once the browser has what it says: its socket stays, its event loop's files are given back."""
    if not runtime.exists():
        return
    instance = runtime.get_instance()

    def close() -> None:
        with contextlib.suppress(Exception):  # Streamlit's own; without it the session only lasts longer
            instance._get_async_objs().eventloop.call_soon_threadsafe(instance.close_session, session)

    timer = threading.Timer(CLOSE_SECONDS, close)
    timer.daemon = True
    timer.start()
