"""Check that a network can learn, and that an experiment fits its data, before a training starts. No torch.

The pages, the run service and the command line all use these checks.
"""

from collections.abc import Sequence

from core.data import DatasetInfo
from core.layers.calculator import Row, analyze, flatten_blocks, totals
from core.layers.limits import TooLargeError, check_size
from core.layers.logits import ending
from core.layers.setting_checks import LayerError
from core.layers.specs import Activation, BatchNorm, CapsuleDecoder, CapsuleLengths, Conv, Dropout, Layer
from core.size_text import format_shape
from core.training.experiment import Experiment, ExperimentError


def check_trainable(layers: Sequence[Layer], input_shape: Sequence[int]) -> list[Row]:
    """Return the network's rows, if it can learn to classify pictures of `input_shape` (C, H, W).

    Raises:
        LayerError: Layers do not fit, there are no weights, a layer's output is the same for every picture, or the last
            layer's output cannot be logits. The message says what to change.
    """
    rows = analyze(layers, input_shape)
    _check_varies(rows)
    if not totals(rows).parameters:
        raise LayerError(
            None,
            "This network has no weights, so there is nothing to learn: add a fully connected layer (Linear) at its "
            "end, or a convolution.",
        )
    if fault := ending(rows).fault:
        raise LayerError(*fault)
    _check_decoder(rows)
    return rows


def smallest_batch(layers: Sequence[Layer], input_shape: Sequence[int], *others: Sequence[int]) -> int:
    """Return the fewest pictures that the network can be trained on at once: 2 with a batch norm of single values.

    A batch norm needs two values of each channel to have a variance: two pixels of a plane, or two pictures. The shapes
    are all (C, H, W) in which it sees pictures during training, as `input_shapes` gives them.
    """
    return 2 if any(_single_norm(analyze(layers, shape)) is not None for shape in (input_shape, *others)) else 1


def examples(experiment: Experiment, info: DatasetInfo) -> int:
    """Return how many pictures are trained on.

    Raises:
        ExperimentError: That leaves none, the network does not end in the data's classes, does not take the smaller
            pictures of the low-resolution phase, or has nothing to learn; or a batch is too small for its batch norm.
        LayerError: The network does not fit the data's pictures, cannot learn, or is too large to be trained.
    """
    rows = within_limits(experiment, info)
    outputs = rows[-1].output_shape
    if outputs != (len(info.classes),):
        raise ExperimentError(
            f"{info.title} has {len(info.classes)} classes, so the network must end in as many units, "
            f"but it ends in {format_shape(outputs)}."
        )
    check_trainable(experiment.layers, info.shape)
    if not _learned(experiment, rows):
        raise ExperimentError(
            "Whitening freezes all weights of this network, so there is nothing to learn: turn it off, or "
            "add a layer with weights."
        )
    for _, side in experiment.sizes:
        if not _takes(experiment, (info.shape[0], side, side), totals(rows).parameters):
            raise ExperimentError(
                f"This network cannot take pictures of {side} × {side} first: it needs a global pooling before its "
                "fully connected layers, and convolutions that fit. Or turn off the low-resolution phase."
            )
    if experiment.held_out >= info.train_images:
        raise ExperimentError(f"{info.title} has {info.train_images:,} training pictures: hold out fewer of them.")
    found = min(experiment.train_images, info.train_images - experiment.held_out)
    _check_batch(experiment, info, min(experiment.batch_size, found))
    return found


def within_limits(experiment: Experiment, info: DatasetInfo) -> list[Row]:
    """Return the network's rows on the data's pictures.

    Raises:
        LayerError: The network does not fit them.
        TooLargeError: The network is beyond the limits.
    """
    pictures = min(experiment.train_images, info.train_images - experiment.held_out)
    batch = min(experiment.batch_size, max(1, pictures))
    for shape in input_shapes(experiment, info)[1:]:
        try:
            check_size(experiment.layers, shape, batch)
        except TooLargeError as error:
            raise TooLargeError(None, f"On its resized pictures of {shape[1]} × {shape[2]}: {error}") from None
        except LayerError:
            continue  # that they do not fit is reported by `examples`
    return check_size(experiment.layers, info.shape, batch)


def input_shapes(experiment: Experiment, info: DatasetInfo) -> list[tuple[int, int, int]]:
    """Return the sizes (C, H, W) in which the network sees pictures during training."""
    return [info.shape, *((info.shape[0], side, side) for _, side in experiment.sizes)]


def _check_batch(experiment: Experiment, info: DatasetInfo, batch: int) -> None:
    """Raise ExperimentError for a batch of one if a batch norm would see one value of a channel."""
    if batch >= smallest_batch(experiment.layers, *input_shapes(experiment, info)):
        return
    places = (_single_norm(analyze(experiment.layers, shape)) for shape in input_shapes(experiment, info))
    place = next(place for place in places if place is not None)
    raise ExperimentError(
        f"layer {place + 1}: BatchNorm brings each channel to mean 0 over the batch, and a batch of one picture has a "
        "single value of each channel here. Use a batch size of at least 2, or remove this layer."
    )


def _single_norm(rows: Sequence[Row]) -> int | None:
    """Return the index of the first layer that is or holds a batch norm of one value a channel and picture."""
    for place, row in enumerate(rows):
        for inner in flatten_blocks([row]):
            if isinstance(inner.layer, BatchNorm) and all(side == 1 for side in inner.input_shape[1:]):
                return place
    return None


def _check_decoder(rows: Sequence[Row]) -> None:
    """Raise LayerError for a decoder that no loss would train."""
    for place, row in enumerate(rows):
        last = place == len(rows) - 2 and isinstance(rows[-1].layer, CapsuleLengths)
        if any(isinstance(inner.layer, CapsuleDecoder) for inner in flatten_blocks([row])) and not last:
            raise LayerError(
                place,
                "a CapsuleDecoder redraws the picture from the class's capsule, so it is the last layer but one: put a "
                "CapsuleLengths right after it, at the end.",
            )


def _check_varies(rows: Sequence[Row]) -> None:
    """Raise LayerError for a layer whose output is the same for every picture."""
    for place, row in enumerate(rows):
        for name, way in (("body", row.body), ("shortcut", row.shortcut)):
            try:
                _check_varies(way)
            except LayerError as error:
                where = f"in its {name}, layer {(error.index or 0) + 1}: "
                raise LayerError(place, where + error.reason) from None
        if reason := _constant(row):
            raise LayerError(place, reason)


def _constant(row: Row) -> str:
    """Return why a layer's output is the same for every picture, and what to do; empty for any other layer."""
    if isinstance(row.layer, Dropout) and row.layer.p == 1:
        return (
            "Dropout with probability 1 sets every number to 0 in training, so nothing before it learns: use 0.5, or "
            "remove it."
        )
    if row.layer == Activation("softmax") and row.input_shape[0] == 1:
        return "a Softmax over a single channel is 1 for every picture: give it more channels, or remove it."
    *_, height, width = (1, 1, *row.input_shape[1:])
    if not row.body and (row.unused[0] == width or row.unused[1] == height):
        return (
            "its windows are all in the padding, so that its output does not depend on the picture: use less padding."
        )
    return ""


def _learned(experiment: Experiment, rows: Sequence[Row]) -> int:
    """Return the number of trained parameters: those that no switch of the experiment freezes."""
    frozen = 0
    if experiment.whitening and isinstance(rows[0].layer, Conv):
        frozen += rows[0].weights
    if not experiment.norm_scale:
        frozen += sum(row.weights for row in flatten_blocks(rows) if isinstance(row.layer, BatchNorm))
    return totals(rows).parameters - frozen


def _takes(experiment: Experiment, shape: tuple[int, int, int], parameters: int) -> bool:
    """Return whether the network has the same parameters for pictures of this `shape`."""
    try:
        return totals(analyze(experiment.layers, shape)).parameters == parameters
    except LayerError:
        return False
