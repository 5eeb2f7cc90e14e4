"""Estimate the duration of an experiment from the speed at which this machine trains it. No torch."""

import math
from dataclasses import dataclass

from core.data import DatasetInfo
from core.layers.calculator import analyze, totals
from core.training import evaluation_plan
from core.training.experiment import Experiment

PREPARE_SECONDS = 0.3  # on a worker that has the data in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a run's seconds; `save` is for the checkpoints."""

    prepare: float
    train: float
    evaluate: float
    save: float = 0.0

    @property
    def whole(self) -> float:
        """The sum of the parts: the run's wall-clock seconds without the queue."""
        return self.prepare + self.train + self.evaluate + self.save


def planned_seconds(experiment: Experiment, info: DatasetInfo, images_per_second: float) -> Parts:
    """Estimate the seconds of a run.

    Args:
        experiment: What will be trained.
        info: The data that it will be trained on.
        images_per_second: Training pictures of full size a second, as measured on this machine.

    Returns:
        The parts. Training follows from the measured speed, testing from the share that the forward pass has in a
        training step, and preparing is what it usually takes.

    Raises:
        LayerError: The network does not fit the data's pictures.
    """
    train = _training_work(experiment, info) / images_per_second
    if experiment.time_budget:
        train = min(train, experiment.time_budget)
    final = (info.test_images + experiment.held_out) * evaluation_plan.VIEWS[experiment.test_time]
    evaluate = (
        (_evaluated_before_the_end(experiment, info, train * images_per_second) + final)
        * evaluation_plan.FORWARD_SHARE
        / images_per_second
    )
    return Parts(prepare=PREPARE_SECONDS, train=train, evaluate=evaluate)


def _evaluated_before_the_end(experiment: Experiment, info: DatasetInfo, trained: float) -> int:
    """Return how many pictures are evaluated before the end of a run that trains on `trained`, repeats counted."""
    planned = evaluation_plan.plan(int(trained), 2 if experiment.held_out else 1)
    return planned.count * min(planned.pictures, info.test_images + experiment.held_out)


def _training_work(experiment: Experiment, info: DatasetInfo) -> float:
    """Return the pictures of all epochs, or up to an early end; smaller ones count as their share of multiply-adds."""
    images = min(experiment.train_images, info.train_images - experiment.held_out)
    steps = math.ceil(images / experiment.batch_size) * experiment.epochs
    end = min(1.0, experiment.stop_step / steps) if experiment.stop_step else 1.0
    full = max(_macs(experiment, info.shape), 1) if experiment.sizes else 1
    work, since = 0.0, 0.0
    for until, side in experiment.sizes:
        work += max(0.0, min(until, end) - since) * _macs(experiment, (info.shape[0], side, side)) / full
        since = until
    return images * experiment.epochs * (work + max(0.0, end - since))


def _macs(experiment: Experiment, shape: tuple[int, int, int]) -> int:
    return totals(analyze(experiment.layers, shape)).macs
