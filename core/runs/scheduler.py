"""Round-robin between users, first in first out within a user. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MAX_QUEUED_PER_PERSON = 20  # runs that one person may have waiting
MAX_QUEUED = 200  # runs that may wait in all


@dataclass(frozen=True, slots=True)
class QueuedRun:
    """A run in the queue."""

    run: str
    owners: tuple[str, ...]  # at least one
    since: float  # when it was first queued
    front: bool = False  # it had begun and was interrupted: it goes on before any other begins
    priority: int = 0  # as an instructor moved it: above 0 before all others, below 0 after them


def order(
    queued: Sequence[QueuedRun], running: Mapping[str, int] | None = None, served: Mapping[str, float] | None = None
) -> list[QueuedRun]:
    """Return the queue in the order in which it would be dispatched if nobody submitted more.

    A turn goes to the owner with the fewest running runs; among equals, to the one whose last turn is longest ago; then
    to the one who waits longest. So a person with 50 runs in the queue delays a person with one by a single run.
    A run with several owners comes at the turn of any of them, and counts as a turn of each. What an instructor moved
    to the front comes before all turns, what was moved to the back after them.

    Args:
        queued: The runs in the queue.
        running: How many runs of each owner are training.
        served: When each owner last got a worker.
    """
    active = dict(running or {})
    last = dict(served or {})
    now = max(last.values(), default=0.0)
    ordered: list[QueuedRun] = []

    def turn(run: QueuedRun) -> None:
        nonlocal now
        now += 1
        ordered.append(run)
        for owner in run.owners:
            active[owner] = active.get(owner, 0) + 1
            last[owner] = now

    for priority in sorted({run.priority for run in queued}, reverse=True):
        equal = sorted((run for run in queued if run.priority == priority), key=lambda run: run.since)
        for run in equal:
            if run.front:
                turn(run)
        rest = [run for run in equal if not run.front]
        while rest:
            # One pass: the first run of every owner, and of those the one whose owner's claim is best.
            first = {owner: run for run in reversed(rest) for owner in run.owners}
            owner = min(first, key=lambda o: (active.get(o, 0), last.get(o, float("-inf")), first[o].since, o))
            rest.remove(first[owner])
            turn(first[owner])
    return ordered
