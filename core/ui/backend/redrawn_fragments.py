"""Fragments that redraw themselves, all of them together in a small share of the machine: the more, the rarer each.

What a redraw costs is measured while it is drawn. Streamlit tells a browser how often to ask for a fragment in whole
runs of the page only; here every redraw that should come sooner or later from then on tells it, too.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec

import streamlit as st
from streamlit import runtime
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from core.runs import hardware
from core.ui.backend import event_loop
from core.ui.backend.redraw_budget import SHARE, Name, RedrawBudget

SOON_SECONDS = 0.1  # after which a browser asks that is told to ask now: it asks again and again until it is answered
P = ParamSpec("P")
_budget = RedrawBudget(SHARE * hardware.cores())


class Group:
    """Fragments that redraw themselves together, in one run of the script: a run costs as much as what it draws.

    Each is a fragment of its own, since a browser draws a fragment as a whole. A further one, which draws nothing, is
    what the browser asks for when it is time.
    """

    def __init__(self, every: float | None) -> None:
        """Have no fragment yet; they are redrawn after so many seconds, or later, as of `fragment`; None for never."""
        self.every = every
        self._fragments: dict[str, None] = {}  # in the order in which they were drawn first

    def fragment(self, draw: Callable[P, None]) -> Callable[P, None]:
        """Return `draw` as the next fragment of the group."""

        @wraps(draw)
        def redraw(*args: P.args, **named: P.kwargs) -> None:
            if (name := ThreadState.get().fragment_id) is not None:
                self._fragments[name] = None
            with _measured():
                draw(*args, **named)

        return st.fragment(redraw)

    def start(self) -> None:
        """Redraw them from now on. Call it once all have been drawn."""
        fragment(self._ask, self.every)()

    def _ask(self) -> None:
        """Ask for all of them, as their browser would for one."""
        context = get_script_run_ctx()
        if context is None or context.script_requests is None or not context.fragment_ids_this_run:
            return
        context.script_requests.request_rerun(
            RerunData(
                query_string=context.query_string,
                page_script_hash=context.page_script_hash,
                fragment_id_queue=list(self._fragments),
                is_auto_rerun=True,
                cached_message_hashes=context.cached_message_hashes,
                context_info=context.context_info,
            )
        )


def fragment(draw: Callable[P, None], every: float | None, topic: str = "") -> Callable[P, None]:
    """Return `draw` as a fragment that redraws itself.

    Args:
        draw: Draws it.
        every: After so many seconds, later if many sessions have such fragments; None for never.
        topic: What it shows; `now` redraws all fragments of a topic.
    """
    if every is None:
        return st.fragment(draw)

    @wraps(draw)
    def redraw(*args: P.args, **named: P.kwargs) -> None:
        context, fragment_id = get_script_run_ctx(), ThreadState.get().fragment_id
        if context is None or fragment_id is None:
            draw(*args, **named)
            return
        name = Name(context.session_id, fragment_id, topic)
        began = _budget.begin(name)
        with _measured():
            draw(*args, **named)
        interval = _budget.next(name, every, began)
        if interval is not None:
            context.enqueue(_message(name.fragment, interval))

    return st.fragment(redraw, run_every=_budget.first(every))


@contextlib.contextmanager
def _measured() -> Iterator[None]:
    began = time.thread_time()
    try:
        yield
    finally:
        _budget.spend(time.thread_time() - began)


def wanted(topic: str) -> bool:
    """Return whether a session shows a topic."""
    return bool(_budget.names(topic))


def forget_departed() -> None:
    """Forget the fragments whose browsers ask for them no more."""
    _budget.forget_late()


def now(topic: str) -> None:
    """Redraw every fragment of a topic as soon as the server can, one after the other. It may wait for seconds."""
    if not runtime.exists():  # the server has ended
        return
    instance = runtime.get_instance()
    for name in _budget.names(topic):
        event_loop.call(instance, _hurry, instance, name)
        time.sleep(_budget.cost)  # all at once would finish together, at the end


def _hurry(instance: Runtime, name: Name) -> None:
    """Tell a browser to ask for a fragment, behind all that it was told before. Runs in Streamlit's event loop."""
    session = instance._session_mgr.get_active_session_info(name.session)
    if session is None or not session.session.has_fragment(name.fragment):
        _budget.forget(name)  # the browser would ask for it for ever
        return
    _budget.hurry(name, SOON_SECONDS)
    session.session._enqueue_forward_msg(_message(name.fragment, SOON_SECONDS))


def _message(fragment: str, interval: float) -> ForwardMsg:
    message = ForwardMsg()
    message.auto_rerun.fragment_id, message.auto_rerun.interval = fragment, interval
    return message
