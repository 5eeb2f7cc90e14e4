"""Methods of pictures, stacks, lists, dicts and strings, and of the class behind super()."""

import ast
from typing import Any

from core.layers.parse import torch_calls
from core.layers.parse.following import MAX_ITEMS, source
from core.layers.parse.modules import Modules
from core.layers.parse.values import (
    Class,
    External,
    Function,
    Instance,
    Parent,
    ParseError,
    Stack,
    Trace,
    Unknown,
    join,
)

SELF_RETURNING = {
    *("to", "cuda", "cpu", "eval", "train", "float", "double", "half", "requires_grad_", "apply", "build", "compile"),
}


class Methods(Modules):
    """Follows calls of methods."""

    def method(self, held: Any, name: str, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
        """Return the result of a call of a value's method."""
        line = node.lineno
        match held:
            case Trace():
                if name in ("add", "add_") and values and isinstance(values[0], Trace):
                    return join(held, values[0], line)
                return torch_calls.function(name, line, held, values, named)
            case Parent():
                return self._parent(held, name, values, named, line)
            case list() | dict() | str():
                return self._collection(held, name, values, node)
        if name == "forward" and values and isinstance(values[0], Trace):
            return self.through(held, values[0], line, values[1:], named)
        if name in SELF_RETURNING:
            return held
        if isinstance(held, Instance) and name in ("add_module", "register_module") and len(values) == 2:
            held.attributes[str(values[0])] = values[1]
            self.use(values[1])
        elif isinstance(held, Stack):
            return self._stack_method(held, name, values, line)
        return Unknown(line, source(node))

    def _stack_method(self, held: Stack, name: str, values: list[Any], line: int) -> Any:
        new: list[tuple[str, Any]] = []
        if name in ("append", "add") and len(values) == 1:
            new = [(str(len(held.children)), values[0])]
        elif name in ("add_module", "register_module") and len(values) == 2:
            new = [(str(values[0]), values[1])]
        elif name == "extend" and len(values) == 1:
            new = [("", child) for child in self.items(values[0]) or [Unknown(line, "what is added here")]]
        elif name == "insert" and len(values) == 2 and isinstance(values[0], int):
            held.children.insert(values[0], ("", values[1]))
            self.use(values[1])
        elif name in ("children", "values"):
            return [child for _, child in held.children]
        elif name in ("named_children", "items"):
            return list(held.children)
        else:
            return Unknown(line, name)
        for _, child in new:
            self.use(child)
        if len(held.children) + len(new) > MAX_ITEMS:
            raise ParseError(line, f"a list of layers has more than {MAX_ITEMS:,} here: use fewer.")
        held.children += new
        return held

    def _parent(self, parent: Parent, name: str, values: list[Any], named: dict[str, Any], line: int) -> Any:
        for base in parent.home.bases:
            if isinstance(base, Class) and (found := base.method(name)):
                return self.run(Function(found[0], base.scope, parent.owner, found[1]), values, named, line)
            if name == "__init__" and isinstance(base, External) and base.name == "Sequential":
                parent.owner.attributes["__stack__"] = self.sequential(values, named, line)
                self.used.add(id(parent.owner.attributes["__stack__"]))
        if name == "forward" and values and "__stack__" in parent.owner.attributes:
            return self.through(parent.owner.attributes["__stack__"], values[0], line, [], {})
        return None

    def _collection(self, held: Any, name: str, values: list[Any], node: ast.expr) -> Any:
        if isinstance(held, list):
            if name == "append" and len(values) == 1 and len(held) < MAX_ITEMS:
                held.append(values[0])
                return None
            items = self.items(values[0]) if name == "extend" and len(values) == 1 else None
            if items is not None and len(held) + len(items) <= MAX_ITEMS:
                held.extend(items)
                return None
            if name == "insert" and len(values) == 2 and isinstance(values[0], int) and len(held) < MAX_ITEMS:
                held.insert(values[0], values[1])
                return None
            if name == "pop":
                return held.pop(*[value for value in values if isinstance(value, int)])
        if isinstance(held, dict):
            if name == "get" and values:
                return held.get(values[0], values[1] if len(values) > 1 else None)
            if name in ("items", "keys", "values"):
                return {"items": held.items, "keys": held.keys, "values": held.values}[name]() and [
                    pair if name == "items" else pair[name == "values"] for pair in held.items()
                ]
        if isinstance(held, str) and name in ("lower", "upper"):
            return held.lower() if name == "lower" else held.upper()
        return Unknown(node.lineno, source(node))
