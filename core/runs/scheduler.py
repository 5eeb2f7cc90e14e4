"""Round-robin between users, first in first out within a user. Pure functions."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heapreplace

MAX_QUEUED_PER_PERSON = 20  # runs that one person may have waiting
MAX_QUEUED = 200  # runs that may wait in all


@dataclass(frozen=True, slots=True)
class QueuedRun:
    """A run in the queue."""

    run: str
    owners: tuple[str, ...]  # at least one
    since: float  # when it was first queued
    front: bool = False  # it had begun and was interrupted: it goes on before any other begins


def order(
    queued: Sequence[QueuedRun],
    running: Mapping[str, int] | None = None,
    served: Mapping[str, float] | None = None,
    first: int | None = None,
) -> list[QueuedRun]:
    """Return the queue in the order in which it would be dispatched if nobody submitted more.

    A turn goes to the owner with the fewest running runs; among equals, to the one whose last turn is longest ago; then
    to the one who waits longest. So a person with 50 runs in the queue delays a person with one by a single run.
    A run with several owners comes at the turn of any of them, and counts as a turn of each.

    Args:
        queued: The runs in the queue.
        running: How many runs of each owner are training.
        served: When each owner last got a worker.
        first: How many runs to return, of the beginning; None for all.
    """
    most = len(queued) if first is None else min(first, len(queued))
    active = dict(running or {})
    last = dict(served or {})
    now = max(last.values(), default=0.0)
    resumed = sorted((run for run in queued if run.front), key=lambda run: run.since)
    rest = sorted((run for run in queued if not run.front), key=lambda run: run.since)
    ordered: list[QueuedRun] = []

    def turn(run: QueuedRun) -> None:
        nonlocal now
        now += 1
        ordered.append(run)
        for owner in run.owners:
            active[owner] = active.get(owner, 0) + 1
            last[owner] = now

    for run in resumed:
        turn(run)
    for run in _fair(rest, active, last):
        if len(ordered) >= most:
            break
        turn(run)
    return ordered[:most]


def _fair(rest: Sequence[QueuedRun], active: Mapping[str, int], last: Mapping[str, float]) -> Iterator[QueuedRun]:
    """Yield runs, given in the order of their arrival, in turns; each turn is counted before the next is asked for.

    Args:
        rest: The runs.
        active: How many runs of each owner are training by then; it only grows.
        last: When each owner last got a worker by then; it only grows.
    """
    own: dict[str, deque[int]] = {}  # the places in `rest` of each owner's runs
    for place, run in enumerate(rest):
        for owner in run.owners:
            own.setdefault(owner, deque()).append(place)
    taken: set[int] = set()

    def claim(owner: str) -> tuple[int, float, float, str] | None:
        """Return what an owner's next turn is compared by; None if none of their runs is left. It only grows."""
        while own[owner] and own[owner][0] in taken:
            own[owner].popleft()
        if not own[owner]:
            return None
        return active.get(owner, 0), last.get(owner, float("-inf")), rest[own[owner][0]].since, owner

    claims = sorted(filter(None, map(claim, own)))
    while claims:
        current = claim(claims[0][-1])
        if current is None:
            heappop(claims)
        elif current > claims[0]:  # it has grown since it was put here
            heapreplace(claims, current)
        else:
            place = own[current[-1]][0]
            taken.add(place)
            yield rest[place]
