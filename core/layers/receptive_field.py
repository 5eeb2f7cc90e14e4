"""Find the pixels that each unit of a network sees: its receptive field, cropped at the picture's border."""

from collections.abc import Sequence

from core.layers.calculator import MAX_EXACT_SIDE, LayerError, analyze
from core.layers.seen_pixels import ReceptiveFields
from core.layers.specs import Layer


def receptive_fields(layers: Sequence[Layer], input_shape: Sequence[int]) -> list[ReceptiveFields]:
    """Return the receptive fields of every layer's units.

    Args:
        layers: The network.
        input_shape: Shape of one picture, (C, H, W).

    Returns:
        One entry per layer, in order.

    Raises:
        LayerError: A layer does not fit, as in `analyze`, or its planes are too large to be followed unit by unit.

    References:
        Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks", 2019.

    Examples:
        Two 3 x 3 convolutions see 5 x 5 pixels, fewer at the border:

        >>> from core.layers.specs import Conv
        >>> first, second = receptive_fields([Conv(1, 3, padding=1), Conv(1, 3, padding=1)], (1, 7, 7))
        >>> second.rows.tolist()
        [[0, 3], [0, 4], [0, 5], [1, 6], [2, 7], [3, 7], [4, 7]]
        >>> second.box(unit=3 * 7 + 3)  # the unit in the middle
        (1, 6, 1, 6)
    """
    found = []
    for index, row in enumerate(analyze(layers, input_shape)):
        if row.fields is None:
            raise LayerError(index, f"its units are followed only on planes of at most {MAX_EXACT_SIDE:,} pixels.")
        found.append(row.fields)
    return found
