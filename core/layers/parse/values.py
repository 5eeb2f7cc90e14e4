"""What names stand for while a pasted text is followed: layers, networks, classes, functions, and the unknown."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from core.layers.parse.trace import Entry, Trace


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


def is_plane(value: Any) -> bool:
    """Return whether a window is as large as the plane it stands on, as in avg_pool2d(x, x.size()[2:])."""
    if isinstance(value, Sizes):
        return value.start == 2
    if isinstance(value, tuple | list):
        return len(value) == 2 and all(isinstance(one, Dimension) and one.axis in (2, 3) for one in value)
    return isinstance(value, Dimension) and value.axis in (2, 3)


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
