"""Read an `nn.Sequential` that a user pastes into a tuple of layers. It is parsed, never executed.

Of the syntax tree only calls of the names in MODULES with plain values are read; anything else is refused with its
line.
"""

import ast
import math
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
    """Raised for text that is not a network this app can read. `line` counts from 1; the message names it."""

    def __init__(self, line: int, reason: str) -> None:
        """Compose the message: "line 3: " and the reason."""
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def parse(text: str, input_shape: Sequence[int]) -> Network:
    """Return the layers of the one `nn.Sequential(...)` in a text.

    It may have a name (`network = nn.Sequential(...)`), contain other Sequentials, and follow `import` lines, comments
    and docstrings, which are ignored.

    Args:
        text: Python code.
        input_shape: Shape of one picture, (C, H, W).

    Returns:
        The layers.

    Raises:
        ParseError: The text holds anything else, settings that the layer specs lack, sizes that differ from the real
            input's, or layers that do not fit.
        LayerError: The `input_shape` is invalid.

    Examples:
        >>> parse("nn.Sequential(nn.Flatten(), nn.Linear(784, 10))", (1, 28, 28))
        (Flatten(), Linear(units=10, bias=True))
    """
    if len(text) > MAX_CHARACTERS:
        raise ParseError(1, f"the text has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}.")
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
        _check_input(call, written, row, math.prod(input_shape))
    return layers


def _check_input(call: ast.Call, written: dict[str, object], row: Row, pixels: int) -> None:
    """Raise ParseError if a layer is written for another input than it gets, or for a picture of other pixels."""
    name, coming = _name(call.func), row.input_shape
    for setting, value in written.items():
        size = {"size": coming[-1], "values": math.prod(coming), "pixels": pixels}.get(setting, coming[0])
        if value != size:
            advice = f"write {size}, or change the layers before it."
            raise ParseError(call.lineno, f"{setting} of {name} is {value!r:.40}, but its input has {size}: {advice}")
    if name in INPUT_DIMENSIONS and INPUT_DIMENSIONS[name] != len(coming):
        other = next(norm for norm, dimensions in INPUT_DIMENSIONS.items() if dimensions == len(coming))
        raise ParseError(call.lineno, f"use {other} instead of {name} here: the input has {len(coming)} dimension(s).")
    if name == "Softmax" and len(coming) == 3 and any(isinstance(node, ast.USub) for node in ast.walk(call)):
        raise ParseError(call.lineno, "Softmax must be over the channels: use dim=1, not the last dimension.")


def _tree(text: str) -> ast.Module:
    """Return the syntax tree of a text. Raises ParseError if it is not Python."""
    try:
        return ast.parse(textwrap.dedent(text))
    except SyntaxError as error:
        raise ParseError(error.lineno or 1, f"this is not Python code: {error.msg}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise ParseError(1, "this is not Python code that can be read.") from None


def _sequential(tree: ast.Module) -> ast.Call:
    """Return the only call of Sequential among the statements. Raises ParseError."""
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
                raise ParseError(statement.lineno, "only an nn.Sequential(...) can be read: paste only that part.")
    if len(found) != 1:
        line = found[1].lineno if found else 1
        raise ParseError(line, f"the text must hold one nn.Sequential(...); it holds {len(found)}.")
    return found[0]


def _name(function: ast.expr) -> str:
    """Return the last part of `Name`, `nn.Name`, `torch.nn.Name`, or antialiased_cnns' BlurPool; "" for other calls."""
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
    """Return the calls inside a Sequential, with nested Sequentials unpacked."""
    if depth > MAX_NESTING:
        raise ParseError(sequential.lineno, f"Sequentials can be nested at most {MAX_NESTING} deep.")
    if sequential.keywords:
        raise ParseError(sequential.lineno, "Sequential takes only layers, no keyword arguments.")
    calls: list[ast.Call] = []
    for argument in sequential.args:
        if not isinstance(argument, ast.Call) or not _name(argument.func):
            raise ParseError(argument.lineno, "a Sequential can hold only layers, each written as nn.Name(...).")
        calls += _calls(argument, depth + 1) if _name(argument.func) == "Sequential" else [argument]
    return calls


def _layer(call: ast.Call) -> tuple[Layer | None, dict[str, object]]:
    """Return the layer, None for one that does nothing, and the input sizes it states, under PyTorch's names."""
    name = _name(call.func)
    if name not in MODULES:
        raise ParseError(
            call.lineno, f"{name:.40} is not a layer that can be read; these can: {', '.join(sorted(MODULES))}."
        )
    signature, make = MODULES[name]
    if len({keyword.arg for keyword in call.keywords} - {None}) != len(call.keywords):
        raise ParseError(call.lineno, f"{name} has settings given by ** or twice: write each one once.")
    values = [_value(argument) for argument in call.args]
    named = {keyword.arg: _value(keyword.value) for keyword in call.keywords if keyword.arg is not None}
    try:
        bound = signature.bind(*values, **named)
    except TypeError as error:
        raise ParseError(call.lineno, f"{name}: {error!s:.80}; its settings are {name}{signature}.") from None
    bound.apply_defaults()
    settings = bound.arguments
    for setting, only in FIXED_SETTINGS.get(name, {}).items():
        if settings.pop(setting) not in only:
            raise ParseError(call.lineno, f"{setting} of {name} must be {only[0]!r} here.")
    written = {key: settings.pop(key) for key in INPUT_SIZE_NAMES if key in settings}
    return make(**settings), written


def _value(node: ast.expr) -> Any:
    """Return a number, a flag, None, a short string, or a tuple or list of numbers; nothing is computed."""
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
    raise ParseError(
        node.lineno, "a setting must be a number, True, False, None, a short string, or a pair of whole numbers."
    )
