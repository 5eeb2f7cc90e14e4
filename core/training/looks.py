"""How often, and on how many pictures, a run is evaluated before its end, so that it costs little time. No torch.

The final test is of all pictures. What comes before it only draws a curve: a fixed part of the test set, with the same
share of every class, is enough for that, and keeps the person from waiting.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOOKS = 16  # evaluations in a run, the last one included, so that even one epoch draws a curve
FEW_LOOKS = 3  # before the last: a shorter run is evaluated on fewer pictures before it is evaluated less often
PICTURES = 1_000  # in each; a 95 % interval of 90 % is then 1.9 points to either side
MOST_PICTURES = 2_000  # in those of long runs
FEWEST_PICTURES = 100  # fewer say nothing
PLANNED_SHARE = 0.08  # of the training time, for all evaluations before the last
SHARE = 0.10  # what they may take at most: one that would take more is left out
ALLOWED_SECONDS = 0.01  # a tenth of a run of moments is less than can be measured
VIEWS = {"none": 1, "mirror": 2, "mirror+shift": 6}  # how many views of a picture each kind averages
FORWARD = 1 / 3  # what evaluating a picture costs, as a part of training on it: no backward pass, no update


@dataclass(frozen=True, slots=True)
class Looks:
    """The evaluations of a run before its last."""

    count: int
    pictures: int  # in each, over all splits


def plan(trained: int, splits: int = 1) -> Looks:
    """Return how a run that trains on `trained` pictures in all, repeats counted, is evaluated on its way.

    `splits`: how many sets are evaluated each time. Each has about `pictures / splits` of them.
    """
    affordable = int(PLANNED_SHARE * trained / FORWARD)
    count = min(LOOKS - 1, max(FEW_LOOKS, affordable // (PICTURES * splits)))
    count = min(count, affordable // (FEWEST_PICTURES * splits))
    return Looks(count, min(MOST_PICTURES * splits, affordable // count)) if count else Looks(0, 0)


def places(steps: int, epochs: int, count: int) -> set[int]:
    """Return the steps after which to evaluate: about `count`, evenly spread, and the last one.

    Where epochs are few, the end of each is among them.
    """
    parts = count + 1
    if epochs <= parts:
        parts -= parts % epochs  # so that the end of every epoch is one of them
    return {math.ceil(steps * part / parts) for part in range(1, parts + 1)}


def stratified(labels: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """Return `count` positions in `labels` (N,), sorted: the same share of every class, spread over the whole set."""
    if count >= len(labels):
        return np.arange(len(labels))
    by_class = np.argsort(labels, kind="stable")  # positions, one class behind the other
    return np.sort(by_class[((np.arange(count) + 0.5) * len(labels) / count).astype(np.int64)])
