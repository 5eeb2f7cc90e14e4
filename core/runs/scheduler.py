"""Round-robin between users, first in first out within a user. Pure functions."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heapreplace
from math import ceil

ADDRESS_SHARE = 0.6  # of what all may have: a class behind one address leaves room for others


@dataclass(frozen=True, slots=True)
class QueuedRun:
    """A run in the queue."""

    run: str
    owners: tuple[str, ...]  # at least one
    since: float  # when it was first queued
    front: bool = False  # it had begun and was interrupted: it goes on before any other begins
    priority: int = 0  # as an instructor moved it: above 0 before all others, below 0 after them
    address: str = ""  # the network that it came from, where limits hold for that


@dataclass(frozen=True, slots=True)
class Allowed:
    """How many runs may train at once of each person, where the host limits that, and so of each network."""

    per_person: int
    workers: int  # those that train, and those that are free

    @property
    def per_address(self) -> int:
        """The most of one network: a new cookie is a new person, so that a limit of persons alone limits nobody."""
        return max(self.per_person, ceil(ADDRESS_SHARE * self.workers))

    def begins(self, run: QueuedRun, running: Mapping[str, int], places: Mapping[str, int]) -> bool:
        """Return whether a queued run may begin. What had begun before and what an instructor moved up always may.

        Args:
            run: The run.
            running: How many runs of each owner are training.
            places: How many runs from each network are training.
        """
        if run.front or run.priority > 0:
            return True
        theirs = min((running.get(owner, 0) for owner in run.owners), default=0)
        from_there = places.get(run.address, 0) if run.address else 0
        return theirs < self.per_person and from_there < self.per_address


def order(
    queued: Sequence[QueuedRun],
    running: Mapping[str, int] | None = None,
    served: Mapping[str, float] | None = None,
    first: int | None = None,
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
        first: How many runs to return, of the beginning; None for all.
    """
    most = len(queued) if first is None else min(first, len(queued))
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
        for run in _fair([run for run in equal if not run.front], active, last):
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
