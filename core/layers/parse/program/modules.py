"""Networks of a text: what a picture's way through a module, a stack or an object of a class is."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.layers.parse.libraries import torch_modules
from core.layers.parse.program.expressions import Expressions
from core.layers.parse.program.reader_state import Leave, Return, source
from core.layers.parse.trace import Entry, ParseError, Trace, is_faulty, refusing
from core.layers.parse.values import (
    Class,
    External,
    Function,
    Instance,
    Joint,
    Model,
    Module,
    Namespace,
    Scope,
    Stack,
    Unknown,
)

MAX_USES = 20_000  # layers on one picture's way


class Modules(Expressions):
    """Follows pictures through modules, and the functions of a text."""

    def lost(self, trace: Trace, node: ast.expr) -> Trace:
        """Return a picture's way with a fault at its end: what it goes through here cannot be followed."""
        reason = f"{source(node)} cannot be followed: write it as layers, or leave the line out."
        return Trace((*trace.entries, refusing(node.lineno, "call", reason)))

    def through(self, module: Any, trace: Trace, line: int, values: list[Any], named: dict[str, Any]) -> Any:
        """Return the picture's way after a module."""
        self._check_length(trace.entries, line)
        match module:
            case Joint():
                return trace
            case Module():
                fresh = [replace(one, origin=one) for one in module.entries]
                return Trace((*trace.entries, *fresh))
            case Stack() if not module.is_list:
                entries = list(trace.entries)
                self._go_through(module, entries, 0)
                return Trace(tuple(entries))
            case Model():
                return Trace((*trace.entries, *module.trace.entries))
            case Instance():
                forward = module.kind.method("forward") or module.kind.method("call")
                if forward is not None:
                    function = Function(forward[0], module.kind.scope, module, forward[1])
                    return self._forward(function, module, trace, line, values, named)
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
        if isinstance(module, Instance):
            reason = f"{module.kind.node.name} has no forward that can be followed: paste it as well."
        return Trace((*trace.entries, refusing(line, "call", reason)))

    def _forward(
        self, function: Function, module: Instance, trace: Trace, line: int, values: list[Any], named: dict[str, Any]
    ) -> Trace:
        """Return the picture's way through a forward method: as in training, or as in use where only that is known."""
        result = self._result(self.run(function, [trace, *values], named, line), trace, function.node.lineno)
        if not is_faulty(result.entries[len(trace.entries) :]) or not _asks_for_training(function.node):
            return result
        module.attributes["training"] = False
        used = self._result(self.run(function, [trace, *values], named, line), trace, function.node.lineno)
        del module.attributes["training"]
        if is_faulty(used.entries[len(trace.entries) :]):
            return result
        self.notes[f"What {module.kind.node.name} does in training alone is left out."] = None
        return used

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
        return Trace((*trace.entries, refusing(line, "forward", reason)))

    def _go_through(self, stack: Stack, entries: list[Entry], depth: int) -> None:
        """Lengthen a picture's way by that through a Sequential."""
        if depth > 20:
            reason = "Sequentials can be nested at most 20 deep."
            entries.append(refusing(stack.line, "Sequential", reason))
            return
        for _, child in stack.children:
            if isinstance(child, Stack) and not child.is_list:
                self._check_length(entries, stack.line)
                self._go_through(child, entries, depth + 1)
            elif isinstance(child, Trace) and not child.entries:
                pass  # Keras' Input
            elif isinstance(child, Module | Instance | Model):
                way = self.through(child, Trace(tuple(entries)), stack.line, [], {})
                entries[:] = way.entries if isinstance(way, Trace) else entries
            else:
                line = child.line if isinstance(child, Unknown | Stack) else stack.line
                unknown = f"; {child.what[:80]} is not known" if isinstance(child, Unknown) else ""
                reason = f"a Sequential can hold only layers, each written as nn.Name(...){unknown}."
                entries.append(refusing(line, "Sequential", reason))

    def _check_length(self, entries: Sequence[Entry], line: int) -> None:
        """Count a step. Raises ParseError where a picture's way is too long, or the text does too much."""
        self.spend(line, 1 + len(entries) // 1_000)  # they are copied
        if len(entries) > MAX_USES:
            raise ParseError(line, f"a picture goes through more than {MAX_USES:,} layers here: use fewer.")

    def instance(self, kind: Class, values: list[Any], named: dict[str, Any], line: int) -> Any:
        """Return a new object of a class of the text."""
        made = Instance(line, kind)
        if found := kind.method("__init__"):
            self.run(Function(found[0], kind.scope, made, found[1]), values, named, line)
        elif not kind.is_module():
            self._fields(made, values, named)
        else:
            for base in kind.bases:
                if isinstance(base, External):
                    self.based(made, base, values, named, line)
        if kind.is_module():
            self.made.append(made)
        return made

    def based(self, made: Instance, base: External, values: list[Any], named: dict[str, Any], line: int) -> None:
        """Make an object what its class is derived from: a Sequential, or a layer of torch."""
        if base.name == "Sequential":
            made.attributes["__stack__"] = self.sequential(values, named, line)
        elif base.path.startswith("torch.nn.") and base.name in torch_modules.KNOWN:
            made.attributes["__stack__"] = torch_modules.module(base.name, line, values, named)
        else:
            return
        self.used.add(id(made.attributes["__stack__"]))

    def _fields(self, made: Instance, values: list[Any], named: dict[str, Any]) -> None:
        """Give an object of a dataclass or a NamedTuple its fields."""
        kinds = [made.kind]
        while bases := [base for base in kinds[-1].bases if isinstance(base, Class)]:
            kinds.append(bases[0])
        for kind in reversed(kinds):
            made.attributes |= {
                key: list(value) if isinstance(value, list) else value for key, value in kind.constants.items()
            }
        names = [
            part.target.id
            for kind in reversed(kinds)
            for part in kind.node.body
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
        ]
        made.attributes |= dict(zip(names, values, strict=False)) | named
        if found := made.kind.method("__post_init__"):
            self.run(Function(found[0], made.kind.scope, made, found[1]), [], {}, made.line)

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
        if function.owner is not None and isinstance(node, ast.FunctionDef) and node.name == "__init__":
            given = {name: scope.names[name] for name in known - set(names[:1]) if name in scope.names}
            function.owner.attributes.setdefault("hparams", Namespace(given))
        if any(isinstance(value, Trace) for value in values):
            scope.names["__trace__"] = True
        if isinstance(node, ast.Lambda):
            return self.value(node.body, scope)
        self.depth += 1
        try:
            self.block(node.body, scope)
        except Return as returned:
            return returned.value
        except Leave:
            return Unknown(node.lineno, f"{node.name}, which ends in an error,")
        finally:
            self.depth = max(self.depth - 1, 0)
        return None

    def sequential(self, values: list[Any], named: dict[str, Any], line: int, is_list: bool = False) -> Stack:
        """Return an nn.Sequential, a ModuleList or a Keras Sequential of these arguments."""
        named = {key: value for key, value in named.items() if key not in ("name", "trainable")}
        if len(values) == 1 and isinstance(values[0], dict):
            children = [(str(key), child) for key, child in values[0].items()]
        elif len(values) == 1 and isinstance(values[0], list | tuple):
            pairs = values[0]
            if pairs and all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
                children = [(str(key), child) for key, child in pairs]
            else:
                children = [(str(place), child) for place, child in enumerate(pairs)]
        else:
            children = [(str(place), child) for place, child in enumerate(values)]
        if "layers" in named and isinstance(named["layers"], list | tuple):
            children = [("", child) for child in named.pop("layers")]
        if named:
            reason = "Sequential takes only layers, no keyword arguments."
            children.append(("", Module(line, (refusing(line, "Sequential", reason),))))
        for _, child in children:
            self.use(child)
        stack = Stack(line, children, is_list)
        self.made.append(stack)
        return stack


def _asks_for_training(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr == "training" for part in ast.walk(node))
