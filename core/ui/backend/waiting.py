"""How long queued runs are expected to wait, computed once in a while for all sessions."""

import streamlit as st

from core.classroom import expected_wait
from core.runs.run import QUEUED, Run, StoreUnavailable
from core.ui.backend import client

RECENT = 200  # runs from which it is read how long runs take


def expected(run: Run | None) -> float | None:
    """Return the seconds until a queued run begins; None for any other, and while nothing is known."""
    return _waits().get(run.id) if run is not None and run.state == QUEUED else None


@st.cache_data(ttl=2.0, show_spinner=False)
def _waits() -> dict[str, float]:
    """Return the wait of each queued run by its id."""
    try:
        service = expected_wait.measured(client.runs().recent(RECENT))
        if service is None or client.classroom().state().draining:
            return {}
        active = client.runs().active()
    except StoreUnavailable:  # which the page says elsewhere
        return {}
    training = [run for run in active if run.state != QUEUED]
    queued = [run for run in active if run.state == QUEUED]
    begins = expected_wait.begins(training, queued, service, client.runs().slots())
    return {run.id: seconds for run, seconds in zip(queued, begins, strict=False)}  # the last is of nobody yet
