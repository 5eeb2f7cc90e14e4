"""How long a queued run waits until it begins, from what runs took lately."""

import heapq
from collections.abc import Sequence
from statistics import median

from core.runs.run import FINISHED, Run

MAX_RUNS = 30  # the latest finished ones


def usual_seconds(recent: Sequence[Run]) -> float | None:
    """Return the median seconds of the latest finished runs; None without any."""
    taken = [run.summary.get("whole_seconds") for run in recent if run.state == FINISHED]
    known = [float(seconds) for seconds in taken if seconds is not None][:MAX_RUNS]
    return median(known) if known else None


def remaining_seconds(run: Run, usual: float) -> float:
    """Return how long a run that trains will take: as it says itself, or the rest of what runs usually take."""
    left = run.summary.get("seconds_left")
    return float(left) if left is not None else usual * (1 - run.done)


def waits(training: Sequence[float], queued: int, usual: float, slots: int) -> list[float]:
    """Return the seconds until each queued run begins, in the order of the queue.

    Args:
        training: The seconds that each run in training will still take.
        queued: How many runs wait.
        usual: What one of them takes.
        slots: How many train at once.

    >>> waits([10.0, 4.0], 3, 20.0, 2)
    [4.0, 10.0, 24.0]
    """
    free = [0.0] * max(slots - len(training), 0) + sorted(training)
    free = free or [0.0]
    heapq.heapify(free)
    begins = []
    for _ in range(queued):
        begins.append(heapq.heappop(free))
        heapq.heappush(free, begins[-1] + usual)
    return begins
