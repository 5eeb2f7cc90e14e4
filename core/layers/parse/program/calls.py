"""Calls: of layers and networks, of the text's own functions, and of libraries."""

import ast
from typing import Any

from core.layers.parse.libraries import torch_modules
from core.layers.parse.program.library_calls import Libraries
from core.layers.parse.program.reader_state import picture_in, source
from core.layers.parse.trace import Trace, join, refusing
from core.layers.parse.values import (
    Class,
    External,
    Function,
    Instance,
    Joint,
    Method,
    Model,
    Module,
    Parent,
    Partial,
    Scope,
    Stack,
    Unknown,
)


class Calls(Libraries):
    """Follows calls."""

    def called(self, node: ast.Call, scope: Scope) -> Any:
        """Return the result of a call."""
        if isinstance(node.func, ast.Lambda):
            return Unknown(node.lineno, "a function without a name")
        called = self.value(node.func, scope)
        values = self.parts(node.args, scope)
        if isinstance(called, External) and called.name == "Sequential" and len(values) == len(node.args):
            values = [_as_layer(value, argument) for value, argument in zip(values, node.args, strict=True)]
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg is not None:
                if keyword.arg in named:
                    named[""] = Unknown(node.lineno, f"{keyword.arg} given twice")
                named[keyword.arg] = value
            elif isinstance(value, dict):
                named |= {key: inner for key, inner in value.items() if isinstance(key, str)}
            else:
                named["**"] = Unknown(node.lineno, "settings given by **")
        if called == External("builtins.super"):
            return self._super(scope)
        return self.call(called, values, named, node)

    def _super(self, scope: Scope) -> Any:
        return Parent(scope.find("__owner__"), scope.find("__home__"))

    def call(self, called: Any, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
        """Return the result of a call."""
        line = node.lineno
        match called:
            case External():
                return self.external(called, values, named, node)
            case Partial():
                return self.call(called.called, [*called.values, *values], {**called.named, **named}, node)
            case Class():
                return self.instance(called, values, named, line)
            case Function():
                return self.run(called, values, named, line)
            case Method():
                return self.method(called.owner, called.name, values, named, node)
            case Joint() if values and isinstance(values[0], list | tuple):
                traces = [value for value in values[0] if isinstance(value, Trace)]
                joined = traces[0]
                for trace in traces[1:]:
                    joined = join(joined, trace, line)
                return Trace((*joined.entries, *called.entries)) if called.entries else joined
            case Module() | Stack() | Instance() | Model() if values and isinstance(values[0], Trace):
                return self.through(called, values[0], line, values[1:], named)
        picture = picture_in(values, named)
        return Unknown(line, source(node)) if picture is None else self.lost(picture, node)


def _as_layer(value: Any, node: ast.expr) -> Any:
    """Return an argument of Sequential, with its line where it is no layer."""
    if isinstance(value, External) and torch_modules.is_module_name(value):
        reason = f"{value.name:.40} is written without its parentheses: write nn.{value.name:.40}()."
        return Module(node.lineno, (refusing(node.lineno, value.name, reason),))
    if isinstance(value, Module | Stack | Instance | Model | Trace | list | tuple | dict | Unknown):
        return value
    return Unknown(node.lineno, source(node))
