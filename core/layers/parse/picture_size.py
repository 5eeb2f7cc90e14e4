"""Find the size of the picture that a network is written for, and build the network for it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.layers.parse.build import Builder
from core.layers.parse.libraries.torch_signatures import CHANNEL_NAMES
from core.layers.parse.trace import Entry, Fork, ParseError, Picture, use_count
from core.layers.setting_checks import LayerError, check_input
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import Network

# What may stand before the first fully connected layer of an MLP: it leaves the number of values as it is.
FLAT = {"flatten", "view", "reshape", "Flatten", "Dropout", "ReLU", "getitem", "squeeze", "input"}
USUAL_SIDE = 224  # pixels of the pictures that large networks take
SIDES = (28, 32, USUAL_SIDE, 64, 227, 48, 96, 128, 256, 299, 16, 8, 40, 384, 512)  # of pictures, the usual ones first
MAX_TRIED_SIDE = 260  # of a small network every side below is tried
SMALL_NETWORK = 100  # layers


@dataclass(frozen=True, slots=True)
class Fitted:
    """A network and its picture's shape, with sentences on what was assumed."""

    layers: Network
    picture: Picture
    notes: tuple[str, ...]


def fit(
    entries: tuple[Entry, ...],
    hints: Sequence[Shape],
    given: Picture | None,
    printed: bool = False,
    unit: str = "line",
) -> Fitted:
    """Return the network for the first shape of a picture that fits it.

    Args:
        entries: The picture's way through the network.
        hints: Shapes that the text suggests, (C, H, W), the likeliest first.
        given: The shape that the user set, (C, H, W).
        printed: Whether the text is a printed model, which names no Flatten.
        unit: What faults are counted in, "line" or "node".

    Returns:
        The network, the picture's shape, and what was assumed.

    Raises:
        ParseError: No shape fits; the faults are those of the shape with the fewest.
    """
    shapes, is_stated = _candidates(entries, hints, given)
    fitted, nearest = _first_fit(entries, shapes, printed)
    if fitted is None and _states_size(entries) and (nearest is None or nearest.sized):
        fitted, _ = _first_fit(entries, _squares(entries, usual_only=printed), printed)
    if fitted is not None:
        return fitted
    if nearest is None:
        nearest = Builder((_channels(entries), USUAL_SIDE, USUAL_SIDE), printed)
        nearest.network(entries)
        if is_stated or not nearest.faults or nearest.sized:
            reason = "the text doesn't say how large its picture is: set the size, (C, H, W), and read it again."
            nearest.faults = [(1, reason)]
    (line, reason), *others = nearest.faults
    raise ParseError(line, reason, *others, unit=unit)


def _first_fit(
    entries: tuple[Entry, ...], shapes: Iterable[Picture], printed: bool
) -> tuple[Fitted | None, Builder | None]:
    """Return the network for the first shape that fits, or None and the attempt with the fewest faults."""
    nearest: Builder | None = None
    for shape in shapes:
        try:
            check_input(shape)
        except LayerError:
            continue
        builder = Builder(shape, printed)
        layers = builder.network(entries)
        if not builder.faults:
            return Fitted(layers, shape, tuple(builder.notes)), None
        if nearest is None or len(builder.faults) < len(nearest.faults):
            nearest = builder
    return None, nearest


def _candidates(entries: Sequence[Entry], hints: Sequence[Shape], given: Shape | None) -> tuple[list[Picture], bool]:
    """Return shapes the picture can have, the likeliest first, and whether the first is of the text or given."""
    stated: list[Any] = [entry.written["picture"] for entry in entries if "picture" in entry.written]
    shapes = [*stated, *hints, *([] if given is None else [given])]
    found: list[Picture] = [(shape[0], shape[1], shape[2]) for shape in shapes]
    first = _first_sized(entries)
    channels: object = None
    if first is not None:
        channels = next((first.written[key] for key in CHANNEL_NAMES if key in first.written), None)
        before = entries[: entries.index(first)] if first in entries else entries
        direct = all(entry.name in FLAT for entry in before)
        features = first.written.get("in_features") if direct else None
        if type(features) is int and 0 < features <= 10**7:
            fits = [shape for shape in found if math.prod(shape) == features]
            rest = [(planes, math.isqrt(features // planes)) for planes in (1, 3) if features % planes == 0]
            squares = [(planes, side, side) for planes, side in rest if planes * side * side == features]
            narrow = [(features, 1, 1)] if features <= 1_000_000 else []
            return [*fits, *squares, *narrow][:3], True
    is_stated = bool(found)
    if type(channels) is int and 0 < channels <= 10**6:
        found = [*found, *((channels, shape[1], shape[2]) for shape in found if shape[0] != channels)]
    return list(dict.fromkeys(found)), is_stated


def _squares(entries: Sequence[Entry], usual_only: bool) -> list[Picture]:
    """Return square pictures to try where a fully connected layer states the size of what reaches it."""
    planes = _channels(entries)
    few = usual_only or use_count(entries) > SMALL_NETWORK
    return [(planes, side, side) for side in (SIDES if few else dict.fromkeys((*SIDES, *range(4, MAX_TRIED_SIDE))))]


def _channels(entries: Sequence[Entry]) -> int:
    """Return the channels that the first layer reads, 3 if it doesn't say."""
    first = _first_sized(entries)
    written = {} if first is None else first.written
    channels = next((written[key] for key in CHANNEL_NAMES if key in written), None)
    return channels if type(channels) is int and channels > 0 else 3


def _first_sized(entries: Sequence[Entry]) -> Entry | None:
    """Return the first layer that states the size of its input, into the first block's body."""
    for entry in entries:
        if isinstance(entry, Fork):
            if (inner := _first_sized(entry.body)) is not None:
                return inner
        elif {"in_features", *CHANNEL_NAMES} & set(entry.written):
            return entry
    return None


def _states_size(entries: Sequence[Entry]) -> bool:
    """Return whether a fully connected layer or a view says how many values are left of a picture."""
    return any(
        _states_size(one.body) if isinstance(one, Fork) else bool({"in_features", "flat", "values"} & set(one.written))
        for one in entries
    )
