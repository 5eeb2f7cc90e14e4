"""Tell whether one class stands out among a few pictures, or is there as often as chance would have it. No torch."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc  # scipy.stats, which has it too, would take 58 MB of the web process

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
        int(one): float(bdtrc(counts[one] - 1, len(picked), total[one] / len(labels))) for one in np.flatnonzero(counts)
    }
    rarest = min(chances, key=chances.__getitem__, default=None)
    return rarest if rarest is not None and chances[rarest] * classes < LEVEL else None
