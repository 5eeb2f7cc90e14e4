"""Sizes of pictures that a program reads: numbers where the text makes the picture, else their axes alone."""

import math
from typing import Any

from core.layers.parse.build import Builder
from core.layers.parse.trace import Entry, Start, Trace
from core.layers.parse.values import Sizes, Unknown

FIRST = "first"  # an entry that takes one picture out of a batch


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


def size_query(name: str, sizes: Any, values: list[Any], line: int) -> Any:
    """Return the result of a method that queries a picture's sizes: size(), size(1), numel(), dim()."""
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


def started(line: int, sizes: tuple[int, ...]) -> Trace:
    """Return a picture that the text makes, of these sizes (N, C, H, W)."""
    picture = (sizes[1], sizes[2], sizes[3])
    written = {"picture": picture}
    return Trace((Start(line, "input", lambda shape: (), written, picture=picture, batch=sizes[0]),))


def is_empty(entries: "tuple[Entry, ...]") -> bool:
    """Return whether a picture went through no layer yet."""
    return all(isinstance(entry, Start) for entry in entries)
