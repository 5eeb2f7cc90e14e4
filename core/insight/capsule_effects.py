"""Summarize what each number of a capsule does to a digit's handwriting. Plain numpy, for pages."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.images.handwriting_measures import MEASURES
from core.insight.confusion import wilson_interval
from core.insight.robustness import Share

FAINT = 0.1  # standard deviations: a number that moves no measure by more, on average, does hardly anything


@dataclass(frozen=True, slots=True)
class NumberEffect:
    """What one number of a capsule does when it goes from 0.25 below to 0.25 above the network's own."""

    changes: tuple[float, ...]  # mean change of each measure, in its unit
    sizes: tuple[float, ...]  # mean size of the change, in standard deviations of the measure from digit to digit
    most: str  # the key of the measure that it moves most, in the most digits
    share: Share  # of the digits in which it moves that measure most

    @property
    def is_faint(self) -> bool:
        """Return whether it does hardly anything."""
        return max(self.sizes) < FAINT


def summarize(effects: NDArray[np.floating], spread: NDArray[np.floating]) -> list[NumberEffect]:
    """Return what each of E numbers does.

    Args:
        effects: (N, E, measures), the change of each measure for each digit and number.
        spread: (measures,), the standard deviation of each measure from digit to digit, which makes them comparable.
    """
    sizes = np.abs(effects) / spread
    winners = sizes.argmax(axis=2)  # (N, E)
    found = []
    for number in range(effects.shape[1]):
        counts = np.bincount(winners[:, number], minlength=len(MEASURES))
        most = int(counts.argmax())
        low, high = wilson_interval(int(counts[most]), len(effects))
        found.append(
            NumberEffect(
                tuple(effects[:, number].mean(axis=0, dtype=np.float64).tolist()),
                tuple(sizes[:, number].mean(axis=0, dtype=np.float64).tolist()),
                list(MEASURES)[most],
                Share(float(counts[most] / len(effects)), low, high),
            )
        )
    return found
