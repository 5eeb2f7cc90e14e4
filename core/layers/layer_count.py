"""Count a network's layers, and limit how many there are and how deep blocks are nested."""

from collections.abc import Iterable, Mapping

from core.layers.specs import BLOCKS, Residual

MAX_DEPTH = 4  # of nested blocks
MAX_LAYERS = 1_000  # of a network, including those inside blocks


def layer_count(layers: Iterable[object]) -> int:
    """Return the number of layers, including those inside blocks; a block itself counts as one.

    Args:
        layers: Layer specs, or the JSON data of specs. Nothing is validated, so counting is cheap.

    Returns:
        The number of layers.

    Examples:
        >>> from core.layers.specs import Activation, BatchNorm, Conv
        >>> layer_count([Residual([Conv(8, 3, padding=1), BatchNorm()]), Activation()])
        4
    """
    count, left = 0, list(layers)
    while left:
        layer = left.pop()
        count += 1
        if isinstance(layer, Residual):
            left += (*layer.body, *layer.shortcut)
        elif isinstance(layer, Mapping) and str(layer.get("layer")) in BLOCKS:
            for way in (layer.get("body"), layer.get("shortcut")):
                left += way if isinstance(way, list) else ()
    return count


def too_many_layers(count: int) -> str:
    """Return the sentence for a network of more than MAX_LAYERS layers."""
    return f"a network can have at most {MAX_LAYERS:,} layers; this one has {count:,}, including those inside blocks."
