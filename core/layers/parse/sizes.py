"""Sizes of pictures that a program asks for: numbers where the text makes the picture, else their axes alone."""

import math
from dataclasses import dataclass
from typing import Any

from core.layers.parse.build import Builder
from core.layers.parse.values import Entry, Start, Trace, Unknown

FIRST = "first"  # an entry that takes one picture out of a batch


@dataclass(frozen=True)
class Dimension(Unknown):
    """The size of a picture along one axis of (N, C, H, W), which is not known."""

    axis: int = 0


@dataclass(frozen=True)
class Sizes(Unknown):
    """All sizes of a picture from an axis on, which are not known."""

    start: int = 0

    def item(self, key: Any) -> Unknown:
        """Return one of them, or those from another axis on."""
        if isinstance(key, slice):
            first = key.start or 0
            whole = key.stop in (None, 4) and key.step is None and self.start + first < 4
            return Sizes(self.line, self.what, self.start + first if first >= 0 else 4 + first) if whole else self
        return Dimension(self.line, self.what, key + self.start if key >= 0 else 4 + key)


def of(trace: Trace, line: int) -> Any:
    """Return a picture's sizes (N, C, H, W): a tuple of numbers where they are known."""
    first = trace.entries[0] if trace.entries else None
    unknown = Sizes(line, "a picture's size")
    if not isinstance(first, Start):
        return unknown
    alone = trace.entries[-1].name == FIRST
    builder = Builder(first.picture)
    _, shape = builder.way(trace.entries[1 : len(trace.entries) - alone], first.picture, 0)
    if shape is None or builder.faults:
        return unknown
    return shape if alone else (first.batch, *shape)


def asked(name: str, sizes: Any, values: list[Any], line: int) -> Any:
    """Return what a method that asks for a picture's sizes gives: size(), size(1), numel(), dim()."""
    axis = values[0] if values else None
    if name in ("numel", "nelement"):
        return math.prod(sizes) if isinstance(sizes, tuple) else Unknown(line, "a picture's size")
    if name in ("dim", "ndimension"):
        return len(sizes) if isinstance(sizes, tuple) else Unknown(line, "a picture's size")
    if axis is None:
        return sizes
    if type(axis) is not int:
        return Unknown(line, "a picture's size")
    return sizes[axis] if isinstance(sizes, tuple) else sizes.item(axis)


def is_plane(value: Any) -> bool:
    """Return whether a window is as large as the plane it stands on, as in avg_pool2d(x, x.size()[2:])."""
    if isinstance(value, Sizes):
        return value.start == 2
    if isinstance(value, tuple | list):
        return len(value) == 2 and all(isinstance(one, Dimension) and one.axis in (2, 3) for one in value)
    return isinstance(value, Dimension) and value.axis in (2, 3)


def started(line: int, sizes: tuple[int, ...]) -> Trace:
    """Return a picture that the text makes, of these sizes (N, C, H, W)."""
    picture = (sizes[1], sizes[2], sizes[3])
    written = {"picture": picture}
    return Trace((Start(line, "input", lambda shape: (), written, picture=picture, batch=sizes[0]),))


def is_empty(entries: "tuple[Entry, ...]") -> bool:
    """Return whether a picture went through no layer yet."""
    return all(isinstance(entry, Start) for entry in entries)
