"""Drop what a page's fragment asks of the server when the person has already gone on to another page.

A component sends what it has to tell a moment after the last move, also when Back or a link was clicked within that
moment: the browser has asked for the next page by then, but still names the page that it shows. Streamlit 1.67 queues
the fragment behind the next page, runs it as the page that was left, and tells the browser so, which then clears the
page that it has just drawn: nothing is seen until it is reloaded. Or it joins both requests, and stays where it was.
"""

import functools

import streamlit as st
from streamlit.runtime import app_session
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from core.ui.backend import unsent_drawings

PAGE = "page_hash"  # in the session: Streamlit's name of the page that the browser was told of last


class OnePageRunner(ScriptRunner):
    """Streamlit's runner of a session's script, which runs no fragment of a page that was left."""

    def request_rerun(self, rerun_data: RerunData) -> bool:
        """Accept a request, and drop one of a fragment of another page than the one that waits to be run."""
        if rerun_data.fragment_id and self._waiting() not in ("", rerun_data.page_script_hash):
            return True
        return super().request_rerun(rerun_data)

    def _waiting(self) -> str:
        """Return the page that waits to be run as a whole; empty for none."""
        requests = self._requests
        with requests._lock:
            waits = requests._state is ScriptRequestType.RERUN and not requests._rerun_data.fragment_id_queue
            return requests._rerun_data.page_script_hash if waits else ""

    def _run_script(self, rerun_data: RerunData) -> None:
        if not (rerun_data.fragment_id_queue and self._is_left(rerun_data.page_script_hash)):
            super()._run_script(rerun_data)
            unsent_drawings.hand_over()  # before the thread ends

    def _is_left(self, page: str) -> bool:
        return PAGE in self._session_state and self._session_state[PAGE] != page


def drop(page: st.Page) -> None:
    """Run no fragment of another page than `page` from now on, which the browser has just been told of."""
    st.session_state[PAGE] = page._script_hash
    _install()


@functools.cache
def _install() -> None:
    app_session.ScriptRunner = OnePageRunner  # type: ignore[attr-defined]  # of the sessions' runners from now on
