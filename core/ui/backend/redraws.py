"""Fragments that redraw themselves, all of them together in a small share of the machine: the more, the rarer each.

What a redraw costs is measured while it is drawn. Streamlit tells a browser how often to ask for a fragment in whole
runs of the page only; here every redraw that should come sooner or later from then on tells it, too.
"""

import contextlib
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st
from streamlit import runtime
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import RerunData, ScriptRunContext, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from core.runs import host
from core.ui.backend.pace import Name, Pace

SHARE = 0.05  # of the machine's cores, for the redraws of all sessions together
SOON_SECONDS = 0.1  # after which a browser asks that is told to ask now: it asks again and again until it is answered
P = ParamSpec("P")
_pace = Pace(SHARE * host.cores())


class Group:
    """Fragments that redraw themselves together: the first asks for the others once it is drawn.

    Each is a fragment of its own, since a browser draws a fragment as a whole; the others are one run of the script, as
    a run costs about as much as what it draws.
    """

    def __init__(self, every: float | None, topic: str = "") -> None:
        """Have no fragment yet.

        Args:
            every: After so many seconds they are redrawn, later if many sessions have such fragments; None for never.
            topic: What they show; `now` redraws everything of a topic.
        """
        self._every, self._topic, self._begun = every, topic, False
        self._fragments: list[str] = []  # in the order in which they were drawn first

    @property
    def redraws(self) -> bool:
        """Whether they redraw themselves at all."""
        return self._every is not None

    def fragment(self, draw: Callable[P, None]) -> Callable[P, None]:
        """Return `draw` as the next fragment of the group."""
        if self._every is None:
            return st.fragment(draw)

        @wraps(draw)
        def redraw(*args: P.args, **named: P.kwargs) -> None:
            began = time.thread_time()
            try:
                draw(*args, **named)
            finally:
                _pace.spend(time.thread_time() - began)
            context, fragment = get_script_run_ctx(), ThreadState.get().fragment_id
            if context is not None and fragment is not None:
                self._go_on(context, fragment)

        leads = not self._begun
        self._begun = True
        return st.fragment(redraw, run_every=_pace.first(self._every) if leads else None)

    def _go_on(self, context: ScriptRunContext, fragment: str) -> None:
        """Ask for the others after the first; tell the browser when to ask for it again, if that has changed."""
        assert self._every is not None
        if fragment not in self._fragments:
            self._fragments.append(fragment)
        first, *others = self._fragments
        if fragment != first:
            return
        interval = _pace.next(Name(context.session_id, fragment, self._topic), self._every)
        if interval is not None:
            context.enqueue(_message(fragment, interval))
        if others and context.fragment_ids_this_run == [first] and context.script_requests is not None:
            context.script_requests.request_rerun(
                RerunData(
                    query_string=context.query_string,
                    page_script_hash=context.page_script_hash,
                    fragment_id_queue=others,
                    is_auto_rerun=True,
                    cached_message_hashes=context.cached_message_hashes,
                    context_info=context.context_info,
                )
            )


def fragment(draw: Callable[P, None], every: float | None, topic: str = "") -> Callable[P, None]:
    """Return `draw` as a fragment that redraws itself, alone: see Group."""
    return Group(every, topic).fragment(draw)


def wanted(topic: str) -> bool:
    """Return whether a session shows a topic."""
    return bool(_pace.names(topic))


def now(topic: str) -> None:
    """Redraw every fragment of a topic as soon as the server can, one after the other. It may wait for seconds."""
    instance = runtime.get_instance()
    for name in _pace.names(topic):
        _pace.hurry(name, SOON_SECONDS)
        instance._get_async_objs().eventloop.call_soon_threadsafe(_send, instance, name)
        time.sleep(_pace.cost)  # all at once would finish together, at the end


def _send(instance: Runtime, name: Name) -> None:
    """Tell a browser to ask for a fragment. Runs in the thread of Streamlit's event loop."""
    client = instance.get_client(name.session)
    if client is not None:
        with contextlib.suppress(Exception):  # Streamlit's own, for a browser that has just left
            client.write_forward_msg(_message(name.fragment, SOON_SECONDS))


def _message(fragment: str, interval: float) -> ForwardMsg:
    message = ForwardMsg()
    message.auto_rerun.fragment_id, message.auto_rerun.interval = fragment, interval
    return message
