"""Whether an experiment's network and numbers fit its data."""

from core.data import DatasetInfo
from core.layers.calculator import Row, analyse, totals
from core.layers.checks import LayerError
from core.layers.limits import check_size
from core.training.experiment import Experiment, ExperimentError


def examples(experiment: Experiment, info: DatasetInfo) -> int:
    """How many pictures are trained on.

    Raises ExperimentError when that leaves none, or the network does not end in the data's classes, or does not take
    the smaller pictures that it is to see first; LayerError for a network that does not fit the data's pictures, or is
    too large to be trained here.
    """
    rows = within_limits(experiment, info)
    outputs = rows[-1].output_shape
    if outputs != (len(info.classes),):
        raise ExperimentError(
            f"{info.title} has {len(info.classes)} classes, so the network must end in as many units, "
            f"but it ends in {' x '.join(map(str, outputs))}."
        )
    if experiment.small_first and not _takes(experiment, info.shape[0], totals(rows).parameters):
        side = experiment.small_size
        raise ExperimentError(
            f"This network cannot take pictures of {side} x {side} first: it needs a global pooling before its "
            "fully connected layers, and convolutions that fit. Switch smaller pictures first off."
        )
    if experiment.held_out >= info.train_images:
        raise ExperimentError(f"{info.title} has {info.train_images:,} training pictures: hold out fewer of them.")
    return min(experiment.train_images, info.train_images - experiment.held_out)


def within_limits(experiment: Experiment, info: DatasetInfo) -> list[Row]:
    """Return the network's rows on the data's pictures. Raises LayerError, and TooLargeError for one beyond limits."""
    pictures = min(experiment.train_images, info.train_images - experiment.held_out)
    return check_size(experiment.layers, info.shape, min(experiment.batch_size, max(1, pictures)))


def _takes(experiment: Experiment, channels: int, parameters: int) -> bool:
    """Whether the network has the same parameters for the smaller pictures."""
    side = experiment.small_size
    try:
        return totals(analyse(experiment.layers, (channels, side, side))).parameters == parameters
    except LayerError:
        return False
