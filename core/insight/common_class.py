"""Tell whether one class stands out among a few pictures, or is there as often as chance would have it. Plain numpy."""

import math

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05  # of the test over all classes together


def class_that_stands_out(picked: NDArray[np.integer], labels: NDArray[np.integer]) -> int | None:
    """Return the class that is among the picked pictures more often than chance explains; None if there is none.

    For each class, the probability that as many or more of its pictures are drawn is binomial, with the class's share
    of all pictures. The smallest one, times the number of classes (Bonferroni), must be below LEVEL.

    Args:
        picked: (n,), the classes of the picked pictures.
        labels: (N,), the classes of all pictures that they were picked from.
    """
    counts, total = np.bincount(picked), np.bincount(labels)
    classes = int(np.count_nonzero(total))
    chances = {
        int(one): tail(int(counts[one]), len(picked), float(total[one]) / len(labels)) for one in np.flatnonzero(counts)
    }
    rarest = min(chances, key=chances.__getitem__, default=None)
    return rarest if rarest is not None and chances[rarest] * classes < LEVEL else None


def tail(count: int, trials: int, chance: float) -> float:
    """Return the probability of `count` or more hits in `trials`, each with the same chance."""
    return sum(
        math.comb(trials, hits) * chance**hits * (1 - chance) ** (trials - hits) for hits in range(count, trials + 1)
    )
