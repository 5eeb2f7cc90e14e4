"""A picture's way through a network that is being read: the layers on it, where it forks, and what cannot be read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import Layer

Picture = tuple[int, int, int]  # shape of the picture, (C, H, W)
Make = Callable[[Shape], tuple[Layer, ...]]  # from the input's shape; raises RefusedError


class RefusedError(ValueError):
    """Raised where a layer cannot be read; the message is a sentence without its line.

    `passes`: whether what comes behind it can be checked all the same.
    """

    def __init__(self, reason: str, *, passes: bool = False) -> None:
        """Keep the message."""
        super().__init__(reason)
        self.passes = passes


class ParseError(ValueError):
    """Raised for text that is not a network this app can read.

    `faults` are all that were found, each with its line; `line` (from 1) and `reason` are the first one's. Of a graph
    the nodes are counted instead (`unit`).
    """

    def __init__(self, line: int, reason: str, *others: tuple[int, str], unit: str = "line") -> None:
        """Compose the message, "line 3: " and the reason, of the first fault."""
        super().__init__(f"{unit} {line}: {reason}")
        self.line = line
        self.reason = reason
        self.faults = tuple(f"{unit} {number}: {text}" for number, text in ((line, reason), *others))


@dataclass(frozen=True, eq=False)
class Entry:
    """One use of a layer: compared by identity, so that two ways are known to start with the same layers."""

    line: int
    name: str
    make: Make
    written: Mapping[str, object] = field(default_factory=dict)  # sizes of its input that the text states
    notes: tuple[str, ...] = ()
    origin: "Entry | None" = None  # the layer's own entry, of which this is one use


@dataclass(frozen=True, eq=False)
class Fault(Entry):
    """What cannot be read."""


@dataclass(frozen=True, eq=False)
class Start(Entry):
    """A picture of known sizes, as torch.zeros(1, 3, 32, 32) makes one."""

    picture: tuple[int, int, int] = (1, 1, 1)
    batch: int = 1


@dataclass(frozen=True, eq=False)
class Fork(Entry):
    """Two ways from one picture, whose ends are added."""

    body: "tuple[Entry, ...]" = ()
    shortcut: "tuple[Entry, ...]" = ()


@dataclass(frozen=True, eq=False)
class Trace:
    """A picture on its way: the layers it went through."""

    entries: tuple[Entry, ...] = ()


def join(left: Trace, right: Trace, line: int) -> Trace:
    """Return the sum of two pictures as a block, from where their ways part."""
    shared = 0
    for one, other in zip(left.entries, right.entries, strict=False):
        if one is not other:
            break
        shared += 1
    body, shortcut = left.entries[shared:], right.entries[shared:]
    if not body:
        body, shortcut = shortcut, body
    if not body:
        return left  # x + x: a doubled picture
    fork = Fork(line, "Residual", lambda shape: (), body=body, shortcut=shortcut)
    return Trace((*left.entries[:shared], fork))


def use_count(entries: "Sequence[Entry]") -> int:
    """Return the number of layers on a way, each use of a layer counted; a block itself counts as one."""
    return sum(1 + (use_count(one.body) + use_count(one.shortcut) if isinstance(one, Fork) else 0) for one in entries)


def is_faulty(entries: "tuple[Entry, ...]") -> bool:
    """Return whether a way holds something that cannot be read."""
    return any(
        isinstance(one, Fault) or (isinstance(one, Fork) and (is_faulty(one.body) or is_faulty(one.shortcut)))
        for one in entries
    )


def refusing(line: int, name: str, reason: str, *, passes: bool = False) -> Entry:
    """Return a layer that cannot be read: its fault is reported if the network uses it."""

    def make(shape: Shape) -> tuple[Layer, ...]:
        raise RefusedError(reason, passes=passes)

    return Fault(line, name, make)
