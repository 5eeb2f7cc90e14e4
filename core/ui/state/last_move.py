"""What a page was set to before its last change, so that the sentence on what to notice can answer that change."""

from typing import TypeVar

import streamlit as st

T = TypeVar("T")


def before(slot: str, now: T) -> T:
    """Return what the page was set to before its last change, and keep what it is set to now; `now` itself at first.

    A run of the page that changes nothing returns what the run before it did.

    Args:
        slot: A key of the session.
        now: What the page is set to, a comparable value that is never changed in place.
    """
    present, previous = st.session_state.get(slot, (now, now))
    if present != now:
        present, previous = now, present
    st.session_state[slot] = present, previous
    before_last: T = previous
    return before_last
