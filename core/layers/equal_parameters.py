"""Networks of a wanted number of parameters, for comparisons at an equal budget."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from math import sqrt

from core.layers.builders import capsule_network, cnn_of_blocks
from core.layers.calculator import analyze, totals
from core.layers.setting_checks import MAX_CHANNELS
from core.layers.specs import CapsuleDecoder, Layer, Network

DIGIT = (1, 28, 28)
FILTERS, REFERENCE = 24, 242_000  # filters of the plain CNN's first block, at so many parameters
CAPSULE_FILTERS = 48  # of the capsules' convolution, from which the types are chosen
MAX_TYPES, MAX_FILTERS = 32, 256


def parameters(layers: Sequence[Layer], input_shape: Sequence[int] = DIGIT) -> int:
    """Return the number of a network's parameters."""
    return totals(analyze(layers, input_shape)).parameters


def without_decoder(layers: Network) -> Network:
    """Return a capsule network without its decoder, which takes no part in an answer."""
    return tuple(layer for layer in layers if not isinstance(layer, CapsuleDecoder))


def width_for_parameters(target: int, depth: int, inputs: int = 784, classes: int = 10) -> int:
    """Return the hidden width of the MLP whose number of parameters is nearest to a target.

    Args:
        target: Number of parameters.
        depth: Number of hidden layers of equal width, at least 1.
        inputs: Values of one picture.
        classes: Number of classes.

    Returns:
        Units per hidden layer, at least 1.

    Raises:
        ValueError: The depth is below 1: without hidden layers there is no width.

    Examples:
        >>> width_for_parameters(100_000, depth=1)
        126
    """
    if depth < 1:
        raise ValueError(f"An MLP needs at least 1 hidden layer to have a width; got {depth}.")

    def count(width: int) -> int:
        """Return the parameters of an MLP of this width."""
        return (inputs + 1) * width + (depth - 1) * (width + 1) * width + (width + 1) * classes

    widths = range(1, MAX_CHANNELS + 1)
    above = bisect_left(widths, target, key=count)  # the first that has as many
    nearest = widths[max(above - 1, 0) : above + 1]
    return min(nearest, key=lambda width: abs(count(width) - target))


def cnn_for_parameters(target: int, input_shape: Sequence[int] = DIGIT) -> Network:
    """Return a plain CNN of about `target` parameters: two blocks with batch norm, and a dense layer.

    Examples:
        >>> parameters(cnn_for_parameters(100_000))
        100150
    """
    filters = max(2, round(FILTERS * sqrt(target / REFERENCE)))

    def network(dense: int) -> Network:
        """Return the CNN with so many dense units."""
        return cnn_of_blocks([(filters, 5), (2 * filters, 5)], padded=False, batch_norm=True, dense=dense)

    return network(_linear(target, lambda dense: parameters(network(dense), input_shape), 1, target))


def capsules_for_parameters(target: int, pose: int, dimensions: int, *, shared: bool = False) -> tuple[int, int]:
    """Return the types of primary capsules, and the filters before them, that come nearest to `target` parameters.

    Args:
        target: Number of parameters, without a decoder.
        pose: Numbers of a primary capsule.
        dimensions: Numbers of a class's capsule.
        shared: As in `RoutedCapsules`.

    Returns:
        Types and filters, as for `capsule_network`.
    """

    def count(types: int, filters: int) -> int:
        """Return the parameters of such a network."""
        return parameters(capsule_network(filters, types=types, pose=pose, dimensions=dimensions, shared=shared))

    types = _linear(target, lambda types: count(types, CAPSULE_FILTERS), 1, MAX_TYPES)
    return types, _linear(target, lambda filters: count(types, filters), 1, MAX_FILTERS)


def _linear(target: int, count: Callable[[int], int], low: int, high: int) -> int:
    """Return the size from `low` to `high` whose count, which grows by the same each time, is nearest to a target."""
    base = count(low)
    return min(max(low + round((target - base) / (count(low + 1) - base)), low), high)
