"""Which of the modules in a text is the network, and a picture's way through it."""

import ast
from typing import Any

from core.layers.parse.program.reader import Follower
from core.layers.parse.program.sizes import is_empty
from core.layers.parse.trace import Entry, ParseError, Trace
from core.layers.parse.values import Class, Function, Instance, Model, Module, Stack, Unknown

USUAL_NAMES = ("model", "net", "network")  # of the network itself, where a text makes several
GUESSES = {"num_classes": 10, "n_classes": 10, "num_class": 10, "classes": 10, "nclass": 10, "n_class": 10}
CHANNELS = {"in_channels", "in_ch", "n_channels", "num_channels", "input_channels", "channels", "in_c", "img_channels"}


def find(follower: Follower, given: tuple[int, int, int] | None) -> tuple[Entry, ...]:
    """Return the layers of the text's network, in the order a picture goes through them. Raises ParseError."""
    roots = _roots(follower)
    if not roots:
        roots = _from_definitions(follower, given)
    bound = [follower.top.names.get(name) for name in USUAL_NAMES]
    if named := [value for value in bound if isinstance(value, Stack | Instance | Model)]:
        roots = named[:1]
    whole = [root for root in roots if isinstance(root, Instance | Model)]
    whole = [root for root in whole if isinstance(root, Model) or not _is_loss(root.kind)] or whole
    if whole:
        if len(whole) > 1:
            others = ", ".join(f"line {root.line}" for root in whole[:-1])
            follower.notes[f"The text makes several networks: the last is read, not that of {others}."] = None
        return _entries(follower.through(whole[-1], Trace(), whole[-1].line, [], {}))
    stacks = [root for root in roots if isinstance(root, Stack) and root.children]
    stacks = [stack for place, stack in enumerate(stacks) if not _shared(stack, stacks[:place])]
    if not stacks and any(isinstance(root, Stack) for root in roots):
        stacks = [root for root in roots if isinstance(root, Stack)][:1]
    if len(stacks) == 1:
        if stacks[0].is_list:
            stacks[0].is_list = False
            follower.notes["The layers of a list are read one after another."] = None
        return _entries(follower.through(stacks[0], Trace(), stacks[0].line, [], {}))
    if used := _longest(follower):
        return used
    if stacks:
        lines = ", ".join(str(stack.line) for stack in stacks)
        follower.notes[f"The Sequentials of lines {lines} are read one after another."] = None
    elif roots:
        follower.notes["The layers are read one after another, in the order of the text."] = None
    else:
        raise ParseError(
            1, "the text holds no network: paste an nn.Sequential(...), a class with a forward, or a Keras model."
        )
    trace: Any = Trace()
    for root in stacks or roots:
        if isinstance(root, Stack):
            root.is_list = False
        trace = follower.through(root, trace, root.line, [], {})
    return _entries(trace)


def _shared(stack: Stack, earlier: list[Stack]) -> bool:
    """Return whether a Sequential is a part of an earlier one, with or without other layers."""
    known = {id(layer) for other in earlier for layer in _layers(other)}
    return any(id(layer) in known for layer in _layers(stack))


def _layers(stack: Stack) -> list[Any]:
    """Return the layers of a Sequential and of those inside it, each of which is looked at once."""
    found: list[Any] = []
    seen: set[int] = set()
    left: list[Any] = [stack]
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Stack):
            left += [child for _, child in one.children]
        else:
            found.append(one)
    return found


def _entries(trace: Trace | Unknown) -> tuple[Entry, ...]:
    if isinstance(trace, Trace):
        return trace.entries
    raise ParseError(trace.line, "the network's way cannot be followed here.")


def _longest(follower: Follower) -> tuple[Entry, ...]:
    """Return the longest way of a picture that the text itself sends through its layers."""
    ways = [value.entries for value in follower.top.names.values() if isinstance(value, Trace)]
    return max((way for way in ways if not is_empty(way)), key=len, default=())


def _roots(follower: Follower) -> list[Any]:
    """Return what was made and isn't part of anything else: networks, else Sequentials, else single layers."""
    roots = [made for made in follower.made if id(made) not in follower.used]
    larger = [root for root in roots if not isinstance(root, Module)]
    if larger:
        return larger
    defined = any(isinstance(value, Class) and value.is_module() for value in follower.top.names.values())
    return [] if defined else [root for root in roots if isinstance(root, Module)]


def _from_definitions(follower: Follower, given: tuple[int, int, int] | None) -> list[Any]:
    """Return the network of the text's functions and classes, where no statement makes one."""
    names = follower.top.names
    before = len(follower.made)
    for value in list(names.values()):
        if isinstance(value, Function) and isinstance(value.node, ast.FunctionDef):
            arguments = value.node.args
            if len(arguments.args) == len(arguments.defaults) and not arguments.kwonlyargs:
                made = follower.run(value, [], {}, value.node.lineno)
                if isinstance(made, Stack | Instance | Model):
                    follower.notes[f"{value.node.name}() of line {value.node.lineno} is the network that is read."] = (
                        None
                    )
                    return [made]
    del follower.made[before:]
    classes = [value for value in names.values() if isinstance(value, Class) and value.is_module()]
    usual = [kind for kind in classes if not _is_loss(kind)] or classes
    parts = {
        name.id
        for kind in usual
        for name in ast.walk(kind.node)
        if isinstance(name, ast.Name) and name.id != kind.node.name
    }
    for kind in reversed([kind for kind in usual if kind.node.name not in parts] or usual):
        return [_instance(follower, kind, given)]
    if all(isinstance(names.get(name), Function) for name in ("__init__", "forward")):
        methods = {
            name: value.node
            for name, value in names.items()
            if isinstance(value, Function) and isinstance(value.node, ast.FunctionDef)
        }
        node = ast.ClassDef("Net", [], [], [], [])
        node.lineno = methods["__init__"].lineno
        return [_instance(follower, Class(node, follower.top, (), methods, {}), given)]
    return []


def _is_loss(kind: Class) -> bool:
    """Return whether a class compares what a network says with what is true: its forward takes both."""
    if kind.node.name.endswith("Loss"):
        return True
    found = kind.method("forward")
    return found is not None and len(found[0].args.args) - len(found[0].args.defaults) > 2


def _instance(follower: Follower, kind: Class, given: tuple[int, int, int] | None) -> Any:
    """Return an object of a class, with the usual values for settings that have no default."""
    named: dict[str, Any] = {}
    found = kind.method("__init__")
    if found is not None:
        arguments = found[0].args
        required = arguments.args[1 : len(arguments.args) - len(arguments.defaults)]
        for name in (argument.arg for argument in required):
            if name in GUESSES:
                named[name] = GUESSES[name]
            elif name in CHANNELS:
                named[name] = given[0] if given else 3
        if named:
            words = ", ".join(f"{name}={value}" for name, value in named.items())
            follower.notes[f"{kind.node.name} is made with {words}, since the text doesn't say it."] = None
    made = follower.call(kind, [], named, ast.copy_location(ast.Name(kind.node.name), _placed(kind)))
    return made


def _placed(kind: Class) -> ast.expr:
    return ast.Name(kind.node.name, lineno=kind.node.lineno, col_offset=0)
