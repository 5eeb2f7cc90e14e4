"""Send a browser the whole of what a run of the script drew, also when a fragment is run right after it.

On a busy server messages of a run are still on their way when the next begins: they go from the run's thread to the
event loop, wait in a queue, and are sent. Streamlit 1.67 loses some of them if the next run is a fragment's.

- It takes back what waits to be sent of the fragment, as that is drawn anew. Yet the run before is said to have ended
  first, upon which the browser removes what this run did not send: what stood behind it takes its place. Then the
  fragment is drawn over that, or has no place ("Bad delta path index"), and the whole page is gone.
- If the run's thread has just ended, a new one is begun for the fragment, and what the event loop has not yet taken
  from the former is dropped: the end of the page, and that the run has ended.
"""

import contextlib
import functools
import threading

from streamlit import runtime
from streamlit.runtime.app_session import AppSession

from core.ui.backend import event_loop

LONGEST_SECONDS = 10.0  # that a thread waits for an event loop that ends meanwhile

_clear_queue = AppSession._clear_queue


@functools.cache
def keep() -> None:
    """Take nothing back from now on but for a run of the whole page, which draws everything anew."""
    AppSession._clear_queue = _clear_for_pages  # type: ignore[assignment, method-assign]


def _clear_for_pages(session: AppSession, fragment_ids_this_run: list[str] | None = None) -> None:
    if fragment_ids_this_run is None:
        _clear_queue(session)
    else:
        session._browser_queue._delta_index_map = {}  # what comes has its place behind the new run's beginning


def hand_over() -> None:
    """Wait until the event loop has taken what the present thread told it."""
    taken = threading.Event()
    with contextlib.suppress(RuntimeError):  # the server has ended
        event_loop.call(runtime.get_instance(), taken.set)
        taken.wait(LONGEST_SECONDS)
