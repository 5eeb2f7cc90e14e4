"""Networks as JSON data: what files, links, the store and the experiments' keys hold.

Reading executes nothing, and takes only small plain values, so that a layer that was read is hashable.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields
from typing import Any

from core.layers.layer_count import MAX_DEPTH, MAX_LAYERS, layer_count, too_many_layers
from core.layers.specs import BLOCKS, EVERY_KIND, KINDS, Layer, Network, Residual

MAX_JSON_INTEGER = 2**53  # the largest whole number that survives a browser's JSON
MAX_NAME_LENGTH = 20  # letters


def to_json(layer: Layer) -> dict[str, Any]:
    """Return a layer as JSON data, with every field written out but later ones at their defaults.

    Examples:
        >>> from core.layers.specs import Linear
        >>> to_json(Linear(10))
        {'layer': 'Linear', 'units': 10, 'bias': True}
    """
    if isinstance(layer, Residual):
        ways = {"body": layer.body, "shortcut": layer.shortcut}
        return {"layer": "Residual", **{name: [to_json(inner) for inner in way] for name, way in ways.items()}}
    data: dict[str, Any] = {"layer": type(layer).__name__}
    for setting in fields(layer):
        if is_written(layer, setting):
            value = getattr(layer, setting.name)
            data[setting.name] = list(value) if isinstance(value, tuple) else value
    return data


def is_written(layer: "Layer", setting: "Field[Any]") -> bool:
    """Return whether a layer's JSON holds a setting: all do but a later one at its default."""
    return not setting.metadata.get("later") or bool(getattr(layer, setting.name) != setting.default)


def network_from_json(data: Sequence[object]) -> Network:
    """Return the layers of JSON data.

    Args:
        data: One JSON object per layer; a list that is too long is refused before the first is read.

    Returns:
        The network.

    Raises:
        ValueError: There are too many layers, or one is invalid.
    """
    if (count := layer_count(data)) > MAX_LAYERS:
        raise ValueError(too_many_layers(count).capitalize())
    return tuple(from_json(layer) for layer in data)


def _is_setting(value: object) -> bool:
    """Return whether JSON data can be a layer's setting: null, a flag, a number, a short name, or a pair of ints."""
    match value:
        case None | bool():
            return True
        case int():
            return abs(value) <= MAX_JSON_INTEGER
        case float():
            return math.isfinite(value)
        case str():
            return len(value) <= MAX_NAME_LENGTH
        case [first, second]:
            return all(type(number) is int and abs(number) <= MAX_JSON_INTEGER for number in (first, second))
        case _:
            return False


def from_json(data: object, depth: int = 0) -> Layer:
    """Return the layer that `to_json` wrote; nothing is executed.

    Only null, booleans, finite numbers, short strings and pairs of ints are accepted, so that the layer is hashable and
    small. Whether they make sense is checked by `core.layers.calculator.analyze`.

    Args:
        data: JSON data.
        depth: Number of blocks that contain the layer.

    Returns:
        The layer.

    Raises:
        ValueError: The data is anything else; the message is a sentence.

    Examples:
        >>> from_json({"layer": "Conv", "filters": 8, "kernel": [3, 3]})
        Conv(filters=8, kernel=3, stride=1, padding=0, dilation=1, groups=1, bias=True)
    """
    name = data.get("layer") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(name, str) or name not in EVERY_KIND:
        kinds = ", ".join(EVERY_KIND)
        raise ValueError(f'A layer is an object with a "layer" that is one of {kinds}; got {data!r:.80}.')
    if name in BLOCKS:
        return _block_from_json(data, depth + 1)
    kind = KINDS[name]
    known = {setting.name for setting in fields(kind)}
    values = {key: value for key, value in data.items() if key != "layer"}
    if unknown := [key for key in values if key not in known]:
        raise ValueError(f"{name} has no setting {unknown[0]!r:.40}; it has {', '.join(sorted(known)) or 'none'}.")
    for key, value in values.items():
        if not _is_setting(value):
            allowed = "a number, a pair of whole numbers, true or false, or a short name"
            raise ValueError(f"{key} of {name} must be {allowed}; got {value!r:.40}.")
    try:
        return kind(**values)
    except TypeError:
        raise ValueError(f"{name} needs {', '.join(f.name for f in fields(kind))}.") from None


def _block_from_json(data: Mapping[str, Any], depth: int) -> Residual:
    """Return a block at this depth, counted from 1. Raises ValueError."""
    if depth > MAX_DEPTH:
        raise ValueError(f"Blocks can be nested at most {MAX_DEPTH} deep.")
    ways = {key: value for key, value in data.items() if key != "layer"}
    if not {"body"} <= set(ways) <= {"body", "shortcut"} or not all(isinstance(way, list) for way in ways.values()):
        raise ValueError('Residual has a list of layers as its "body", and may have one as its "shortcut".')
    return Residual(**{key: tuple(from_json(inner, depth) for inner in way) for key, way in ways.items()})
