"""What following a text keeps: its limits, what it made, and the names of values that cannot be followed."""

import ast
from abc import ABC, abstractmethod
from itertools import islice
from typing import Any

from core.layers.parse.trace import ParseError, Trace
from core.layers.parse.values import Class, External, Scope, Stack, Unknown

MAX_STEPS = 200_000  # expressions and statements followed
MAX_DEPTH = 70  # of expressions, statements and calls inside one another
MAX_ITEMS = 10_000  # of a list
MAX_NUMBER = 10**12
# What following nonsense raises: its value is Unknown.
NONSENSE = (TypeError, ValueError, KeyError, IndexError, ZeroDivisionError, OverflowError, AttributeError)


class Return(Exception):
    """Raised where a function returns."""

    def __init__(self, value: Any) -> None:
        """Keep the value."""
        self.value = value


class Leave(Exception):
    """Raised where a loop is left or goes on, or an error is raised; `kind` is the statement's."""

    def __init__(self, kind: str) -> None:
        """Keep the statement's kind."""
        self.kind = kind


class Following(ABC):
    """Follows one text. What it made is in `made`, what became part of something else in `used`."""

    def __init__(self) -> None:
        """Start with the names that a text without imports means."""
        self.steps = self.depth = 0
        self.is_keras = False  # whether a name that both libraries have is Keras'
        self.made: list[Any] = []
        self.used: set[int] = set()
        self.hints: list[tuple[int, ...]] = []  # shapes of pictures that the text states
        self.notes: dict[str, None] = {}
        self.blocks: dict[str, Class] = {}
        self.top = Scope()
        self.top.names |= {
            "nn": External("torch.nn"),
            "F": External("torch.nn.functional"),
            "torch": External("torch"),
            "keras": External("keras"),
            "tf": External("tensorflow"),
            "layers": External("keras.layers"),
            "__name__": "__main__",
        }

    def count(self, node: ast.AST) -> None:
        """Count one step. Raises ParseError where the text does too much, or is nested too deep."""
        line = getattr(node, "lineno", 1)
        self.spend(line)
        if self.depth > MAX_DEPTH:
            raise ParseError(line, f"this is nested too deep to be followed: at most {MAX_DEPTH} levels are.")

    def spend(self, line: int, steps: int = 1) -> None:
        """Count steps. Raises ParseError where the text does too much."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise ParseError(line, "the text does too much to be followed: paste only the network.")

    def use(self, value: Any) -> None:
        """Mark a module, and those in a list, as part of another."""
        self.used.add(id(value))
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
        for inner in inside:
            self.used.add(id(inner))

    def items(self, value: Any) -> list[Any] | None:
        """Return what a loop over a value goes through, or None."""
        match value:
            case list() | tuple():
                return list(value)
            case dict() | str():
                return list(value)
            case range():
                return list(value) if len(value) <= MAX_ITEMS else None
            case Stack():
                return [name if value.by_name else child for name, child in value.children]
        return None

    def loop(self, node: ast.While, scope: Scope, most: int) -> bool:
        """Follow a while loop whose condition is known; return whether it ended."""
        for _ in range(most):
            test = self.value(node.test, scope)
            if isinstance(test, Unknown | External):
                return False
            if not self.is_true(test):
                self.block(node.orelse, scope)
                return True
            try:
                self.block(node.body, scope)
            except Leave as left:
                if left.kind == "Break":
                    return True
                if left.kind == "Raise":
                    raise
        return False

    def is_true(self, value: Any) -> bool:
        """Return whether a value counts as true in a condition."""
        return bool(value.children) if isinstance(value, Stack) else bool(value)

    def hint_last(self, shape: Any) -> None:
        """Keep a picture's shape as Keras writes it, (H, W, C)."""
        if isinstance(shape, tuple | list) and all(type(size) is int for size in shape):
            if len(shape) == 3:
                self.hints.append((shape[2], shape[0], shape[1]))
            elif len(shape) == 2:
                self.hints.append((1, *shape))

    @abstractmethod
    def value(self, node: ast.expr, scope: Scope) -> Any:
        """Return what an expression stands for."""

    @abstractmethod
    def block(self, statements: list[ast.stmt], scope: Scope) -> None:
        """Follow statements in order."""

    @abstractmethod
    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Give a name, an attribute or several of them their value."""

    @abstractmethod
    def call(self, called: Any, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
        """Return the result of a call of a value that is known."""

    @abstractmethod
    def called(self, node: ast.Call, scope: Scope) -> Any:
        """Return the result of a call."""


def picture_in(values: list[Any], named: dict[str, Any]) -> Trace | None:
    """Return the first picture among the arguments of a call, or in a list of them."""
    flat = (one for value in (*values, *named.values()) for one in (value if type(value) in (list, tuple) else [value]))
    return next((one for one in islice(flat, 2 * MAX_ITEMS) if isinstance(one, Trace)), None)


def source(node: ast.AST) -> str:
    """Return a short text for a value that cannot be followed."""
    match node:
        case ast.Name(id=name):
            return name[:40]
        case ast.Attribute(value=value, attr=name):
            return f"{source(value)}.{name[:40]}"[-60:]
        case ast.Call(func=function):
            return f"{source(function)}(…)"[:60]
    return "this expression"
