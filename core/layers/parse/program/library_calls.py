"""Functions and classes of Python, torch and Keras, by their names."""

import ast
import math
from collections.abc import Callable
from typing import Any

from core.layers.parse.libraries import keras_layers, torch_functions, torch_modules
from core.layers.parse.program.methods import Methods
from core.layers.parse.program.reader_state import MAX_ITEMS, picture_in, source
from core.layers.parse.program.sizes import size_query, started
from core.layers.parse.trace import Trace, join, refusing
from core.layers.parse.values import (
    Blank,
    Class,
    External,
    Function,
    Instance,
    Model,
    Module,
    Namespace,
    Partial,
    Stack,
    Unknown,
)
from core.layers.setting_checks import MAX_CHANNELS

NAMESPACES = {"SimpleNamespace", "Namespace", "ArgumentParser", "EasyDict", "AttrDict", "DotDict", "edict"}
TYPES: dict[str, Any] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
    "list": list,
    "tuple": tuple,
    "dict": dict,
}
MATH: dict[str, Callable[..., Any]] = {
    "math.floor": math.floor,
    "math.ceil": math.ceil,
    "math.sqrt": math.sqrt,
    "math.prod": math.prod,
    "np.prod": math.prod,
    "numpy.prod": math.prod,
}
REDUCTIONS: dict[str, Callable[..., Any]] = {"max": max, "min": min, "sum": sum}
NUMBERS: dict[str, Callable[..., Any]] = {"int": int, "float": float, "abs": abs, "round": round, "bool": bool}
PICTURES = set(["randn", "rand", "zeros", "ones", "empty"])


class Libraries(Methods):
    """Follows calls of what is not of the text."""

    def external(self, called: External, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
        """Return the result of a call of a library, by its name."""
        line, name, path = node.lineno, called.name, called.path
        if path.startswith("builtins."):
            return self._builtin(name, values, named, node)
        trace = picture_in(values, named)
        if name == "OrderedDict":
            held = values[0] if values else named
            return dict(held) if isinstance(held, list | dict) else Unknown(line, source(node))
        if name in ("Sequential", "ModuleList"):
            return self.sequential(values, named, line, name == "ModuleList")
        if name == "ModuleDict":
            stack = self.sequential(values, named, line, True)
            stack.by_name = True
            return stack
        if ".models." in f".{path}" and name[:1].islower():
            reason = (
                f"{name:.40} is a library's network: paste its name alone, such as resnet18, or print(model)'s text."
            )
            stack = Stack(line, [("", Module(line, (refusing(line, name, reason),)))])
            self.made.append(stack)
            return stack
        if name in self.blocks and path.startswith("torch.nn"):
            return self.instance(self.blocks[name], values, named, line)
        if name in ("DataParallel", "compile", "DistributedDataParallel", "script") and values:
            return values[0]
        if name == "partial" and values:
            return Partial(values[0], tuple(values[1:]), named)
        if name in NAMESPACES:
            return Namespace({**(values[0] if values and isinstance(values[0], dict) else {}), **named})
        if path in ("field", "dataclasses.field"):
            factory = named.get("default_factory")
            return named.get("default") if factory is None else self.call(factory, [], {}, node)
        if path.startswith("itertools.chain") or path == "chain":
            return self._flattened(values[0] if name == "from_iterable" and values else values, node)
        if path.startswith(("keras", "tensorflow", "tf.")):
            return self._keras(name, values, named, node)
        if path in ("torch.add",) and len(values) == 2 and all(isinstance(value, Trace) for value in values):
            return join(values[0], values[1], line)
        if path.startswith("torch") and name in PICTURES:
            return self._picture(values, named, node)
        if name == "summary":
            sizes = next((one for one in (*values, *named.values()) if isinstance(one, tuple | list)), ())
            if len(sizes) in (3, 4) and all(type(size) is int for size in sizes):
                self.hints.append(tuple(sizes[-3:]))
        if trace is not None and name in torch_functions.SIZES:
            return size_query(name, self.sizes_of(trace, node), values[1:], line)
        if trace is not None:
            known = name in torch_functions.FUNCTIONS or name in torch_functions.OTHER_FUNCTIONS
            if path.startswith("torch") and known:
                rest = values[1:] if values and values[0] is trace else values
                return torch_functions.function(name, line, trace, rest, named)
            return self.lost(trace, node)
        if path in ("cast", "typing.cast") and len(values) == 2:
            return values[1]
        if path in MATH:
            return MATH[path](*values)
        layer = torch_modules.is_module_name(called) and not name.endswith(("Loss", "Parameter", "Buffer", "Error"))
        if layer and (path.startswith("torch.nn") or name in torch_modules.KNOWN):
            made = torch_modules.module(name, line, values, named)
            self.made.append(made)
            return made
        return Unknown(line, source(node))

    def _picture(self, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
        sizes = values[0] if len(values) == 1 and isinstance(values[0], tuple | list) else values
        sizes = named.get("size", sizes)
        if isinstance(sizes, list | tuple) and all(type(one) is int for one in sizes):
            if len(sizes) != 4 or not all(0 < one <= MAX_CHANNELS for one in sizes):
                return Blank(tuple(sizes))
            self.hints.append(tuple(sizes[1:]))
            return started(node.lineno, tuple(sizes))
        return Unknown(node.lineno, source(node))

    def _keras(self, name: str, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
        if name in ("Input", "InputLayer"):
            shape = next((one for one in (*values, *named.values()) if isinstance(one, tuple | list)), ())
            self.hint_last(shape)
            return Trace() if name == "Input" else Module(node.lineno, ())
        if name == "Model":
            ends = [one for one in (*values, *named.values()) if isinstance(one, Trace)]
            if not ends:
                return Unknown(node.lineno, source(node))
            model = Model(node.lineno, max(ends, key=lambda trace: len(trace.entries)))
            self.made.append(model)
            return model
        if name == "Lambda" and values and isinstance(values[0], Function):
            way = self.run(values[0], [Trace()], {}, node.lineno)
            entries = way.entries if isinstance(way, Trace) else self.lost(Trace(), node).entries
            return Module(node.lineno, entries)
        if name in ("pad", "blur_pool") and len(values) > 1 and isinstance(values[0], Trace):
            own = keras_layers.layer(name, node.lineno, values[1:], named)
            return Trace((*values[0].entries, *own.entries))
        if not name[:1].isupper():
            trace = next((value for value in values if isinstance(value, Trace)), None)
            return self.lost(trace, node) if trace is not None else Unknown(node.lineno, source(node))
        self.hint_last(named.pop("input_shape", None))
        made = keras_layers.layer(name, node.lineno, values, named)
        self.made.append(made)
        return made

    def _builtin(self, name: str, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
        unknown = Unknown(node.lineno, source(node))
        if name in ("getattr", "hasattr", "setattr", "isinstance"):
            return self._reflection(name, values, node)
        if any(isinstance(value, Unknown) for value in values):
            return unknown
        if name == "range":
            return range(*values)
        if name == "str":
            return str(values[0]) if isinstance(values[0], str | int) else unknown
        if name in NUMBERS:
            return NUMBERS[name](*values) if all(isinstance(value, int | float) for value in values) else unknown
        if name == "sum" and values and isinstance(values[0], list | tuple) and any(map(self.items, values[0])):
            return self._flattened(values[0], node)
        if name == "len" and isinstance(values[0], Trace):
            return size_query("size", self.sizes_of(values[0], node), [0], node.lineno)
        if name in ("max", "min", "sum"):
            numbers = self.items(values[0]) if len(values) == 1 else values
            if numbers is None or not all(isinstance(number, int | float) for number in numbers):
                return unknown
            return REDUCTIONS[name](numbers)
        if name == "dict":
            return {**(dict(values[0]) if values and isinstance(values[0], list | dict) else {}), **named}
        start = named.get("start", values[1] if len(values) > 1 else 0)
        values = values[:1] if name in ("enumerate", "sorted") else values
        lists = [self.items(value) for value in values]
        if any(one is None for one in lists):
            return unknown
        known = [one for one in lists if one is not None]
        if name == "len":
            return len(known[0])
        if name == "zip":
            return list(zip(*known, strict=False))
        items = known[0] if known else []
        if name == "enumerate":
            return list(enumerate(items, start)) if type(start) is int else unknown
        if name == "sorted":
            return sorted(items) if all(isinstance(one, int | float) for one in items) else unknown
        return tuple(items) if name == "tuple" else items[::-1] if name == "reversed" else items

    def _flattened(self, lists: Any, node: ast.expr) -> Any:
        """Return what several lists hold, one after another."""
        whole: list[Any] = []
        for one in self.items(lists) or ():
            items = self.items(one)
            whole += [Unknown(node.lineno, source(node))] if items is None else items
            if len(whole) > MAX_ITEMS:
                return Unknown(node.lineno, "a list that long")
        return whole

    def _reflection(self, name: str, values: list[Any], node: ast.expr) -> Any:
        """Return what getattr, hasattr, setattr and isinstance do."""
        unknown = Unknown(node.lineno, source(node))
        held, key = (*values, None, None)[:2]
        if name == "isinstance":
            return self._is_a(held, key, unknown)
        if not isinstance(key, str):
            return unknown
        if name == "setattr" and isinstance(held, Instance | Namespace) and len(values) == 3:
            kept = held.names if isinstance(held, Namespace) else held.attributes
            kept[key] = values[2]
            self.use(values[2])
            return None
        if isinstance(held, Instance):
            has = key in {**held.attributes, **held.kind.constants} or held.kind.method(key) is not None
        elif isinstance(held, Namespace | dict):
            has = key in (held.names if isinstance(held, Namespace) else ())
        else:
            return self.attribute(held, key, node) if name == "getattr" else unknown
        if name == "hasattr":
            return has
        return self.attribute(held, key, node) if has or len(values) < 3 else values[2]

    def _is_a(self, held: Any, kinds: Any, unknown: Unknown) -> Any:
        """Return whether a value is of a type, or of one of several, as far as that is known."""
        if isinstance(kinds, tuple):
            answers = [self._is_a(held, kind, unknown) for kind in kinds]
            return True if True in answers else unknown if unknown in answers else False
        if isinstance(kinds, External) and kinds.path.removeprefix("builtins.") in TYPES:
            plain = held is None or isinstance(held, int | float | str | list | tuple | dict)
            return isinstance(held, TYPES[kinds.name]) if plain else unknown
        if isinstance(kinds, External) and isinstance(held, Module) and held.entries:
            return held.entries[0].name == kinds.name or kinds.name == "Module"
        if isinstance(kinds, Class) and isinstance(held, Instance):
            return held.kind is kinds
        return unknown if isinstance(held, Unknown) or not isinstance(kinds, External | Class) else False
