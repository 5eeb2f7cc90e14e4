"""Summarize predictions for transformed pictures: accuracy, accuracy lost by a shift, consistency.

Plain numpy, for pages and for training pretrained networks; `core.insight.invariance` makes the predictions.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.insight.confusion import wilson_interval
from core.insight.transforms import MAX_SHIFT, SHIFTS, AffineTransform

DISTANCES = (2, 4, 8)  # px: of the shifts that the pretrained networks are measured at


@dataclass(frozen=True, slots=True)
class Share:
    """A share of pictures, or another mean over them, with its 95 % interval; of a loss it may be negative."""

    value: float
    low: float
    high: float


def accuracy(answers: ArrayLike, labels: ArrayLike) -> Share:
    """Return the accuracy of (N,) predictions, with Wilson's interval."""
    right = np.asarray(answers) == np.asarray(labels)
    low, high = wilson_interval(int(right.sum()), right.size)
    return Share(float(right.mean()), low, high)


def directions(distance: int) -> tuple[AffineTransform, ...]:
    """Return the transforms right, left, down and up by `distance` px."""
    return tuple(AffineTransform(dx=x * distance, dy=y * distance) for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)))


def lost(still: ArrayLike, moved: ArrayLike, labels: ArrayLike) -> Share:
    """Return the accuracy lost by a shift.

    The interval is that of the mean over pictures of (right before - share of the directions in which it is right
    after), each picture compared with itself: the normal one, which N in the hundreds justifies.

    Args:
        still: Predictions for the unchanged pictures, (N,).
        moved: Predictions for the shifted ones in four directions, (4, N).
        labels: (N,).
    """
    truth = np.asarray(labels)
    return mean((np.asarray(still) == truth) - (np.asarray(moved) == truth).mean(axis=0))  # (N,), from -1 to 1


def accuracy_difference(first: ArrayLike, second: ArrayLike, labels: ArrayLike) -> Share:
    """Return how much more accurate the first of two (N,) predictions of the same pictures is than the second.

    The interval is that of the mean over pictures of (first is right - second is right).
    """
    truth = np.asarray(labels)
    return mean((np.asarray(first) == truth).astype(float) - (np.asarray(second) == truth))


def mean(each: ArrayLike) -> Share:
    """Return the mean of (N,) values with its 95 % interval: 1.96 standard errors to either side."""
    values = np.asarray(each, float)
    reach = NormalDist().inv_cdf(0.975) * float(values.std(ddof=1)) / math.sqrt(values.size)
    middle = float(values.mean())
    return Share(middle, middle - reach, middle + reach)


def largest_step(steps: ArrayLike) -> NDArray[np.float64]:
    """Return how many times the mean step the largest one is, (N,), for the steps (M, N) of N ways; 1 is even.

    A way without any step is even.
    """
    along = np.asarray(steps, float)
    middle = along.mean(axis=0)
    ratios: NDArray[np.float64] = np.divide(along.max(axis=0), middle, out=np.ones_like(middle), where=middle > 0)
    return ratios


def lost_on_map(answers: NDArray[np.uint8], labels: ArrayLike, distance: int) -> Share:
    """Return `lost` from the predictions for all shifts, (17 dy, 17 dx, N), both from -8 to 8 px."""
    middle = MAX_SHIFT
    four = [answers[middle + int(move.dy), middle + int(move.dx)] for move in directions(distance)]
    return lost(answers[middle, middle], np.stack(four), labels)


def consistency_map(answers: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how often the prediction stays the same when a shifted picture shifts by one more pixel: (17, 17).

    The mean over the neighbors right, left, below and above that are on the map.
    """
    same = np.zeros((len(SHIFTS), len(SHIFTS)))
    count = np.zeros_like(same)
    for axis in (0, 1):
        before, after = (np.take(answers, range(start, start + len(SHIFTS) - 1), axis=axis) for start in (0, 1))
        kept = (before == after).mean(axis=2)
        for start in (0, 1):
            places = [slice(None), slice(None)]
            places[axis] = slice(start, start + len(SHIFTS) - 1)
            same[tuple(places)] += kept
            count[tuple(places)] += 1
    shares: NDArray[np.float64] = same / count
    return shares


def consistency(answers: NDArray[np.uint8], within: int = MAX_SHIFT) -> Share:
    """Return how often the prediction stays the same under a shift of one pixel, at most `within` px from the middle.

    Zhang's measure (2019), for neighbors. The interval takes each picture's own share as one observation.
    """
    low, high = MAX_SHIFT - within, MAX_SHIFT + within + 1
    part = answers[low:high, low:high]
    across, down = (part[:, 1:] == part[:, :-1]), (part[1:] == part[:-1])
    each = np.concatenate([across.reshape(-1, part.shape[2]), down.reshape(-1, part.shape[2])]).mean(axis=0)  # (N,)
    share = mean(each)
    return Share(share.value, max(0.0, share.low), min(1.0, share.high))


def changes(answers: ArrayLike) -> list[int]:
    """Return the indices in (M,) predictions along a slider at which the prediction differs from the one before."""
    along = np.asarray(answers)
    return (np.flatnonzero(along[1:] != along[:-1]) + 1).tolist()
