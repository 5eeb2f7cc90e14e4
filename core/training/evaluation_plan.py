"""Plan how often, and on how many pictures, a run is evaluated before its end. No torch.

The final test uses all pictures. The evaluations before it only draw a curve: a fixed part of the test set with equal
shares of every class is enough for that, and costs little time.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_EVALUATIONS = 16  # in a run, the last one included, so that even one epoch draws a curve
PICTURES_EACH = 1_000  # in each, at the least; a 95 % interval of 90 % is then 1.9 points to either side
SHORT_EVALUATIONS = 3  # of a run that cannot afford one of so many pictures: of fewer, to draw a curve at all
MAX_PICTURES_EACH = 2_000  # in those of long runs
MIN_PICTURES_EACH = 100  # fewer say nothing
PLANNED_SHARE = 0.08  # of the training time, for all evaluations before the last
MAX_SHARE = 0.10  # what they may take at most: one that would take more is left out
ALLOWED_SECONDS = 0.01  # a tenth of a run of moments is less than can be measured
VIEWS = {"none": 1, "mirror": 2, "mirror+shift": 6}  # how many views of a picture each kind averages
FORWARD_SHARE = 1 / 3  # cost of evaluating a picture, relative to training on it: no backward pass, no update


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """The evaluations of a run before its last one."""

    count: int
    pictures: int  # in each, over all splits


def plan(trained: int, splits: int = 1) -> EvaluationPlan:
    """Return the evaluations that a run can afford before its last one.

    Args:
        trained: Pictures that the run trains on in all, repeats counted.
        splits: How many sets are evaluated each time; each gets about `pictures / splits`.
    """
    affordable = int(PLANNED_SHARE * trained / FORWARD_SHARE)
    count = affordable // (PICTURES_EACH * splits) or min(SHORT_EVALUATIONS, affordable // (MIN_PICTURES_EACH * splits))
    count = min(count, MAX_EVALUATIONS - 1)
    return (
        EvaluationPlan(count, min(MAX_PICTURES_EACH * splits, affordable // count)) if count else EvaluationPlan(0, 0)
    )


def evaluation_steps(steps: int, epochs: int, count: int) -> set[int]:
    """Return the steps after which to evaluate: about `count`, evenly spread, and the last one.

    If there are few epochs, the end of each is among them.
    """
    parts = count + 1
    if epochs <= parts:
        parts -= parts % epochs  # so that the end of every epoch is one of them
    return {math.ceil(steps * part / parts) for part in range(1, parts + 1)}


def stratified(labels: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """Return `count` sorted positions in `labels` (N,): equal shares of every class, spread over the whole set."""
    if count >= len(labels):
        return np.arange(len(labels))
    by_class = np.argsort(labels, kind="stable")  # positions, one class behind the other
    return np.sort(by_class[((np.arange(count) + 0.5) * len(labels) / count).astype(np.int64)])
