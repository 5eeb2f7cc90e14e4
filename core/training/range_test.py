"""The learning-rate range test (Smith 2017): raise the rate and see where the loss falls fastest. No torch.

It is an experiment like any other, so that it is trained, watched and stored like one: its points are its progress.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from core.training.experiment import RANGE, Experiment

RANGE_STEPS = 120
MAX_RATE = 10.0  # the rate it ends at; it begins at a millionth of that
SMOOTHING = 0.8  # of the loss, as an exponential mean over the steps
SAFETY = 4.0  # the rate suggested is the one of the least loss divided by this
MIN_POINTS = 10  # points from which something can be read
MIN_FALL = 0.03  # of the first loss: a fall of less says nothing of the rate
MIN_RISE = 0.1  # of the fall: the loss has turned once it has risen by this share
NOISE = 1.7  # deviations of the loss from one step to the next, within which neither counts
SEGMENTS = 12  # the steepest fall is that over one of so many equal parts


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The result of a range test."""

    learning_rate: float
    steepest: float  # the rate at which the loss fell fastest
    lowest: float  # the rate at which it was least: just beyond, the training falls apart


def range_test(experiment: Experiment) -> Experiment:
    """Return the range test of an experiment: a few steps of it, over which the rate rises a millionfold."""
    images = min(experiment.train_images, RANGE_STEPS * experiment.batch_size)
    return replace(
        experiment,
        train_images=images,
        epochs=min(200, max(1, round(RANGE_STEPS * experiment.batch_size / images))),
        held_out=0,
        schedule=RANGE,
        learning_rate=MAX_RATE,
        warmup=0.0,
        time_budget=0.0,
        low_res_fraction=0.0,
        averaging="none",
        lr_changes=(),
        stop_step=0,
    )


def suggestion(rates: Sequence[float], losses: Sequence[float]) -> Suggestion | None:
    """Return the learning rate that a range test suggests; None if its points do not show one.

    Args:
        rates: The learning rate of each point, in their order.
        losses: The loss of each point.
    """
    found = _read(rates, losses)
    return found if isinstance(found, Suggestion) else None


def doubt(rates: Sequence[float], losses: Sequence[float]) -> str:
    """Return why these points show no learning rate, and what to try, as a sentence; empty if they show one."""
    found = _read(rates, losses)
    return found if isinstance(found, str) else ""


def _read(rates: Sequence[float], losses: Sequence[float]) -> Suggestion | str:
    """Read the points; a loss that is not a number, as after divergence, is one that has risen."""
    whole = list(takewhile(math.isfinite, losses))
    if len(whole) < MIN_POINTS:
        return (
            f"there are only {len(whole)} points before it ended or the loss stopped being a number; {MIN_POINTS} are "
            "needed. Run it to its end; if it was at its end, check the network and its data first."
        )
    # not the first loss, which may be far off by chance; the lowest of three, as it may rise or fall from the start
    start = min(statistics.median(whole[: max(3, len(whole) // part)]) for part in (4, 10, 40))
    smooth = [start]
    for loss in whole[1:]:
        smooth.append(SMOOTHING * smooth[-1] + (1 - SMOOTHING) * loss)
    lowest = min(range(len(smooth)), key=smooth.__getitem__)
    steps = [abs(after - before) for before, after in pairwise(whole[: max(lowest, len(whole) // 3, MIN_POINTS)])]
    noise = NOISE * statistics.median(steps)
    fall = start - smooth[lowest]
    if lowest == 0 or fall <= max(MIN_FALL * abs(start), noise):
        return (
            f"the loss never fell clearly below the {start:.2f} it began with, at any rate from {rates[0]:.2g} to "
            f"{rates[len(whole) - 1]:.2g}. Try a larger batch, batch normalization behind the convolutions or another "
            "optimizer, and run it again."
        )
    rise = max(smooth[lowest:]) - smooth[lowest]
    if len(whole) == len(losses) and rise <= max(MIN_RISE * fall, noise):
        last = rates[-1]
        return (
            f"the loss had not risen again at the highest rate, {last:.2g}. Train one epoch each with the rates "
            f"{last / 100:.2g}, {last / 10:.2g} and {last:.2g}, and keep the best."
        )
    span = min(lowest, max(1, len(whole) // SEGMENTS))  # rates rise evenly on a log scale
    steepest = max(range(lowest - span + 1), key=lambda place: smooth[place] - smooth[place + span])
    return Suggestion(rates[lowest] / SAFETY, rates[steepest + span // 2], rates[lowest])
