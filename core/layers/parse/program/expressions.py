"""Expressions: numbers, names, lists, arithmetic and comparisons, and the sum of two pictures."""

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any

from core.layers.parse.libraries import keras_layers, torch_functions, torch_modules
from core.layers.parse.program import sizes
from core.layers.parse.program.reader_state import MAX_ITEMS, MAX_NUMBER, NONSENSE, Following, source
from core.layers.parse.program.sizes import FIRST
from core.layers.parse.trace import Entry, Trace, join, refusing
from core.layers.parse.values import (
    Blank,
    Class,
    External,
    Function,
    Instance,
    Method,
    Model,
    Module,
    Namespace,
    Parent,
    Scope,
    Sizes,
    Stack,
    Unknown,
)

OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}
BUILTINS = {
    *("int", "float", "abs", "round", "bool", "range", "len", "list", "tuple", "dict", "zip", "enumerate"),
    *("sum", "max", "min", "reversed", "sorted", "super", "str", "getattr", "setattr", "hasattr", "isinstance"),
}


def plain(value: Any, levels: int = 1) -> Any:
    """Return a value that is no list, or one of at most so many levels; raise TypeError for any other.

    Comparing two lists of lists of lists, or hashing one, can take as long as the text's author likes.
    """
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    if inside and not levels:
        raise TypeError("a list within lists")
    for one in inside:
        plain(one, levels - 1)
    return value


class Expressions(Following):
    """Follows expressions."""

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """Return what an expression stands for."""
        self.count(node)
        self.depth += 1
        try:
            return self._bounded(self._value(node, scope), node)
        except NONSENSE:
            return Unknown(node.lineno, source(node))
        finally:
            self.depth -= 1

    def _bounded(self, value: Any, node: ast.expr) -> Any:
        if type(value) is int and abs(value) > MAX_NUMBER and not isinstance(node, ast.Constant):
            return Unknown(node.lineno, "a number that large")
        if isinstance(value, list | tuple | dict | str):
            if len(value) > MAX_ITEMS:
                return Unknown(node.lineno, "a list that long")
            self.spend(node.lineno, len(value) // 50)  # it is copied or gone through
        return value

    def _value(self, node: ast.expr, scope: Scope) -> Any:
        match node:
            case ast.Constant(value=bool() | int() | float() | str() | None):
                return node.value
            case ast.Name(id=name):
                return self._named(name, node, scope)
            case ast.Attribute():
                return self.attribute(self.value(node.value, scope), node.attr, node)
            case ast.Call():
                return self.called(node, scope)
            case ast.Tuple(elts=parts):
                return tuple(self.parts(parts, scope))
            case ast.List(elts=parts) | ast.Set(elts=parts):
                return self.parts(parts, scope)
            case ast.Dict(keys=keys, values=values):
                made: dict[Any, Any] = {}
                for key, value in zip(keys, values, strict=True):
                    held = self.value(value, scope)
                    made |= {plain(self.value(key, scope)): held} if key is not None else held
                return made
            case ast.BinOp():
                return self.operate(node.op, self.value(node.left, scope), self.value(node.right, scope), node)
            case ast.UnaryOp(op=op):
                inner = self.value(node.operand, scope)
                if isinstance(inner, Unknown | External):
                    return Unknown(node.lineno, source(node))
                if isinstance(op, ast.Not):
                    return not self.is_true(inner)
                return -inner if isinstance(op, ast.USub) else +inner
            case ast.BoolOp(op=op):
                result: Any = None
                for part in node.values:
                    result = self.value(part, scope)
                    if isinstance(result, Unknown | External):
                        return Unknown(node.lineno, source(node))
                    if self.is_true(result) != isinstance(op, ast.And):
                        break
                return result
            case ast.Compare():
                return self._compared(node, scope)
            case ast.IfExp():
                test = self.value(node.test, scope)
                if isinstance(test, Unknown | External):
                    return Unknown(node.lineno, source(node))
                return self.value(node.body if self.is_true(test) else node.orelse, scope)
            case ast.Subscript():
                return self._item(self.value(node.value, scope), node, scope)
            case ast.JoinedStr(values=values):
                parts = [
                    self.value(part.value if isinstance(part, ast.FormattedValue) else part, scope) for part in values
                ]
                return "".join(str(part) for part in parts if isinstance(part, str | int))[:200]
            case ast.ListComp(elt=each) | ast.GeneratorExp(elt=each) | ast.SetComp(elt=each):
                return self._comprehended(node, node.generators, each, scope)
            case ast.DictComp():
                each = ast.copy_location(ast.Tuple([node.key, node.value], ast.Load()), node)
                pairs = self._comprehended(node, node.generators, each, scope)
                return {plain(key): value for key, value in pairs} if isinstance(pairs, list) else pairs
            case ast.Lambda():
                return Function(node, scope)
            case ast.NamedExpr():
                value = self.value(node.value, scope)
                self.assign(node.target, value, scope)
                return value
        return Unknown(node.lineno, source(node))

    def parts(self, parts: list[ast.expr], scope: Scope) -> list[Any]:
        """Return the values of several expressions, with starred ones spread."""
        values: list[Any] = []
        for part in parts:
            if isinstance(part, ast.Starred):
                held = self.value(part.value, scope)
                items = self.items(held)
                lost = held if isinstance(held, Unknown) else Unknown(part.lineno, source(part.value))
                values += [lost] if items is None else items
            else:
                values.append(self.value(part, scope))
        return values

    def _named(self, name: str, node: ast.expr, scope: Scope) -> Any:
        try:
            return scope.find(name)
        except KeyError:
            if name in BUILTINS:
                return External(f"builtins.{name}")
            if self.is_keras and name in keras_layers.LAYERS:
                return External(f"keras.layers.{name}")
            if name in torch_modules.KNOWN or name in ("OrderedDict", "ModuleList", "ModuleDict"):
                return External(f"torch.nn.{name}")
            if name in keras_layers.LAYERS or name in ("Input", "Model"):
                return External(f"keras.layers.{name}")
            return External(name)

    def operate(self, op: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
        """Return the result of + - * / // % ** on numbers and lists; + of two pictures joins their ways."""
        line = getattr(node, "lineno", 1)
        if isinstance(left, Trace) and isinstance(right, Trace):
            if isinstance(op, ast.Add):
                return join(left, right, line)
            reason = "two pictures are joined other than by +, which cannot be followed."
            return Trace((*left.entries, refusing(line, "join", reason)))
        for trace, other in ((left, right), (right, left)):
            if isinstance(trace, Trace):
                if isinstance(other, int | float):
                    note = f"Line {line}: arithmetic with a number is left out: it changes no shape."
                    return Trace((*trace.entries, Entry(line, "number", lambda shape: (), {}, (note,))))
                reason = "a picture is joined with a value that cannot be followed."
                return Trace((*trace.entries, refusing(line, "join", reason)))
        unknown = Unknown(line, source(node))
        if isinstance(op, ast.Pow):
            fits = type(left) is int and type(right) is int and abs(left) <= 1_000_000 and 0 <= right <= 40
            return left**right if fits and abs(left) ** right <= MAX_NUMBER else unknown
        if type(op) not in OPERATIONS:
            return unknown
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        lists = isinstance(op, ast.Add) and type(left) is type(right) and isinstance(left, list | tuple | str)
        if isinstance(op, ast.Mult) and isinstance(left, int) and isinstance(right, list | tuple | str):
            left, right = right, left
        times = isinstance(op, ast.Mult) and isinstance(left, list | tuple | str) and type(right) is int
        if times and len(left) * right > MAX_ITEMS:
            return unknown
        return OPERATIONS[type(op)](left, right) if numbers or lists or times else unknown

    def _compared(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node, scope)
            if isinstance(left, Unknown) or isinstance(right, Unknown):
                return Unknown(node.lineno, source(node))
            if isinstance(right, range) and type(left) is not int:
                return Unknown(node.lineno, source(node))  # which would go through all of it
            if not COMPARISONS[type(op)](plain(left), plain(right, 2)):
                return False
            left = right
        return True

    def _item(self, held: Any, node: ast.Subscript, scope: Scope) -> Any:
        if isinstance(held, Trace):
            if isinstance(node.slice, ast.Constant):
                reason = "one picture of a batch is taken here, which is no layer."
                return Trace((*held.entries, refusing(node.lineno, FIRST, reason)))
            return torch_functions.function("getitem", node.lineno, held, (), {})
        if isinstance(node.slice, ast.Slice):
            ends = [
                None if end is None else self.value(end, scope)
                for end in (node.slice.lower, node.slice.upper, node.slice.step)
            ]
            if isinstance(held, Sizes):
                return held.item(slice(*ends))
            if isinstance(held, Stack):
                return Stack(node.lineno, held.children[slice(*ends)], held.is_list)
            return (
                held[slice(*ends)]
                if isinstance(held, list | tuple | str | range)
                else Unknown(node.lineno, source(node))
            )
        key = self.value(node.slice, scope)
        if isinstance(held, Sizes):
            return held.item(key)
        if isinstance(held, Namespace):
            return held.names[key]
        if isinstance(held, Stack):
            return dict(held.children)[key] if isinstance(key, str) else held.children[key][1]
        if isinstance(held, list | tuple | dict | str | range):
            return held[plain(key)]
        return Unknown(node.lineno, source(node))

    def _comprehended(self, node: ast.expr, generators: list[ast.comprehension], each: ast.expr, scope: Scope) -> Any:
        def turns(place: int, inner: Scope) -> Iterator[Any]:
            if place == len(generators):
                yield self.value(each, inner)
                return
            one = generators[place]
            items = self.items(self.value(one.iter, inner))
            if items is None:
                raise IndexError("it is not known how many items there are")
            for item in items:
                self.assign(one.target, item, inner)
                if all(self.is_true(self.value(test, inner)) for test in one.ifs):
                    yield from turns(place + 1, inner)

        values: list[Any] = []
        try:
            for value in turns(0, Scope(scope)):
                values.append(value)
                if len(values) > MAX_ITEMS:
                    return Unknown(node.lineno, "a list that long")
        except IndexError:
            lists = " and ".join(source(one.iter) for one in generators)
            return Unknown(node.lineno, f"a list of as many items as {lists}")
        return values

    def sizes_of(self, trace: Trace, node: ast.expr) -> Any:
        """Return a picture's sizes, counted as work for each layer before it."""
        self.steps += 5 * len(trace.entries)
        self.count(node)
        return sizes.of(trace, node.lineno)

    def attribute(self, held: Any, name: str, node: ast.expr) -> Any:
        """Return an attribute of a value."""
        match held:
            case External():
                return External(f"{held.path}.{name}")
            case Instance():
                if name in held.attributes:
                    return held.attributes[name]
                if name == "training":
                    return True  # so that dropout is there
                if found := held.kind.method(name):
                    return Function(found[0], held.kind.scope, held, found[1])
                if name in held.kind.constants:
                    return held.kind.constants[name]
                return Method(held, name)
            case Class():
                if name in held.constants:
                    return held.constants[name]
                if found := held.method(name):
                    return Function(found[0], held.scope, None, found[1])
                return Unknown(node.lineno, source(node))
            case Module() if name in held.settings:
                return held.settings[name]
            case Stack() if name in dict(held.children):
                return dict(held.children)[name]
            case Namespace() if name in held.names:
                return held.names[name]
            case Sizes() if name != "numel":
                return Unknown(node.lineno, source(node))
            case Parent() | Stack() | Module() | Model() | Namespace() | Blank() | list() | dict() | str() | tuple():
                return Method(held, name)
            case Trace() if name == "shape":
                return self.sizes_of(held, node)
            case Trace():
                return Unknown(node.lineno, source(node)) if name in ("device", "dtype") else Method(held, name)
        return Unknown(node.lineno, source(node))
