"""Follow a program as far as its network goes: names, whole numbers, lists of layers, and a picture's way through them.

Nothing of the text is executed: each kind of statement and expression that is followed is listed here, sizes and steps
are limited, and everything else is an Unknown value, whose use in the network is a fault with its line.
"""

import ast
from contextlib import suppress
from typing import Any

from core.layers.codegen.keras import BLUR_POOL_FUNCTION
from core.layers.codegen.pytorch_classes import CLASSES
from core.layers.parse.libraries import keras_layers, torch_modules
from core.layers.parse.program.calls import Calls
from core.layers.parse.program.expressions import plain
from core.layers.parse.program.reader_state import MAX_ITEMS, NONSENSE, Leave, Return
from core.layers.parse.trace import ParseError, refusing
from core.layers.parse.values import (
    Class,
    External,
    Function,
    Instance,
    Module,
    Namespace,
    Scope,
    Sizes,
    Stack,
    Unknown,
)

MAX_TURNS = 200  # of a loop outside a network


def _own_classes() -> dict[str, str]:
    """Return the classes that the app's own programs define, without their docstrings, by name."""
    nodes = (node for _, text in CLASSES for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
    return {node.name: _undocumented(node) for node in nodes if node.name != "Residual"}  # which is followed


def _undocumented(node: ast.ClassDef | ast.FunctionDef) -> str:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return "\n".join(ast.dump(statement) for statement in body)


OWN_CLASSES = _own_classes()
OWN_FUNCTION = next(part for part in ast.parse(BLUR_POOL_FUNCTION).body if isinstance(part, ast.FunctionDef))


class Follower(Calls):
    """Follows one text, statement by statement."""

    def known_blocks(self, program: ast.Module) -> None:
        """Follow classes by whose names a printed model calls its blocks."""
        self.file(program)
        self.blocks = {name: value for name, value in self.top.names.items() if isinstance(value, Class)}
        for name in self.blocks:
            del self.top.names[name]

    def file(self, tree: ast.Module) -> None:
        """Follow the statements of a whole text."""
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        self.is_keras = bool(used & (keras_layers.LAYERS - set(torch_modules.KNOWN))) and "nn" not in used
        with suppress(Return, Leave):
            self.block(tree.body, self.top)

    def block(self, statements: list[ast.stmt], scope: Scope) -> None:
        """Follow statements in order."""
        for statement in statements:
            self.count(statement)
            self.depth += 1
            try:
                self.statement(statement, scope)
            except ParseError:
                raise
            except NONSENSE:  # as 1 / 0 is: what it would change is not known
                self._forget(statement, scope)
            self.depth -= 1

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
                raise Return(None if node.value is None else self.value(node.value, scope))
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
            case ast.While():
                if not self.loop(node, scope, MAX_TURNS):
                    self._forget(node, scope)
            case ast.Match():
                self._match(node, scope)
            case ast.AsyncFor():
                self._forget(node, scope)
            case ast.Break() | ast.Continue() | ast.Raise():
                raise Leave(type(node).__name__)
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
            self.block(node.body if self.is_true(test) else node.orelse, scope)

    def _match(self, node: ast.Match, scope: Scope) -> None:
        """Follow a match whose subject and patterns are plain values."""
        subject = self.value(node.subject, scope)
        known = not isinstance(subject, Unknown | External)
        for case in node.cases:
            wanted = case.pattern.patterns if isinstance(case.pattern, ast.MatchOr) else [case.pattern]
            plain = [one.value for one in wanted if isinstance(one, ast.MatchValue)]
            whole = [one for one in wanted if isinstance(one, ast.MatchAs) and one.pattern is None]
            if not known or case.guard is not None or len(plain) + len(whole) < len(wanted):
                self._forget(node, scope)
                return
            if whole or any(self.value(value, scope) == subject for value in plain):
                if whole and whole[0].name is not None:
                    scope.names[whole[0].name] = subject
                self.block(case.body, scope)
                return

    def _for(self, node: ast.For, scope: Scope) -> None:
        items = self.items(self.value(node.iter, scope))
        if items is None or (scope is self.top and len(items) > MAX_TURNS):
            self._forget(node, scope)
            return
        for item in items:
            self.assign(node.target, item, scope)
            try:
                self.block(node.body, scope)
            except Leave as left:
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
            self.count(node)
            match inner:
                case ast.Name(ctx=ast.Store()) | ast.Attribute(ctx=ast.Store(), value=ast.Name()):
                    self.assign(inner, unknown, scope)
                case ast.Call(func=ast.Attribute(value=owner, attr="append" | "add_module" | "add" | "extend")):
                    if isinstance(owner, ast.Name | ast.Attribute) and isinstance(
                        held := self.value(owner, scope), Stack | list
                    ):
                        entry = refusing(node.lineno, "if", f"{unknown.what} is part of the network here.")
                        fault = Module(node.lineno, (entry,))
                        if isinstance(held, list):
                            held.append(fault)
                        else:
                            held.children.append(("", fault))
                case ast.Return() if isinstance(node, ast.If) and scope is not self.top and "__trace__" in scope.names:
                    raise Return(unknown)

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Give a name, an attribute or several of them their value."""
        match target:
            case ast.Name(id=name):
                scope.names[name] = value
            case ast.Attribute(value=owner, attr=name):
                held = self.value(owner, scope)
                if isinstance(held, Instance | Namespace):
                    kept = held.names if isinstance(held, Namespace) else held.attributes
                    kept[name] = value
                    self.use(value)
                elif isinstance(held, Stack):
                    held.children = [(key, value if key == name else child) for key, child in held.children]
                    self.use(value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part, item in zip(parts, self._spread(target, parts, value), strict=True):
                    self.assign(part.value if isinstance(part, ast.Starred) else part, item, scope)
            case ast.Subscript():
                held, key = self.value(target.value, scope), self.value(target.slice, scope)
                if isinstance(held, dict | list) and len(held) < MAX_ITEMS:
                    held[plain(key)] = value
                elif isinstance(held, Stack) and isinstance(key, str):
                    kept = dict(held.children)
                    kept[key] = value
                    held.children = list(kept.items())
                    self.use(value)
                elif (
                    isinstance(held, Stack) and isinstance(key, int) and -len(held.children) <= key < len(held.children)
                ):
                    held.children[key] = (held.children[key][0], value)
                    self.use(value)
            case _:
                pass

    def _spread(self, target: ast.expr, parts: list[ast.expr], value: Any) -> list[Any]:
        """Return what each of several names is given."""
        star = next((place for place, part in enumerate(parts) if isinstance(part, ast.Starred)), None)
        if isinstance(value, Sizes):
            if star in (None, len(parts) - 1):
                return [value.item(slice(place, None) if place == star else place) for place in range(len(parts))]
            return [value] * len(parts)
        items = self.items(value)
        if items is not None and star is not None and len(items) >= len(parts) - 1:
            end = star + 1 + len(items) - len(parts)
            items = [*items[:star], items[star:end], *items[end:]]
        if items is None or len(items) != len(parts):
            return [Unknown(target.lineno, "one of several values")] * len(parts)
        return items


def _load(target: ast.expr) -> ast.expr:
    """Return what is assigned to as what is read."""
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(name, ast.Load()), target)
        case ast.Attribute(value=value, attr=name):
            return ast.copy_location(ast.Attribute(value, name, ast.Load()), target)
    return target
