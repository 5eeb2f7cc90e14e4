"""The learning-rate range test (Smith 2017): let the rate rise and see where the loss falls fastest. No torch.

It is an experiment like any other, so that it runs where trainings run, can be watched and is kept: its points are
those of its progress.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.training.experiment import RANGE, Experiment

STEPS = 120
HIGHEST = 10.0  # the rate it ends at; it begins at a millionth of that
SMOOTHING = 0.8  # of the loss, as an exponential mean over the steps
SAFETY = 4.0  # the rate suggested is the one of the least loss divided by this


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a range test says."""

    learning_rate: float
    steepest: float  # the rate at which the loss fell fastest
    lowest: float  # the rate at which it was least: just beyond, the training falls apart


def range_test(experiment: Experiment) -> Experiment:
    """The range test of `experiment`: all of it as it is, but a few steps over which the rate rises a millionfold."""
    images = min(experiment.train_images, STEPS * experiment.batch_size)
    return replace(
        experiment,
        train_images=images,
        epochs=min(200, max(1, round(STEPS * experiment.batch_size / images))),
        held_out=0,
        schedule=RANGE,
        learning_rate=HIGHEST,
        warmup=0.0,
        time_budget=0.0,
        small_first=0.0,
        averaging="none",
        changes=(),
        stop_at=0,
    )


def suggestion(rates: Sequence[float], losses: Sequence[float]) -> Suggestion | None:
    """What the points (learning rate, loss) of a range test say, in their order; None for fewer than ten."""
    if len(rates) < 10:
        return None
    smooth: list[float] = []
    for loss in losses:
        smooth.append(loss if not smooth else SMOOTHING * smooth[-1] + (1 - SMOOTHING) * loss)
    lowest = min(range(len(smooth)), key=smooth.__getitem__)
    falls = [smooth[place] - smooth[place + 1] for place in range(lowest)]  # rates rise evenly on a log scale
    steepest = max(range(lowest), key=falls.__getitem__) if falls else 0
    return Suggestion(rates[lowest] / SAFETY, rates[steepest], rates[lowest])
