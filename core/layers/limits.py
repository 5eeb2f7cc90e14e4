"""Limit the size of networks that this app trains: parameters, work and memory, by arithmetic.

Everything that can start a training uses `check_size`: the pages, the run service, the session and the command line.
The limits allow a ResNet-18 on CIFAR-10, the largest network that the pages offer, and batches that keep a GPU busy;
anything larger would block other users of the machine.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from core.layers.calculator import FLOAT32_BYTES, Row, analyze, flatten_blocks, totals
from core.layers.setting_checks import LayerError
from core.layers.specs import Layer, Pool, RoutedCapsules, pair
from core.size_text import format_bytes

MAX_PARAMETERS = 25_000_000  # a ResNet-50 for ten classes fits; a worker keeps four numbers for each while it trains
MAX_WORK = 2_000_000_000  # multiply-adds for one picture, forward: four times a ResNet-18's on CIFAR-10
MAX_ACTIVATION_BYTES = 16 * 2**20  # of one picture: twice a ResNet-18's
MAX_BATCH_WORK = 300_000_000_000  # of one batch: some 20 s a step on two cores
MAX_BATCH_ACTIVATION_BYTES = 4 * 2**30  # of one batch, which a training keeps until it has gone back through them
CHEAP_BATCH_WORK = 20_000_000_000  # of one batch: a step of well under two seconds on two cores
CHEAP_BATCH_ACTIVATION_BYTES = 512 * 2**20


class TooLargeError(LayerError):
    """Raised for a valid network that is too large to be trained here; the message says what to change."""


@dataclass(frozen=True, slots=True)
class NetworkSize:
    """The cost of one picture."""

    parameters: int
    work: int  # multiply-adds, with the values that pooling windows read and all iterations of a routing
    activation_bytes: int

    def is_cheap(self, batch_size: int) -> bool:
        """Return whether a step on a batch of `batch_size` is so short that it may run before anyone submits it."""
        cheap = self.work * batch_size <= CHEAP_BATCH_WORK
        return cheap and self.activation_bytes * batch_size <= CHEAP_BATCH_ACTIVATION_BYTES

    @property
    def largest_batch(self) -> int:
        """The largest batch within the limits; 0 if not even one picture is."""
        if self.work > MAX_WORK or self.activation_bytes > MAX_ACTIVATION_BYTES:
            return 0
        by_work = MAX_BATCH_WORK // max(1, self.work)
        return min(by_work, MAX_BATCH_ACTIVATION_BYTES // max(1, self.activation_bytes))


def size_of(rows: Sequence[Row]) -> NetworkSize:
    """Return the cost of one picture in a network's rows.

    Args:
        rows: The network's rows, from `core.layers.calculator.analyze`.

    Returns:
        Parameters, multiply-adds and bytes of activations.

    Examples:
        >>> from core.layers.specs import Flatten, Linear
        >>> size_of(analyze([Flatten(), Linear(10)], (1, 28, 28)))
        NetworkSize(parameters=7850, work=7840, activation_bytes=3176)
    """
    sums = totals(rows)
    each = flatten_blocks(rows)
    return NetworkSize(
        sums.parameters,
        sums.macs + sum(_pooling_reads(row) + routing_work(row) for row in each),
        sums.activation_bytes + sum(_routing_bytes(row) for row in each),
    )


def check_size(layers: Sequence[Layer], input_shape: Sequence[int], batch_size: int = 1) -> list[Row]:
    """Return the rows of a network that is small enough to be trained here.

    Args:
        layers: The network.
        input_shape: Shape of one picture, (C, H, W).
        batch_size: Pictures per batch.

    Returns:
        The rows of `analyze`.

    Raises:
        TooLargeError: The network or the batch exceeds a limit above.
        LayerError: The layers do not fit together, or are too many for `analyze`.
    """
    rows = analyze(layers, input_shape)
    size = size_of(rows)
    if size.parameters > MAX_PARAMETERS:
        _refuse(
            f"The network has {size.parameters:,} parameters; the limit for training is {MAX_PARAMETERS:,}. Use fewer "
            "filters or units."
        )
    if size.work > MAX_WORK:
        _refuse(
            f"The network needs {size.work / 1e9:,.1f} billion multiply-adds for one picture; the limit for training "
            f"is {MAX_WORK / 1e9:.0f} billion. Use fewer filters, or pool earlier."
        )
    if size.activation_bytes > MAX_ACTIVATION_BYTES:
        _refuse(
            f"The layers' outputs take {format_bytes(size.activation_bytes)} for one picture; the limit for "
            f"training is {format_bytes(MAX_ACTIVATION_BYTES)}. Use fewer filters, or pool earlier."
        )
    if batch_size > (largest := size.largest_batch):
        _refuse(
            f"A batch of {batch_size:,} pictures needs too much work or memory for a network of this size: choose a "
            f"batch size of at most {largest:,}, or use fewer filters."
        )
    return rows


def is_cheap(layers: Sequence[Layer], input_shape: Sequence[int], batch_size: int) -> bool:
    """Return whether one training step is so short that it delays nobody.

    Args:
        layers: The network.
        input_shape: Shape of one picture, (C, H, W).
        batch_size: Pictures per batch.

    Returns:
        False also for a network that cannot be trained.
    """
    try:
        return size_of(check_size(layers, input_shape, batch_size)).is_cheap(batch_size)
    except LayerError:
        return False


def _pooling_reads(row: Row) -> int:
    """Return the number of values that the windows of a pooling layer read: no multiply-adds, but still work."""
    if not isinstance(row.layer, Pool):
        return 0
    kernel, plane = pair(row.layer.kernel), row.input_shape[1:]
    return math.prod(row.output_shape) * min(kernel[0], plane[0]) * min(kernel[1], plane[1])


def routing_work(row: Row) -> int:
    """Return the multiply-adds of a routing beyond the first iteration's: each other one weighs and compares.

    Args:
        row: A layer's row.

    Returns:
        0 for a layer that does not route.
    """
    return 2 * row.macs * max(0, row.layer.iterations - 1) if isinstance(row.layer, RoutedCapsules) else 0


def _routing_bytes(row: Row) -> int:
    """Return the memory of a routing: the weighted poses, one set for each capsule of the next layer."""
    if not isinstance(row.layer, RoutedCapsules):
        return 0
    kept = max(1, row.layer.iterations) if row.layer.through else 1
    return FLOAT32_BYTES * kept * math.prod(row.input_shape) * row.layer.capsules


def _refuse(reason: str) -> NoReturn:
    """Raise TooLargeError."""
    raise TooLargeError(None, reason)
