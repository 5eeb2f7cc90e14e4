"""The learning rate of each step: a linear warm-up, then the schedule's decay. No torch."""

import math

from core.training.experiment import RANGE, Experiment

RANGE_SPAN = 1e6  # a range test begins at the learning rate divided by this


def learning_rate(
    experiment: Experiment, step: int, steps: int, steps_per_epoch: int, place: float | None = None
) -> float:
    """Return the rate of step `step` (from 0) of `steps`: a linear warm-up, then the schedule's decay.

    `place` is the position in the schedule, in steps; beyond `step` if a time budget runs out before the epochs do.
    """
    peak = experiment.peak_rate(step)
    place = step if place is None else place
    if experiment.schedule == RANGE:
        return peak * math.pow(RANGE_SPAN, place / max(1, steps - 1) - 1)
    warmup = experiment.warmup * steps
    if place < warmup:
        return peak * (place + 1) / (warmup + 1)
    done = (place - warmup) / max(1.0, steps - warmup)  # 0 to 1 over the rest of the run
    match experiment.schedule:
        case "linear":
            factor = 1 - done
        case "cosine":
            factor = (1 + math.cos(math.pi * done)) / 2
        case "step":
            # the gamma of PyTorch's MNIST example, from the peak on: the warm-up is no part of the fall
            factor = 0.7 ** int((place - warmup) // steps_per_epoch)
        case _:
            factor = 1.0
    return peak * factor
