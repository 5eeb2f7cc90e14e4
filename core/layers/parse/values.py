"""What names stand for while a pasted text is followed: layers, networks, pictures on their way, and the unknown."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from core.layers.specs import Layer

Shape = tuple[int, ...]
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


def is_faulty(entries: "tuple[Entry, ...]") -> bool:
    """Return whether a way holds something that cannot be read."""
    return any(
        isinstance(one, Fault) or (isinstance(one, Fork) and (is_faulty(one.body) or is_faulty(one.shortcut)))
        for one in entries
    )


@dataclass(eq=False)
class Module:
    """A layer, not yet used: what it does to a picture, and the settings that programs read from it."""

    line: int
    entries: tuple[Entry, ...]
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Joint(Module):
    """Keras' layer that adds its inputs."""


@dataclass(eq=False)
class Stack:
    """An nn.Sequential, or a list of modules, which is not called itself."""

    line: int
    children: list[tuple[str, Any]]
    is_list: bool = False
    by_name: bool = False


@dataclass(eq=False)
class Model:
    """A network that ends with a picture's way, as keras.Model does."""

    line: int
    trace: Trace


@dataclass(eq=False)
class Class:
    """A class of the text."""

    node: ast.ClassDef
    scope: "Scope"
    bases: tuple[Any, ...]
    methods: dict[str, ast.FunctionDef]
    constants: dict[str, Any]

    def method(self, name: str) -> "tuple[ast.FunctionDef, Class] | None":
        """Return a method and the class that defines it, through the classes of the text."""
        if name in self.methods:
            return self.methods[name], self
        found = (base.method(name) for base in self.bases if isinstance(base, Class))
        return next((one for one in found if one), None)

    def is_module(self) -> bool:
        """Return whether it is a network, as far as its bases tell."""
        return "forward" in self.methods or any(
            base.is_module() if isinstance(base, Class) else isinstance(base, External) and base.is_module()
            for base in self.bases
        )


@dataclass(eq=False)
class Instance:
    """An object of a class of the text."""

    line: int
    kind: Class
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Function:
    """A function or a method of the text."""

    node: ast.FunctionDef | ast.Lambda
    scope: "Scope"
    owner: Instance | None = None
    home: Class | None = None


@dataclass(frozen=True)
class Parent:
    """What `super()` is."""

    owner: Instance
    home: Class


@dataclass(frozen=True)
class External:
    """A name of a library, as it is imported: torch.nn.Conv2d."""

    path: str
    MODULES: ClassVar = [
        "Module",
        "LightningModule",
        "Sequential",
        "ModuleList",
        "Model",
        "Layer",
    ]  # of torch, lightning and Keras

    @property
    def name(self) -> str:
        """Its last part."""
        return self.path.rpartition(".")[2]

    def is_module(self) -> bool:
        """Return whether a class with this base is a network."""
        return self.name in self.MODULES or self.path.startswith(("torch.nn.", "d2l."))


@dataclass(frozen=True)
class Method:
    """A method of a value that this app knows: a list's append, a picture's view."""

    owner: Any
    name: str


@dataclass(eq=False)
class Namespace:
    """Settings by name: a SimpleNamespace, parsed arguments, hyperparameters that Lightning keeps."""

    names: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Partial:
    """A function or class with some of its arguments given, as functools.partial makes it."""

    called: Any
    values: tuple[Any, ...]
    named: Mapping[str, Any]


@dataclass(frozen=True)
class Blank:
    """A tensor of these sizes that is no picture yet, as torch.randn(28, 28)."""

    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Unknown:
    """A value that is not followed, and where it comes from."""

    line: int
    what: str


class Scope:
    """Names and their values, inside those of the function or file around it."""

    def __init__(self, outer: "Scope | None" = None) -> None:
        """Start without names."""
        self.names: dict[str, Any] = {}
        self.outer = outer

    def find(self, name: str) -> Any:
        """Return a name's value. Raises KeyError."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        raise KeyError(name)
