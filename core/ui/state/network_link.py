"""The network in the layer calculator's table: kept for the session, written to links, read from links and files.

A stack may hold anything that fits in a cell (a kernel of -1, of "abc"): the table shows the error and keeps the value.
`read` analyzes it up to the first invalid layer.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

import streamlit as st

from core.layers.calculator import LayerError, Row, analyze
from core.layers.layer_count import MAX_DEPTH
from core.layers.network_json import network_from_json, to_json
from core.layers.reference_networks import REFERENCE_NETWORKS
from core.layers.specs import KINDS, Layer, Residual
from core.ui.state import query

KEY = "c_stack"
LINK = "c_net"  # in the URL, bound to no widget
MAX_LINK_LENGTH = 6_000  # characters, before the browser escapes them
MAX_FILE_LENGTH = 1_000_000  # characters of JSON


@dataclass(frozen=True, slots=True)
class Stack:
    """The picture's shape (C, H, W) and the layers, as written: neither is checked."""

    input_shape: tuple[Any, ...]
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class ParsedStack:
    """The rows up to the first invalid layer, and its error."""

    rows: list[Row]
    error: LayerError | None = None


START = Stack(REFERENCE_NETWORKS["cifar-exercise"].input_shape, REFERENCE_NETWORKS["cifar-exercise"].layers)


class StackError(ValueError):
    """Raised for a link or a file that holds no network. The message is a sentence for the visitor."""


def read(stack: Stack) -> ParsedStack:
    """Analyze the layers up to the first invalid one."""
    try:
        return ParsedStack(analyze(stack.layers, stack.input_shape))
    except LayerError as error:
        if error.index is None:
            return ParsedStack([], error)
        return ParsedStack(analyze(stack.layers[: error.index], stack.input_shape), error)


def encode(stack: Stack) -> str:
    """Return the stack as compact JSON for a link, or the name of a reference network."""
    if name := famous(stack):
        return name
    return json.dumps([list(stack.input_shape), *map(_short, stack.layers)], separators=(",", ":"))


def decode(text: str) -> Stack:
    """Return the stack of a link. Raises StackError for anything that `encode` did not write; executes nothing."""
    if text in REFERENCE_NETWORKS:
        return Stack(REFERENCE_NETWORKS[text].input_shape, REFERENCE_NETWORKS[text].layers)
    if len(text) > MAX_LINK_LENGTH:
        raise StackError(f"The link's network has {len(text):,} characters; at most {MAX_LINK_LENGTH:,} are read.")
    match _parsed(text):
        case [list() as shape, *layers]:
            return _stack(shape, [_long(layer) for layer in layers])
    raise StackError(
        "The link's network cannot be read: ask for the link again, or start from one of the networks below."
    )


def to_file(stack: Stack) -> str:
    """Return the stack as JSON with every field written out."""
    layers = [to_json(layer) for layer in stack.layers]
    return json.dumps({"input_shape": list(stack.input_shape), "layers": layers}, indent=1)


def from_file(text: str) -> Stack:
    """Return the stack that `to_file` wrote. Raises StackError for anything else; executes nothing."""
    if len(text) > MAX_FILE_LENGTH:
        raise StackError(f"The text has {len(text):,} characters; at most {MAX_FILE_LENGTH:,} are read.")
    match _parsed(text):
        case {"input_shape": list() as shape, "layers": list() as layers}:
            return _stack(shape, layers)
    raise StackError(
        'A network\'s JSON is an object with "input_shape" [channels, height, width] and a list of "layers".'
    )


def famous(stack: Stack) -> str | None:
    """Return the name in REFERENCE_NETWORKS of this network and input shape; None if it has none."""
    for name, known in REFERENCE_NETWORKS.items():
        if known.layers == stack.layers and known.input_shape == stack.input_shape:
            return name
    return None


def current() -> Stack:
    """Return the session's stack; on a first visit that of the link, or the course notes' exercise network."""
    linked = query.take(LINK)
    if KEY not in st.session_state:
        try:
            st.session_state[KEY] = START if linked is None else decode(linked)
        except StackError as error:
            st.session_state[KEY] = START
            query.report(error)
    stack = st.session_state[KEY]
    assert isinstance(stack, Stack)
    return stack


def keep(stack: Stack) -> None:
    """Store the session's stack. For callbacks."""
    st.session_state[KEY] = stack


def link(stack: Stack) -> str | None:
    """Write the stack to the page's URL and return its text; None if it is too long for a link."""
    text = encode(stack)
    query.write(LINK, None if stack == START or len(text) > MAX_LINK_LENGTH else text)
    return text if len(text) <= MAX_LINK_LENGTH else None


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _stack(shape: Sequence[object], layers: Sequence[object]) -> Stack:
    if len(shape) != 3 or not all(isinstance(size, int | float | str) for size in shape):
        raise StackError("A picture's shape has three sizes: channels, height, width.")
    try:
        network = network_from_json(layers)
    except ValueError as error:
        raise StackError(str(error)) from None
    return Stack(tuple(shape), network)


def _short(layer: Layer) -> list[object]:
    """Return a layer's kind and settings in order, without trailing defaults; for a block, of its branches."""
    if isinstance(layer, Residual):
        branches = [[_short(inner) for inner in branch] for branch in (layer.body, layer.shortcut)]
        return ["Residual", *branches]
    values: list[object] = [getattr(layer, field.name) for field in fields(layer)]
    for field in reversed(fields(layer)):
        if not values or field.default is MISSING or getattr(layer, field.name) != field.default:
            break
        values.pop()
    return [type(layer).__name__, *values]


def _long(short: object, depth: int = 0) -> Mapping[str, object]:
    match short:
        case ["Residual", [*body], [*shortcut]] if depth < MAX_DEPTH:
            branches = {"body": body, "shortcut": shortcut}
            longs = {name: [_long(inner, depth + 1) for inner in branch] for name, branch in branches.items()}
            return {"layer": "Residual", **longs}
        case [str() as name, *values] if name in KINDS and len(values) <= len(fields(KINDS[name])):
            names = [field.name for field in fields(KINDS[name])]
            return {"layer": name, **dict(zip(names, values, strict=False))}
    raise StackError("The link holds a layer that cannot be read: ask for the link again.")
