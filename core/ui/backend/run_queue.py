"""The queue as it stands: the runs that train, those that wait, and how long they will."""

from dataclasses import dataclass

import streamlit as st

from core.classroom import expected_wait
from core.classroom.expected_wait import Service
from core.runs.run import QUEUED, Run, StoreUnavailable
from core.ui.backend import client

RECENT = 200  # runs from which it is read how long runs take


@dataclass(frozen=True, slots=True)
class RunQueue:
    """What trains and what waits."""

    training: list[Run]
    queued: list[Run]  # in the order in which they will begin
    recent: list[Run]  # the latest, of any state
    slots: int  # how many train at once
    service: Service | None  # what runs took lately; None while nothing is known
    begins: list[float]  # seconds until each queued run begins, and last those of one submitted now; or nothing


def now() -> RunQueue:
    """Return the queue. Raises StoreUnavailable."""
    runs, recent, slots = client.runs().active(), client.runs().recent(RECENT), client.runs().slots()
    training = [run for run in runs if run.state != QUEUED]
    queued = [run for run in runs if run.state == QUEUED]
    service = expected_wait.measured(recent)
    begins = expected_wait.begins(training, queued, service, slots) if service else []
    return RunQueue(training, queued, recent, slots, service, begins)


def wait_of(run: Run | None) -> float | None:
    """Return the seconds until a queued run begins; None for any other, and while nothing is known."""
    return _waits().get(run.id) if run is not None and run.state == QUEUED else None


@st.cache_data(ttl=2.0, show_spinner=False)
def _waits() -> dict[str, float]:
    """Return the wait of each queued run by its id, computed once in a while for all sessions."""
    try:
        if client.classroom().state().draining:
            return {}
        queue = now()
    except StoreUnavailable:  # which the page says elsewhere
        return {}
    return {run.id: seconds for run, seconds in zip(queue.queued, queue.begins, strict=False)}  # the last: nobody's yet
