"""Place the labels of a chart so that none covers another."""

from collections.abc import Sequence

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
