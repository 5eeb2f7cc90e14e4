"""A whole network as a person writes it: kept for the session, in the link, and read from links and files.

A stack may hold anything that fits in a cell (a kernel of -1, of "abc"): what is wrong with it is said beside it, and
nothing is lost. `read` says how far it can be analyzed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

import streamlit as st

from core.layers.calculator import LayerError, Row, analyse
from core.layers.reference_networks import FAMOUS
from core.layers.specs import KINDS, MAX_DEPTH, Layer, Residual, network_from_json, to_json
from core.ui.state import query

KEY = "c_stack"
LINK = "c_net"  # in the URL, bound to no widget
LONGEST_LINK = 6_000  # characters, before the browser escapes them
LONGEST_FILE = 1_000_000  # characters of JSON


@dataclass(frozen=True, slots=True)
class Stack:
    """The picture's shape (C, H, W) and the layers, as written: neither is checked."""

    input_shape: tuple[Any, ...]
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows down to the first layer that cannot be, and why it cannot."""

    rows: list[Row]
    error: LayerError | None = None


START = Stack(FAMOUS["cifar-exercise"].input_shape, FAMOUS["cifar-exercise"].layers)


class StackError(ValueError):
    """A link or a file that holds no network. The message is a sentence for the person who gave it."""


def read(stack: Stack) -> Reading:
    """Analyze as many layers as fit."""
    try:
        return Reading(analyse(stack.layers, stack.input_shape))
    except LayerError as error:
        if error.index is None:
            return Reading([], error)
        return Reading(analyse(stack.layers[: error.index], stack.input_shape), error)


def encode(stack: Stack) -> str:
    """The stack as compact JSON for a link; a famous network as its name."""
    if name := famous(stack):
        return name
    return json.dumps([list(stack.input_shape), *map(_short, stack.layers)], separators=(",", ":"))


def decode(text: str) -> Stack:
    """The stack of a link. Raises StackError for anything that `encode` did not write; nothing is executed."""
    if text in FAMOUS:
        return Stack(FAMOUS[text].input_shape, FAMOUS[text].layers)
    if len(text) > LONGEST_LINK:
        raise StackError(f"The link's network has {len(text):,} characters; at most {LONGEST_LINK:,} are read.")
    match _parsed(text):
        case [list() as shape, *layers]:
            return _stack(shape, [_long(layer) for layer in layers])
    raise StackError(
        "The link's network cannot be read: ask for the link again, or start from one of the networks below."
    )


def to_file(stack: Stack) -> str:
    """The stack as JSON with every field written out."""
    layers = [to_json(layer) for layer in stack.layers]
    return json.dumps({"input_shape": list(stack.input_shape), "layers": layers}, indent=1)


def from_file(text: str) -> Stack:
    """The stack that `to_file` wrote. Raises StackError for anything else; nothing is executed."""
    if len(text) > LONGEST_FILE:
        raise StackError(f"The text has {len(text):,} characters; at most {LONGEST_FILE:,} are read.")
    match _parsed(text):
        case {"input_shape": list() as shape, "layers": list() as layers}:
            return _stack(shape, layers)
    raise StackError(
        'A network\'s JSON is an object with "input_shape" [channels, height, width] and a list of "layers".'
    )


def famous(stack: Stack) -> str | None:
    """The name in FAMOUS of exactly this network on exactly this picture."""
    for name, known in FAMOUS.items():
        if known.layers == stack.layers and known.input_shape == stack.input_shape:
            return name
    return None


def current() -> Stack:
    """The session's stack; on a first visit the link's, or the notes' exercise network."""
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
    """Make it the session's. For callbacks."""
    st.session_state[KEY] = stack


def link(stack: Stack) -> str | None:
    """Put the stack in the page's URL and answer what stands there; None where it is too long for a link."""
    text = encode(stack)
    query.write(LINK, None if stack == START or len(text) > LONGEST_LINK else text)
    return text if len(text) <= LONGEST_LINK else None


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _stack(shape: Sequence[object], layers: Sequence[object]) -> Stack:
    if len(shape) != 3 or not all(isinstance(size, int | float | str) for size in shape):
        raise StackError("A picture's shape has three sizes: channels, height, width.")
    try:
        found = network_from_json(layers)
    except ValueError as error:
        raise StackError(str(error)) from None
    return Stack(tuple(shape), found)


def _short(layer: Layer) -> list[object]:
    """The kind and its settings in their order, without the defaults at the end; of a block the layers of its ways."""
    if isinstance(layer, Residual):
        ways = [[_short(inner) for inner in way] for way in (layer.body, layer.shortcut)]
        return ["Residual", *ways]
    values = [value for name, value in to_json(layer).items() if name != "layer"]
    for field in reversed(fields(layer)):
        if not values or field.default is MISSING or getattr(layer, field.name) != field.default:
            break
        values.pop()
    return [type(layer).__name__, *values]


def _long(short: object, depth: int = 0) -> Mapping[str, object]:
    match short:
        case ["Residual", [*body], [*shortcut]] if depth < MAX_DEPTH:
            ways = {"body": body, "shortcut": shortcut}
            return {"layer": "Residual", **{name: [_long(one, depth + 1) for one in way] for name, way in ways.items()}}
        case [str() as name, *values] if name in KINDS and len(values) <= len(fields(KINDS[name])):
            names = [field.name for field in fields(KINDS[name])]
            return {"layer": name, **dict(zip(names, values, strict=False))}
    raise StackError("The link holds a layer that cannot be read: ask for the link again.")
