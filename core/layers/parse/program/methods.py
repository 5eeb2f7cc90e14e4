"""Methods of pictures, stacks, lists, dicts and strings, and of the class behind super()."""

import ast
import math
from typing import Any

from core.layers.parse.libraries import torch_functions
from core.layers.parse.program import sizes
from core.layers.parse.program.modules import Modules
from core.layers.parse.program.reader_state import MAX_ITEMS, source
from core.layers.parse.trace import ParseError, Trace, join
from core.layers.parse.values import Blank, Class, External, Function, Instance, Namespace, Parent, Stack, Unknown

MAX_TEXT = 200  # letters
TEXT = {"lower", "upper", "strip", "startswith", "endswith", "split", "replace", "isdigit"}  # methods of strings
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
                if name in torch_functions.SIZES:
                    return sizes.size_query(name, self.sizes_of(held, node), [*values, *named.values()], line)
                if name in ("add", "add_") and values and isinstance(values[0], Trace):
                    return join(held, values[0], line)
                return torch_functions.function(name, line, held, values, named)
            case Parent():
                return self._parent(held, name, values, named, line)
            case list() | dict() | str() | tuple():
                return self._collection(held, name, values, named, node)
            case Namespace():
                return self._settings(held, name, values, named, line)
            case Blank():
                return self._shaped(held, name, values, line)
        if name == "forward" and values and isinstance(values[0], Trace):
            return self.through(held, values[0], line, values[1:], named)
        if name in SELF_RETURNING:
            return held
        if isinstance(held, Instance) and name in ("add_module", "register_module") and len(values) == 2:
            held.attributes[str(values[0])] = values[1]
            self.use(values[1])
        elif isinstance(held, Instance) and name == "save_hyperparameters":
            kept: Namespace = held.attributes.get("hparams", Namespace())
            held.attributes |= {key: value for key, value in kept.names.items() if key not in held.attributes}
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
        elif name == "update" and len(values) == 1 and isinstance(values[0], dict | Stack):
            pairs = values[0].children if isinstance(values[0], Stack) else values[0].items()
            new = [(str(key), child) for key, child in pairs]
        elif name in ("children", "values"):
            return [child for _, child in held.children]
        elif name in ("named_children", "items"):
            return list(held.children)
        elif name == "keys":
            return [key for key, _ in held.children]
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
            if name == "__init__" and isinstance(base, External):
                self.based(parent.owner, base, values, named, line)
        if name == "forward" and values and "__stack__" in parent.owner.attributes:
            return self.through(parent.owner.attributes["__stack__"], values[0], line, [], {})
        return None

    def _settings(self, held: Namespace, name: str, values: list[Any], named: dict[str, Any], line: int) -> Any:
        """Return the result of a method of settings: of argparse's parser, or of a dict with dots."""
        if name == "add_argument" and values and isinstance(values[-1], str):
            flag = {"store_true": False, "store_false": True}.get(str(named.get("action")))
            longest = max((value for value in values if isinstance(value, str)), key=len)
            key = str(named.get("dest", longest.lstrip("-").replace("-", "_")))
            held.names[key] = named.get("default", flag)
        elif name == "set_defaults":
            held.names |= named
        elif name in ("add_argument_group", "parse_args", "copy"):
            return held
        elif name == "parse_known_args":
            return (held, [])
        elif name == "get" and values:
            return held.names.get(values[0], values[1] if len(values) > 1 else None)
        return Unknown(line, name)

    def _shaped(self, held: Blank, name: str, values: list[Any], line: int) -> Any:
        """Return a tensor as a picture, as torch.randn(3, 32, 32).unsqueeze(0) is one."""
        given = list(values[0]) if len(values) == 1 and isinstance(values[0], tuple | list) else values
        if name == "unsqueeze" and given == [0]:
            given = [1, *held.sizes]
        elif name not in ("view", "reshape"):
            return held if name in torch_functions.PASSED else Unknown(line, name)
        wanted = [size for size in given if type(size) is int]
        if len(wanted) != 4 or len(given) != 4 or any(size < 1 for size in wanted[1:]):
            return Unknown(line, "a tensor")
        batch = max(math.prod(held.sizes) // math.prod(wanted[1:]), 1) if wanted[0] == -1 else wanted[0]
        self.hints.append(tuple(wanted[1:]))
        return sizes.started(line, (batch, *wanted[1:]))

    def _collection(self, held: Any, name: str, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
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
            if name == "copy":
                return list(held)
            if name == "reverse":
                held.reverse()
                return None
            if name == "pop":
                return held.pop(*[value for value in values if isinstance(value, int)])
        if isinstance(held, dict):
            if name == "get" and values:
                return held.get(values[0], values[1] if len(values) > 1 else None)
            if name in ("update", "setdefault") and len(held) < MAX_ITEMS:
                more: Any = values[0] if values else {}
                pairs = dict(more) if name == "update" and isinstance(more, dict | list) else {}
                if name == "setdefault":
                    return held.setdefault(more, *values[1:2])
                held.update(pairs)
                held.update(named)
                return None
            if name == "pop" and values:
                return held.pop(*values[:2])
            if name == "copy":
                return dict(held)
            if name in ("items", "keys", "values"):
                return {"items": held.items, "keys": held.keys, "values": held.values}[name]() and [
                    pair if name == "items" else pair[name == "values"] for pair in held.items()
                ]
        texts = [held, *values]
        if name in TEXT and all(isinstance(text, str) and len(text) <= MAX_TEXT for text in texts):
            return getattr(held, name)(*values)
        if isinstance(held, tuple | list):
            if name == "numel":
                return math.prod(held)
            if name in ("index", "count") and len(values) == 1:
                return held.index(values[0]) if name == "index" else held.count(values[0])
        return Unknown(node.lineno, source(node))
