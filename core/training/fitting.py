"""Whether an experiment's network and numbers fit its data."""

import math
from collections.abc import Sequence

from core.data import DatasetInfo
from core.layers.calculator import analyse, totals
from core.layers.checks import LayerError
from core.layers.specs import BatchNorm, Layer
from core.training.experiment import Experiment, ExperimentError


def examples(experiment: Experiment, info: DatasetInfo) -> int:
    """How many pictures are trained on.

    Raises ExperimentError when that leaves none, or the network does not end in the data's classes, or does not take
    the smaller pictures that it is to see first; LayerError for a network that does not fit the data's pictures.
    """
    rows = analyse(experiment.layers, info.shape)
    outputs = rows[-1].output_shape
    if outputs != (len(info.classes),):
        raise ExperimentError(
            f"{info.title} has {len(info.classes)} classes, so the network must end in as many units, "
            f"but it ends in {' x '.join(map(str, outputs))}."
        )
    for _, side in experiment.sizes:
        if not _takes(experiment, (info.shape[0], side, side), totals(rows).parameters):
            raise ExperimentError(
                f"This network cannot take pictures of {side} x {side} first: it needs a global pooling before its "
                "fully connected layers, and convolutions that fit. Switch smaller pictures first off."
            )
    if experiment.held_out >= info.train_images:
        raise ExperimentError(f"{info.title} has {info.train_images:,} training pictures: hold out fewer of them.")
    return min(experiment.train_images, info.train_images - experiment.held_out)


def smallest_batch(layers: Sequence[Layer], input_shape: Sequence[int]) -> int:
    """Return how many pictures a batch must have at least: batch norm needs more than one value a channel."""
    rows = analyse(layers, input_shape)
    return 2 if any(isinstance(row.layer, BatchNorm) and math.prod(row.input_shape[1:]) == 1 for row in rows) else 1


def _takes(experiment: Experiment, shape: tuple[int, int, int], parameters: int) -> bool:
    """Whether the network has the same parameters for pictures of this `shape`."""
    try:
        return totals(analyse(experiment.layers, shape)).parameters == parameters
    except LayerError:
        return False
