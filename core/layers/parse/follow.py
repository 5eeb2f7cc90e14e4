"""Follow a program as far as its network goes: names, whole numbers, lists of layers, and a picture's way through them.

Nothing of the text is executed: each kind of statement and expression that is followed is listed here, sizes and steps
are limited, and everything else is an Unknown value, whose use in the network is a fault with its line.
"""

import ast
import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from core.layers.codegen import CLASSES
from core.layers.codegen_keras import BLUR_POOL_FUNCTION
from core.layers.parse import keras_calls, torch_calls
from core.layers.parse.values import (
    Class,
    Entry,
    External,
    Fork,
    Function,
    Instance,
    Joint,
    Method,
    Model,
    Module,
    Parent,
    ParseError,
    Scope,
    Stack,
    Trace,
    Unknown,
)

MAX_STEPS = 200_000  # expressions and statements followed
MAX_DEPTH = 70  # of expressions, statements and calls inside one another
MAX_ITEMS = 10_000  # of a list
MAX_NUMBER = 10**12
MAX_TURNS = 200  # of a loop outside a network
MAX_USES = 20_000  # layers on one picture's way
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
BUILTINS = {
    *NUMBERS,
    *("range", "len", "list", "tuple", "dict", "zip", "enumerate", "sum", "max", "min", "reversed", "super", "str"),
}
SELF_RETURNING = {
    *("to", "cuda", "cpu", "eval", "train", "float", "double", "half", "requires_grad_", "apply", "build", "compile"),
}
PICTURES = set(["randn", "rand", "zeros", "ones", "empty"])


def _own_classes() -> dict[str, str]:
    """Return the classes that the app's own programs define, without their docstrings, by name."""
    nodes = (node for _, text in CLASSES for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
    return {node.name: _undocumented(node) for node in nodes if node.name != "Residual"}  # which is followed


def _undocumented(node: ast.ClassDef | ast.FunctionDef) -> str:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return "\n".join(ast.dump(statement) for statement in body)


OWN_CLASSES = _own_classes()
OWN_FUNCTION = next(part for part in ast.parse(BLUR_POOL_FUNCTION).body if isinstance(part, ast.FunctionDef))


class _Return(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class _Leave(Exception):
    def __init__(self, kind: str) -> None:
        self.kind = kind


class Follower:
    """Follows one text. What it made is in `made`, what became part of something else in `used`."""

    def __init__(self) -> None:
        """Start with the names that a text without imports means."""
        self.steps = self.depth = 0
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

    def known_blocks(self, program: ast.Module) -> None:
        """Follow classes by whose names a printed model calls its blocks."""
        self.file(program)
        self.blocks = {name: value for name, value in self.top.names.items() if isinstance(value, Class)}
        for name in self.blocks:
            del self.top.names[name]

    # Statements

    def file(self, tree: ast.Module) -> None:
        """Follow the statements of a whole text."""
        try:
            self.block(tree.body, self.top)
        except (_Return, _Leave):
            pass
        except RecursionError:
            raise ParseError(1, "this is not Python code that can be read: it is nested too deep.") from None

    def block(self, statements: list[ast.stmt], scope: Scope) -> None:
        """Follow statements in order."""
        for statement in statements:
            self._count(statement)
            self.depth += 1
            self.statement(statement, scope)
            self.depth -= 1

    def _count(self, node: ast.AST) -> None:
        self.steps += 1
        line = getattr(node, "lineno", 1)
        if self.steps > MAX_STEPS:
            raise ParseError(line, "the text does too much to be followed: paste only the network.")
        if self.depth > MAX_DEPTH:
            raise ParseError(line, f"this is nested too deep to be followed: at most {MAX_DEPTH} levels are.")

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        """Follow one statement."""
        match node:
            case ast.Import() | ast.ImportFrom():
                self._imported(node, scope)
            case ast.FunctionDef():
                own = node.name == OWN_FUNCTION.name and _undocumented(node) == _undocumented(OWN_FUNCTION)
                scope.names[node.name] = External("keras.blur_pool") if own else Function(node, scope)
            case ast.ClassDef():
                scope.names[node.name] = self._class(node, scope)
            case ast.Assign():
                value = self.value(node.value, scope)
                for target in node.targets:
                    self.assign(target, value, scope)
            case ast.AnnAssign(value=ast.expr() as given):
                self.assign(node.target, self.value(given, scope), scope)
            case ast.AugAssign():
                before = self.value(_load(node.target), scope)
                self.assign(node.target, self.operate(node.op, before, self.value(node.value, scope), node), scope)
            case ast.Expr():
                self.value(node.value, scope)
            case ast.Return():
                raise _Return(None if node.value is None else self.value(node.value, scope))
            case ast.If():
                self._if(node, scope)
            case ast.For():
                self._for(node, scope)
            case ast.With():
                for item in node.items:
                    value = self.value(item.context_expr, scope)
                    if item.optional_vars is not None:
                        self.assign(item.optional_vars, value, scope)
                self.block(node.body, scope)
            case ast.Try():
                self.block(node.body, scope)
            case ast.While() | ast.AsyncFor() | ast.Match():
                self._forget(node, scope)
            case ast.Break() | ast.Continue() | ast.Raise():
                raise _Leave(type(node).__name__)
            case _:
                pass  # del, global, assert, pass: nothing to follow

    def _imported(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                scope.names[alias.asname or whole] = External(whole)
            else:
                scope.names[alias.asname or alias.name] = External(f"{node.module or ''}.{alias.name}".lstrip("."))

    def _class(self, node: ast.ClassDef, scope: Scope) -> Any:
        if OWN_CLASSES.get(node.name) == _undocumented(node):
            return External(f"torch.nn.{node.name}")
        inner = Scope(scope)
        for statement in node.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                self.statement(statement, inner)
        methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
        bases = tuple(self.value(base, scope) for base in node.bases)
        return Class(node, scope, bases, methods, dict(inner.names))

    def _if(self, node: ast.If, scope: Scope) -> None:
        test = self.value(node.test, scope)
        if isinstance(test, Unknown | External):
            self._forget(node, scope)
        else:
            self.block(node.body if self._true(test) else node.orelse, scope)

    def _true(self, value: Any) -> bool:
        return bool(value.children) if isinstance(value, Stack) else bool(value)

    def _for(self, node: ast.For, scope: Scope) -> None:
        items = self.items(self.value(node.iter, scope))
        if items is None or (scope is self.top and len(items) > MAX_TURNS):
            self._forget(node, scope)
            return
        for item in items:
            self.assign(node.target, item, scope)
            try:
                self.block(node.body, scope)
            except _Leave as left:
                if left.kind == "Break":
                    break
                if left.kind == "Raise":
                    raise
        else:
            self.block(node.orelse, scope)

    def _forget(self, node: ast.stmt, scope: Scope) -> None:
        """Mark what a statement that isn't followed would change as unknown."""
        kind = {ast.If: "an if", ast.For: "a for", ast.While: "a while"}.get(type(node), "a statement")
        unknown = Unknown(node.lineno, f"what {kind} that cannot be followed decides")
        for inner in ast.walk(node):
            self._count(node)
            match inner:
                case ast.Name(ctx=ast.Store()) | ast.Attribute(ctx=ast.Store(), value=ast.Name()):
                    self.assign(inner, unknown, scope)
                case ast.Call(func=ast.Attribute(value=owner, attr="append" | "add_module" | "add" | "extend")):
                    if isinstance(owner, ast.Name | ast.Attribute) and isinstance(
                        held := self.value(owner, scope), Stack | list
                    ):
                        entry = torch_calls.refusing(node.lineno, "if", f"{unknown.what} is part of the network here.")
                        fault = Module(node.lineno, (entry,))
                        if isinstance(held, list):
                            held.append(fault)
                        else:
                            held.children.append(("", fault))
                case ast.Return() if isinstance(node, ast.If) and scope is not self.top and "__trace__" in scope.names:
                    raise _Return(unknown)

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Give a name, an attribute or several of them their value."""
        match target:
            case ast.Name(id=name):
                scope.names[name] = value
            case ast.Attribute(value=owner, attr=name):
                held = self.value(owner, scope)
                if isinstance(held, Instance):
                    held.attributes[name] = value
                    self.use(value)
                elif isinstance(held, Stack):
                    held.children = [(key, value if key == name else child) for key, child in held.children]
                    self.use(value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                items = self.items(value)
                if items is None or len(items) != len(parts):
                    items = [Unknown(target.lineno, "one of several values")] * len(parts)
                for part, item in zip(parts, items, strict=True):
                    self.assign(part, item, scope)
            case ast.Subscript():
                held, key = self.value(target.value, scope), self.value(target.slice, scope)
                if isinstance(held, dict | list) and len(held) < MAX_ITEMS:
                    held[key] = value
                elif (
                    isinstance(held, Stack) and isinstance(key, int) and -len(held.children) <= key < len(held.children)
                ):
                    held.children[key] = (held.children[key][0], value)
                    self.use(value)
            case _:
                pass

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

    # Expressions

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """Return what an expression stands for."""
        self._count(node)
        self.depth += 1
        try:
            return self._bounded(self._value(node, scope), node)
        except (TypeError, ValueError, KeyError, IndexError, ZeroDivisionError, OverflowError, AttributeError):
            return Unknown(node.lineno, _source(node))
        finally:
            self.depth -= 1

    def _bounded(self, value: Any, node: ast.expr) -> Any:
        if type(value) is int and abs(value) > MAX_NUMBER and not isinstance(node, ast.Constant):
            return Unknown(node.lineno, "a number that large")
        if isinstance(value, list | tuple | dict | str) and len(value) > MAX_ITEMS:
            return Unknown(node.lineno, "a list that long")
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
                return self._call(node, scope)
            case ast.Tuple(elts=parts):
                return tuple(self._parts(parts, scope))
            case ast.List(elts=parts) | ast.Set(elts=parts):
                return self._parts(parts, scope)
            case ast.Dict(keys=keys, values=values):
                return {
                    self.value(key, scope): self.value(value, scope)
                    for key, value in zip(keys, values, strict=True)
                    if key is not None
                }
            case ast.BinOp():
                return self.operate(node.op, self.value(node.left, scope), self.value(node.right, scope), node)
            case ast.UnaryOp(op=op):
                inner = self.value(node.operand, scope)
                if isinstance(inner, Unknown | External):
                    return Unknown(node.lineno, _source(node))
                if isinstance(op, ast.Not):
                    return not self._true(inner)
                return -inner if isinstance(op, ast.USub) else +inner
            case ast.BoolOp(op=op):
                result: Any = None
                for part in node.values:
                    result = self.value(part, scope)
                    if isinstance(result, Unknown | External):
                        return Unknown(node.lineno, _source(node))
                    if self._true(result) != isinstance(op, ast.And):
                        break
                return result
            case ast.Compare():
                return self._compared(node, scope)
            case ast.IfExp():
                test = self.value(node.test, scope)
                if isinstance(test, Unknown | External):
                    return Unknown(node.lineno, _source(node))
                return self.value(node.body if self._true(test) else node.orelse, scope)
            case ast.Subscript():
                return self._item(self.value(node.value, scope), node, scope)
            case ast.JoinedStr(values=values):
                parts = [
                    self.value(part.value if isinstance(part, ast.FormattedValue) else part, scope) for part in values
                ]
                return "".join(str(part) for part in parts if isinstance(part, str | int))[:200]
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehended(node, scope)
            case ast.Lambda():
                return Function(node, scope)
            case ast.NamedExpr():
                value = self.value(node.value, scope)
                self.assign(node.target, value, scope)
                return value
        return Unknown(node.lineno, _source(node))

    def _parts(self, parts: list[ast.expr], scope: Scope) -> list[Any]:
        values: list[Any] = []
        for part in parts:
            if isinstance(part, ast.Starred):
                held = self.value(part.value, scope)
                items = self.items(held)
                values += [Unknown(part.lineno, _source(part))] if items is None else items
            else:
                values.append(self.value(part, scope))
        return values

    def _named(self, name: str, node: ast.expr, scope: Scope) -> Any:
        try:
            return scope.find(name)
        except KeyError:
            if name in BUILTINS:
                return External(f"builtins.{name}")
            if name in torch_calls.KNOWN or name in ("OrderedDict", "ModuleList", "ModuleDict"):
                return External(f"torch.nn.{name}")
            if name in keras_calls.LAYERS or name in ("Input", "Model"):
                return External(f"keras.layers.{name}")
            return External(name)

    def operate(self, op: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
        """Return the result of + - * / // % ** on numbers and lists; + of two pictures joins their ways."""
        line = getattr(node, "lineno", 1)
        if isinstance(left, Trace) and isinstance(right, Trace):
            if isinstance(op, ast.Add):
                return self.join(left, right, line)
            reason = "two pictures are joined other than by +, which cannot be followed."
            return Trace((*left.entries, torch_calls.refusing(line, "join", reason)))
        for trace, other in ((left, right), (right, left)):
            if isinstance(trace, Trace):
                if isinstance(other, int | float):
                    note = f"Line {line}: arithmetic with a number is left out: it changes no shape."
                    return Trace((*trace.entries, Entry(line, "number", lambda shape: (), {}, (note,))))
                reason = "a picture is joined with a value that cannot be followed."
                return Trace((*trace.entries, torch_calls.refusing(line, "join", reason)))
        unknown = Unknown(line, _source(node))
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

    def join(self, left: Trace, right: Trace, line: int) -> Trace:
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

    def _compared(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node, scope)
            if isinstance(left, Unknown) or isinstance(right, Unknown):
                return Unknown(node.lineno, _source(node))
            if not COMPARISONS[type(op)](left, right):
                return False
            left = right
        return True

    def _item(self, held: Any, node: ast.Subscript, scope: Scope) -> Any:
        if isinstance(held, Trace):
            return torch_calls.function("getitem", node.lineno, held, (), {})
        if isinstance(node.slice, ast.Slice):
            ends = [
                None if end is None else self.value(end, scope)
                for end in (node.slice.lower, node.slice.upper, node.slice.step)
            ]
            if isinstance(held, Stack):
                return Stack(node.lineno, held.children[slice(*ends)], held.is_list)
            return (
                held[slice(*ends)]
                if isinstance(held, list | tuple | str | range)
                else Unknown(node.lineno, _source(node))
            )
        key = self.value(node.slice, scope)
        if isinstance(held, Stack):
            return dict(held.children)[key] if isinstance(key, str) else held.children[key][1]
        return held[key] if isinstance(held, list | tuple | dict | str | range) else Unknown(node.lineno, _source(node))

    def _comprehended(self, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Any:
        def turns(place: int, inner: Scope) -> Iterator[Any]:
            if place == len(node.generators):
                yield self.value(node.elt, inner)
                return
            one = node.generators[place]
            items = self.items(self.value(one.iter, inner))
            for item in [Unknown(node.lineno, _source(node))] if items is None else items:
                self.assign(one.target, item, inner)
                if all(self._true(self.value(test, inner)) for test in one.ifs):
                    yield from turns(place + 1, inner)

        values: list[Any] = []
        for value in turns(0, Scope(scope)):
            values.append(value)
            if len(values) > MAX_ITEMS:
                return Unknown(node.lineno, "a list that long")
        return values

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
                return Unknown(node.lineno, _source(node))
            case Module() if name in held.settings:
                return held.settings[name]
            case Stack() if name in dict(held.children):
                return dict(held.children)[name]
            case Parent() | Stack() | Module() | Model() | list() | dict() | str():
                return Method(held, name)
            case Trace():
                return Unknown(node.lineno, "a picture's size") if name in ("shape", "device") else Method(held, name)
        return Unknown(node.lineno, _source(node))

    # Calls

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Lambda):
            return Unknown(node.lineno, "a function without a name")
        called = self.value(node.func, scope)
        values = self._parts(node.args, scope)
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
                return self._external(called, values, named, node)
            case Class():
                return self._instance(called, values, named, line)
            case Function():
                return self.run(called, values, named, line)
            case Method():
                return self._method(called.owner, called.name, values, named, node)
            case Joint() if values and isinstance(values[0], list | tuple):
                traces = [value for value in values[0] if isinstance(value, Trace)]
                joined = traces[0]
                for trace in traces[1:]:
                    joined = self.join(joined, trace, line)
                return Trace((*joined.entries, *called.entries)) if called.entries else joined
            case Module() | Stack() | Instance() | Model() if values and isinstance(values[0], Trace):
                return self.through(called, values[0], line, values[1:], named)
        picture = _picture_in(values, named)
        return Unknown(line, _source(node)) if picture is None else self._lost(picture, node)

    def _lost(self, trace: Trace, node: ast.expr) -> Trace:
        reason = f"{_source(node)} cannot be followed: write it as layers, or leave the line out."
        return Trace((*trace.entries, torch_calls.refusing(node.lineno, "call", reason)))

    def through(self, module: Any, trace: Trace, line: int, values: list[Any], named: dict[str, Any]) -> Any:
        """Return the picture's way after a module."""
        if len(trace.entries) > MAX_USES:
            raise ParseError(line, f"a picture goes through more than {MAX_USES:,} layers here: use fewer.")
        match module:
            case Joint():
                return trace
            case Module():
                fresh = [replace(one, origin=one) for one in module.entries]
                return Trace((*trace.entries, *fresh))
            case Stack() if not module.is_list:
                return self._stacked(module, trace, 0)
            case Model():
                return Trace((*trace.entries, *module.trace.entries))
            case Instance():
                forward = module.kind.method("forward") or module.kind.method("call")
                if forward is not None:
                    function = Function(forward[0], module.kind.scope, module, forward[1])
                    result = self.run(function, [trace, *values], named, line)
                    return self._result(result, trace, forward[0].lineno)
                if "__stack__" in module.attributes:
                    return self.through(module.attributes["__stack__"], trace, line, [], {})
                parts = [part for part in module.attributes.values() if isinstance(part, Module | Stack | Instance)]
                if parts:
                    name = module.kind.node.name
                    self.notes[f"{name} has no forward here: its layers are read in the order they are made."] = None
                for part in parts:
                    trace = self.through(part, trace, line, [], {})
                if parts:
                    return trace
        reason = "a list of layers is called here: write nn.Sequential(*layers), or call each one."
        return Trace((*trace.entries, torch_calls.refusing(line, "call", reason)))

    def _result(self, result: Any, trace: Trace, line: int) -> Trace:
        """Return what a forward method gives as one picture."""
        if isinstance(result, Trace):
            return result
        several = list(result.values()) if isinstance(result, dict) else result
        if isinstance(several, tuple | list) and several and isinstance(several[0], Trace):
            self.notes[f"forward (line {line}) returns several values: the first is read."] = None
            return several[0]
        reason = "forward returns no picture that could be followed."
        if isinstance(result, Unknown):
            line, reason = result.line, f"{result.what[:80]} cannot be followed: write the network without it."
        return Trace((*trace.entries, torch_calls.refusing(line, "forward", reason)))

    def _stacked(self, stack: Stack, trace: Trace, depth: int) -> Trace:
        """Return the picture's way through a Sequential."""
        if depth > 20:
            reason = "Sequentials can be nested at most 20 deep."
            return Trace((*trace.entries, torch_calls.refusing(stack.line, "Sequential", reason)))
        entries: list[Entry] = list(trace.entries)
        for _, child in stack.children:
            if isinstance(child, Stack) and not child.is_list:
                entries = list(self._stacked(child, Trace(tuple(entries)), depth + 1).entries)
            elif isinstance(child, Trace) and not child.entries:
                pass  # Keras' Input
            elif isinstance(child, Module | Instance | Model):
                way = self.through(child, Trace(tuple(entries)), stack.line, [], {})
                entries = list(way.entries) if isinstance(way, Trace) else entries
            else:
                line = child.line if isinstance(child, Unknown | Stack) else stack.line
                reason = "a Sequential can hold only layers, each written as nn.Name(...)."
                entries.append(torch_calls.refusing(line, "Sequential", reason))
        return Trace(tuple(entries))

    def _instance(self, kind: Class, values: list[Any], named: dict[str, Any], line: int) -> Any:
        made = Instance(line, kind)
        if found := kind.method("__init__"):
            self.run(Function(found[0], kind.scope, made, found[1]), values, named, line)
        elif any(isinstance(base, External) and base.name == "Sequential" for base in kind.bases):
            made.attributes["__stack__"] = self._sequential(values, named, line)
        if kind.is_module():
            self.made.append(made)
        return made

    def run(self, function: Function, values: list[Any], named: dict[str, Any], line: int) -> Any:
        """Return what a function of the text returns."""
        scope = Scope(function.scope)
        node = function.node
        names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        static = isinstance(node, ast.FunctionDef) and any(
            isinstance(decorator, ast.Name) and decorator.id == "staticmethod" for decorator in node.decorator_list
        )
        if function.owner is not None:
            if not static:
                values = [function.owner, *values]
            scope.names |= {"__owner__": function.owner, "__home__": function.home}
        for argument, default in zip(names[len(names) - len(node.args.defaults) :], node.args.defaults, strict=True):
            scope.names[argument] = self.value(default, function.scope)
        for argument_node, keyword_default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
            if keyword_default is not None:
                scope.names[argument_node.arg] = self.value(keyword_default, function.scope)
        known = {*names, *(argument.arg for argument in node.args.kwonlyargs)}
        scope.names |= dict(zip(names, values, strict=False)) | {
            key: value for key, value in named.items() if key in known
        }
        for name in known - set(scope.names):
            scope.names[name] = Unknown(line, f"{name}, which is not given,")
        if node.args.vararg is not None:
            scope.names[node.args.vararg.arg] = tuple(values[len(names) :])
        if node.args.kwarg is not None:
            scope.names[node.args.kwarg.arg] = {key: value for key, value in named.items() if key not in known}
        if any(isinstance(value, Trace) for value in values):
            scope.names["__trace__"] = True
        if isinstance(node, ast.Lambda):
            return self.value(node.body, scope)
        self.depth += 1
        try:
            self.block(node.body, scope)
        except _Return as returned:
            return returned.value
        except _Leave:
            return Unknown(node.lineno, f"{node.name}, which ends in an error,")
        finally:
            self.depth = max(self.depth - 1, 0)
        return None

    def _sequential(self, values: list[Any], named: dict[str, Any], line: int, is_list: bool = False) -> Stack:
        """Return an nn.Sequential, a ModuleList or a Keras Sequential of these arguments."""
        named = {key: value for key, value in named.items() if key not in ("name", "trainable")}
        if len(values) == 1 and isinstance(values[0], dict):
            children = [(str(key), child) for key, child in values[0].items()]
        elif len(values) == 1 and isinstance(values[0], list | tuple):
            pairs = values[0]
            if pairs and all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
                children = [(str(key), child) for key, child in pairs]
            else:
                children = [(str(place), child) for place, child in enumerate(pairs)]
        else:
            children = [(str(place), child) for place, child in enumerate(values)]
        if "layers" in named and isinstance(named["layers"], list | tuple):
            children = [("", child) for child in named.pop("layers")]
        if named:
            reason = "Sequential takes only layers, no keyword arguments."
            children.append(("", Module(line, (torch_calls.refusing(line, "Sequential", reason),))))
        for _, child in children:
            self.use(child)
        stack = Stack(line, children, is_list)
        self.made.append(stack)
        return stack

    def _external(self, called: External, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
        line, name, path = node.lineno, called.name, called.path
        if path.startswith("builtins."):
            return self._builtin(name, values, node)
        trace = _picture_in(values, named)
        if name == "OrderedDict":
            held = values[0] if values else named
            return dict(held) if isinstance(held, list | dict) else Unknown(line, _source(node))
        if name in ("Sequential", "ModuleList"):
            return self._sequential(values, named, line, name == "ModuleList")
        if name == "ModuleDict":
            stack = self._sequential(values, named, line, True)
            stack.by_name = True
            return stack
        if ".models." in f".{path}" and name[:1].islower():
            reason = (
                f"{name:.40} is a library's network: paste its name alone, such as resnet18, or print(model)'s text."
            )
            stack = Stack(line, [("", Module(line, (torch_calls.refusing(line, name, reason),)))])
            self.made.append(stack)
            return stack
        if name in self.blocks and path.startswith("torch.nn"):
            return self._instance(self.blocks[name], values, named, line)
        if name in ("DataParallel", "compile", "DistributedDataParallel", "partial") and values:
            return values[0]
        if path.startswith(("keras", "tensorflow", "tf.")):
            return self._keras(name, values, named, node)
        if path in ("torch.add",) and len(values) == 2 and all(isinstance(value, Trace) for value in values):
            return self.join(values[0], values[1], line)
        if path.startswith("torch") and name in PICTURES:
            return self._picture(values, named, node)
        if name == "summary":
            sizes = next((one for one in (*values, *named.values()) if isinstance(one, tuple | list)), ())
            if len(sizes) in (3, 4) and all(type(size) is int for size in sizes):
                self.hints.append(tuple(sizes[-3:]))
        if trace is not None:
            known = name in torch_calls.FUNCTIONS or name in ("flatten", "squeeze", "mean", "reshape", "pad")
            if path.startswith("torch") and known:
                rest = values[1:] if values and values[0] is trace else values
                return torch_calls.function(name, line, trace, rest, named)
            return self._lost(trace, node)
        if path in ("cast", "typing.cast") and len(values) == 2:
            return values[1]
        if path in MATH:
            return MATH[path](*values)
        layer = torch_calls.is_module_name(called) and not name.endswith(("Loss", "Parameter", "Buffer", "Error"))
        if layer and (path.startswith("torch.nn") or name in torch_calls.KNOWN):
            made = torch_calls.module(name, line, values, named)
            self.made.append(made)
            return made
        return Unknown(line, _source(node))

    def _picture(self, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
        sizes = values[0] if len(values) == 1 and isinstance(values[0], tuple | list) else values
        sizes = named.get("size", sizes)
        if isinstance(sizes, list | tuple) and len(sizes) == 4 and all(type(one) is int for one in sizes):
            self.hints.append(tuple(sizes[1:]))
            return Trace()
        return Unknown(node.lineno, _source(node))

    def _keras(self, name: str, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
        if name in ("Input", "InputLayer"):
            shape = next((one for one in (*values, *named.values()) if isinstance(one, tuple | list)), ())
            self.hint_last(shape)
            return Trace() if name == "Input" else Module(node.lineno, ())
        if name == "Model":
            ends = [one for one in (*values, *named.values()) if isinstance(one, Trace)]
            if not ends:
                return Unknown(node.lineno, _source(node))
            model = Model(node.lineno, max(ends, key=lambda trace: len(trace.entries)))
            self.made.append(model)
            return model
        if name == "Lambda" and values and isinstance(values[0], Function):
            way = self.run(values[0], [Trace()], {}, node.lineno)
            entries = way.entries if isinstance(way, Trace) else self._lost(Trace(), node).entries
            return Module(node.lineno, entries)
        if name in ("pad", "blur_pool") and len(values) > 1 and isinstance(values[0], Trace):
            own = keras_calls.layer(name, node.lineno, values[1:], named)
            return Trace((*values[0].entries, *own.entries))
        if not name[:1].isupper():
            trace = next((value for value in values if isinstance(value, Trace)), None)
            return self._lost(trace, node) if trace is not None else Unknown(node.lineno, _source(node))
        self.hint_last(named.pop("input_shape", None))
        made = keras_calls.layer(name, node.lineno, values, named)
        self.made.append(made)
        return made

    def hint_last(self, shape: Any) -> None:
        """Keep a picture's shape as Keras writes it, (H, W, C)."""
        if isinstance(shape, tuple | list) and all(type(size) is int for size in shape):
            if len(shape) == 3:
                self.hints.append((shape[2], shape[0], shape[1]))
            elif len(shape) == 2:
                self.hints.append((1, *shape))

    def _builtin(self, name: str, values: list[Any], node: ast.expr) -> Any:
        unknown = Unknown(node.lineno, _source(node))
        if any(isinstance(value, Unknown) for value in values):
            return unknown
        if name == "range":
            return range(*values)
        if name == "str":
            return str(values[0]) if isinstance(values[0], str | int) else unknown
        if name in NUMBERS:
            return NUMBERS[name](*values) if all(isinstance(value, int | float) for value in values) else unknown
        if name in ("max", "min", "sum"):
            numbers = values[0] if len(values) == 1 else values
            if not all(isinstance(number, int | float) for number in numbers):
                return unknown
            return REDUCTIONS[name](numbers)
        if name == "dict":
            return dict(values[0]) if values and isinstance(values[0], list | dict) else {}
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
            return list(enumerate(items))
        return tuple(items) if name == "tuple" else items[::-1] if name == "reversed" else items

    def _method(self, held: Any, name: str, values: list[Any], named: dict[str, Any], node: ast.expr) -> Any:
        line = node.lineno
        match held:
            case Trace():
                if name in ("add", "add_") and values and isinstance(values[0], Trace):
                    return self.join(held, values[0], line)
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
        return Unknown(line, _source(node))

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
                parent.owner.attributes["__stack__"] = self._sequential(values, named, line)
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
        return Unknown(node.lineno, _source(node))


def _as_layer(value: Any, node: ast.expr) -> Any:
    """Return an argument of Sequential, with its line where it is no layer."""
    if isinstance(value, External) and torch_calls.is_module_name(value):
        reason = f"{value.name:.40} is written without its parentheses: write nn.{value.name:.40}()."
        return Module(node.lineno, (torch_calls.refusing(node.lineno, value.name, reason),))
    if isinstance(value, Module | Stack | Instance | Model | Trace | list | tuple | dict | Unknown):
        return value
    return Unknown(node.lineno, _source(node))


def _picture_in(values: list[Any], named: dict[str, Any]) -> Trace | None:
    """Return the first picture among the arguments of a call, or in a list of them."""
    flat = [one for value in (*values, *named.values()) for one in (value if type(value) in (list, tuple) else [value])]
    return next((one for one in flat if isinstance(one, Trace)), None)


def _load(target: ast.expr) -> ast.expr:
    """Return what is assigned to as what is read."""
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(name, ast.Load()), target)
        case ast.Attribute(value=value, attr=name):
            return ast.copy_location(ast.Attribute(value, name, ast.Load()), target)
    return target


def _source(node: ast.AST) -> str:
    """Return a short text for a value that cannot be followed."""
    match node:
        case ast.Name(id=name):
            return name[:40]
        case ast.Attribute(value=value, attr=name):
            return f"{_source(value)}.{name[:40]}"[-60:]
        case ast.Call(func=function):
            return f"{_source(function)}(…)"[:60]
    return "this expression"
