"""An `nn.Sequential` that a person pastes, read into a tuple of layers. It is parsed, never executed.

The text becomes a syntax tree, and of that tree only calls of the names in MODULES with plain values are read; anything
else is refused by its line.
"""

import ast
import textwrap
from collections.abc import Sequence
from typing import Any

from core.layers.calculator import Row, analyse
from core.layers.signatures import FIXED_SETTINGS, INPUT_DIMENSIONS, INPUT_SIZE_NAMES, MODULES
from core.layers.specs import MAX_LAYERS, Layer, Network, too_many_layers
from core.layers.validation import LayerError

MAX_CHARACTERS = 200_000
MAX_NESTING = 20  # Sequential in Sequential


class ParseError(ValueError):
    """Text that is no network this app can read. `line` counts from 1; the message says the line and what is wrong."""

    def __init__(self, line: int, reason: str) -> None:
        """The message is "line 3: " and the reason."""
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def parse(text: str, input_shape: Sequence[int]) -> Network:
    """The layers of the one `nn.Sequential(...)` in `text`, for pictures of `input_shape` (C, H, W).

    It may be given a name (`network = nn.Sequential(...)`), hold Sequentials of its own, and stand behind `import`
    lines, comments and docstrings, which are passed over. Raises ParseError, with the line, for anything else, for
    settings that the layer specs do not have, for sizes that are not what comes in, and for layers that do not fit; and
    LayerError for an `input_shape` that cannot be.
    """
    if len(text) > MAX_CHARACTERS:
        raise ParseError(1, f"the text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read.")
    calls = _calls(_sequential(_tree(text)), 0)
    if len(calls) > MAX_LAYERS:
        line = calls[MAX_LAYERS].lineno
        raise ParseError(line, too_many_layers(len(calls)))
    read = [(call, *_layer(call)) for call in calls]
    kept = [(call, layer, written) for call, layer, written in read if layer is not None]
    layers = tuple(layer for _, layer, _ in kept)
    try:
        rows = analyse(layers, input_shape)
    except LayerError as error:
        if error.index is None:
            raise
        raise ParseError(kept[error.index][0].lineno, error.reason) from None
    for row, (call, _, written) in zip(rows, kept, strict=True):
        _check_input(call, written, row)
    return layers


def _check_input(call: ast.Call, written: dict[str, object], row: Row) -> None:
    """Whether a layer is written for what really comes in. Raises ParseError."""
    name, coming, size = _name(call.func), row.input_shape, row.input_shape[0]
    for setting, value in written.items():
        if value != size:
            advice = f"write {size}, or change what stands before it."
            raise ParseError(call.lineno, f"{setting} of {name} is {value!r:.40}, but {size} come in; {advice}")
    if name in INPUT_DIMENSIONS and INPUT_DIMENSIONS[name] != len(coming):
        other = next(norm for norm, dimensions in INPUT_DIMENSIONS.items() if dimensions == len(coming))
        raise ParseError(call.lineno, f"{name} stands where {other} belongs.")
    if name == "Softmax" and len(coming) == 3 and any(isinstance(node, ast.USub) for node in ast.walk(call)):
        raise ParseError(call.lineno, "Softmax goes over the channels, dim=1; over the last dimension it is not read.")


def _tree(text: str) -> ast.Module:
    try:
        return ast.parse(textwrap.dedent(text))
    except SyntaxError as error:
        raise ParseError(error.lineno or 1, f"this is not Python: {error.msg}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise ParseError(1, "this is not Python that can be read.") from None


def _sequential(tree: ast.Module) -> ast.Call:
    """The one call of Sequential among the statements."""
    found: list[ast.Call] = []
    for statement in tree.body:
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
                continue
            case (
                ast.Expr(value=ast.Call() as call)
                | ast.Assign(targets=[ast.Name() | ast.Attribute(value=ast.Name())], value=ast.Call() as call)
                | ast.AnnAssign(target=ast.Name(), value=ast.Call() as call)
            ) if _name(call.func) == "Sequential":
                found.append(call)
            case _:
                raise ParseError(statement.lineno, "only an nn.Sequential(...) is read here; paste that part alone.")
    if len(found) != 1:
        line = found[1].lineno if found else 1
        raise ParseError(line, f"there must be one nn.Sequential(...); there are {len(found)}.")
    return found[0]


def _name(function: ast.expr) -> str:
    """What is called: the last part of `Name`, `nn.Name`, `torch.nn.Name`, or antialiased_cnns' BlurPool; else ""."""
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="nn"), attr=name):
            return name
        case ast.Attribute(value=ast.Name(id="antialiased_cnns"), attr="BlurPool" as name):
            return name
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="torch"), attr="nn"), attr=name):
            return name
    return ""


def _calls(sequential: ast.Call, depth: int) -> list[ast.Call]:
    """The calls within a Sequential, those of Sequentials within it taken apart."""
    if depth > MAX_NESTING:
        raise ParseError(sequential.lineno, f"Sequential stands in Sequential more than {MAX_NESTING} deep.")
    if sequential.keywords:
        raise ParseError(sequential.lineno, "Sequential takes layers, and nothing by name.")
    calls: list[ast.Call] = []
    for argument in sequential.args:
        if not isinstance(argument, ast.Call) or not _name(argument.func):
            raise ParseError(argument.lineno, "a Sequential holds layers alone, written out as nn.Name(...).")
        calls += _calls(argument, depth + 1) if _name(argument.func) == "Sequential" else [argument]
    return calls


def _layer(call: ast.Call) -> tuple[Layer | None, dict[str, object]]:
    """The layer, None for one that does nothing; and the sizes that it says come in, under PyTorch's names."""
    name = _name(call.func)
    if name not in MODULES:
        raise ParseError(
            call.lineno, f"{name:.40} is not among the layers that are read: {', '.join(sorted(MODULES))}."
        )
    signature, make = MODULES[name]
    if len({keyword.arg for keyword in call.keywords} - {None}) != len(call.keywords):
        raise ParseError(call.lineno, f"{name} is given settings by ** or twice; write each out once.")
    values = [_value(argument) for argument in call.args]
    named = {keyword.arg: _value(keyword.value) for keyword in call.keywords if keyword.arg is not None}
    try:
        bound = signature.bind(*values, **named)
    except TypeError as error:
        raise ParseError(call.lineno, f"{name}: {error!s:.80}; it is written {name}{signature}.") from None
    bound.apply_defaults()
    settings = bound.arguments
    for setting, only in FIXED_SETTINGS.get(name, {}).items():
        if settings.pop(setting) not in only:
            raise ParseError(call.lineno, f"{setting} of {name} can only be {only[0]!r} here.")
    written = {key: settings.pop(key) for key in INPUT_SIZE_NAMES if key in settings}
    return make(**settings), written


def _value(node: ast.expr) -> Any:
    """A number, a flag, None, a short string, or a tuple or list of numbers; nothing that would have to be computed."""
    match node:
        case ast.Constant(value=bool() | int() | float() | None):
            return node.value
        case ast.Constant(value=str(text)) if len(text) <= 20:
            return text
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if len(parts) <= 4:
            if all(isinstance(part, ast.Constant) and isinstance(part.value, int) for part in parts):
                return tuple(_value(part) for part in parts)
    raise ParseError(node.lineno, "a setting is a number, True, False, None, a short text, or a pair of whole numbers.")
