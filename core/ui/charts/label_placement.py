"""Place the labels of a chart so that none covers another."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

LABEL_WIDTH = 0.25  # of the x-axis: lines that end so near have labels above one another


def spread_labels(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions moved to lie at least `gap` apart within [low, high], in the order of the input."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    placed = [0.0] * len(wanted)
    floor = low
    for i in order:
        placed[i] = max(min(wanted[i], high), floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


def separate_labels(
    ends: Sequence[float], wanted: Sequence[float], gap: float, low: float, high: float, width: float | None = None
) -> list[float]:
    """Spread only labels that are above one another: those whose lines end within `width` of each other.

    Args:
        ends: Where each label's line ends on the x-axis.
        wanted: Where each label would be on the y-axis.
        gap: The least distance between two labels, on the y-axis.
        low: The lower end of the y-axis.
        high: Its upper end.
        width: On the x-axis; LABEL_WIDTH of the longest line if not given.

    Returns:
        The places on the y-axis, in the order of the input.
    """
    width = LABEL_WIDTH * max(ends, default=1.0) if width is None else width
    placed = list(wanted)
    for end in sorted(set(ends), reverse=True):
        near = [i for i, other in enumerate(ends) if 0 <= end - other <= width]
        for i, y in zip(near, spread_labels([placed[i] for i in near], gap, low, high), strict=True):
            placed[i] = y
    return placed


class Box(NamedTuple):
    """A part of a chart: across in shares of its width, up and down on the y-axis."""

    left: float
    right: float
    low: float
    high: float


def place_labels(wanted: Sequence[Box], taken: Sequence[Box], low: float, high: float) -> list[float]:
    """Return the heights of labels, each as near as possible to where it would be, on no other and on nothing `taken`.

    Args:
        wanted: Where each label would be.
        taken: What else is written on the chart.
        low: The lower end of the y-axis.
        high: Its upper end.

    Returns:
        The middles of the labels on the y-axis, in their order; a label for which there is no room stays.
    """
    middles = [(box.low + box.high) / 2 for box in wanted]
    filled = list(taken)
    for i in sorted(range(len(wanted)), key=middles.__getitem__):
        half = (wanted[i].high - wanted[i].low) / 2
        beside = [box for box in filled if box.left < wanted[i].right and wanted[i].left < box.right]
        middles[i] = next(_free(middles[i], half, beside, low, high), middles[i])
        filled.append(wanted[i]._replace(low=middles[i] - half, high=middles[i] + half))
    return middles


def _free(wanted: float, half: float, beside: Sequence[Box], low: float, high: float) -> Iterator[float]:
    """Yield free heights for a label, the nearest first: as wanted, or touching something above or below."""
    edges = [edge for box in beside for edge in (box.low - half, box.high + half)]
    for y in sorted([min(max(wanted, low + half), high - half), *edges], key=lambda y: abs(y - wanted)):
        if low + half <= y <= high - half and all(y + half <= box.low or box.high <= y - half for box in beside):
            yield y
