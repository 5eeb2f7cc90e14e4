"""Groups of runs: their mean with its 95 % interval, the frontier of the best so far, the run in the middle."""

import math
import statistics
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from scipy.special import stdtrit

from core.runs.board import BoardRun
from core.runs.run import FINISHED

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of a figure over runs; low and high are the ends of its 95 % t interval, None for a single run."""

    value: float
    n: int
    low: float | None = None
    high: float | None = None


def mean(values: Sequence[float]) -> Mean | None:
    """Return the mean of values with its 95 % interval by Student's t; None without any value."""
    n = len(values)
    if not n:
        return None
    middle = math.fsum(values) / n
    if n == 1:
        return Mean(middle, 1)
    half = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * statistics.stdev(values, middle) / math.sqrt(n)
    return Mean(middle, n, middle - half, middle + half)


def frontier(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return which points (cost, score) no other beats at the same cost or less, the cheapest first.

    Of equal points the first counts.
    """
    best, found = -math.inf, []
    for index in sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1], i)):
        if points[index][1] > best:
            best = points[index][1]
            found.append(index)
    return found


def group(runs: Iterable[BoardRun], key: Callable[[BoardRun], Hashable]) -> dict[Hashable, list[BoardRun]]:
    """Return the runs by their key, both in the order in which they come."""
    found: dict[Hashable, list[BoardRun]] = {}
    for run in runs:
        found.setdefault(key(run), []).append(run)
    return found


def middle(runs: Sequence[BoardRun]) -> BoardRun:
    """Return the finished run whose accuracy is nearest the mean of all finished ones, else the first run.

    It stands for the group where only one run can: the best would be the luckiest.
    """
    scored = [(run, accuracy) for run in finished(runs) if (accuracy := run.number("test_accuracy")) is not None]
    if not scored:
        return runs[0]
    average = sum(accuracy for _, accuracy in scored) / len(scored)
    return min(scored, key=lambda pair: abs(pair[1] - average))[0]


def finished(runs: Iterable[BoardRun]) -> list[BoardRun]:
    """Return those that finished."""
    return [run for run in runs if run.state == FINISHED]
