"""What can be written in a layer's row: a setting's letter, the text of its value, and the value of a text.

A residual block stands in its row as it is: what is in it is told, and cannot be written.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_args

from core.layers.specs import BLOCKS, KINDS, ActivationKind, Layer, PoolKind, Residual, from_json, to_json
from core.ui.display.network_stages import describe_layer

LONGEST = 20  # letters in a cell, as in a link
LONGEST_BLOCK = 100_000  # letters of a block's JSON

_LETTERS = {
    "filters": ("K", "Filters K"),
    "kernel": ("F", "Window F, in pixels; 3x5 is 3 high and 5 wide"),
    "stride": ("S", "Stride S, in pixels"),
    "padding": ("P", "Padding P, in pixels on each side, or same"),
    "dilation": ("D", "Dilation D, in pixels"),
    "groups": ("G", "Groups G"),
    "bias": ("bias", "A bias for each filter or unit"),
    "output_padding": ("O", "Extra pixels of output"),
    "units": ("units", "Units"),
    "kind": ("", "Which"),
    "size": ("to", "Size of the output, in pixels"),
    "ceil": ("ceil", "Ceil mode: a last window may reach out"),
    "p": ("p", "Probability that a number is dropped"),
}
_RARE = {"dilation", "groups", "bias", "ceil", "output_padding"}
_NEW: dict[str, Mapping[str, Any]] = {
    "Conv": {"filters": 16, "kernel": 3, "padding": 1},
    "ConvTranspose": {"filters": 16, "kernel": 2, "stride": 2},
    "Pool": {"kind": "max", "kernel": 2},
    "AdaptivePool": {"kind": "average", "size": 1},
    "Linear": {"units": 10},
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting in a row."""

    name: str  # of the spec's field
    letter: str
    title: str  # in words
    choices: tuple[str, ...]  # empty for a text
    words: tuple[str, ...]  # that a text may be instead of a number
    flag: bool  # a tick instead
    rare: bool  # behind "more"
    fresh: str | bool  # in a new row

    def to_json(self) -> dict[str, Any]:
        """As the browser reads it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def cells(kind: str) -> list[Cell]:
    """The settings of a layer's row."""
    fresh = new(kind)
    found = []
    for field in fields(KINDS[kind]):
        letter, title = _LETTERS[field.name]
        choices = get_args(ActivationKind if kind == "Activation" else PoolKind) if field.name == "kind" else ()
        words = ("same",) if field.name == "padding" and kind == "Conv" else ()
        value = texts(fresh)[field.name]
        flag, rare = field.name in ("bias", "ceil"), field.name in _RARE
        found.append(Cell(field.name, letter, title, choices, words, flag, rare, value))
    return found


def new(kind: str) -> Layer:
    """A layer of that kind to begin with."""
    return KINDS[kind](**_NEW.get(kind, {}))


def texts(layer: Layer) -> dict[str, str | bool]:
    """Every setting as it stands in its cell; of a block all of it, as JSON."""
    if isinstance(layer, Residual):
        return {"block": json.dumps(to_json(layer), separators=(",", ":"))}
    return {field.name: _text(getattr(layer, field.name)) for field in fields(layer)}


def layer(kind: str, written: Mapping[str, object]) -> Layer:
    """The layer of a row, whatever is written in it: what makes no sense stays a text, for `analyse` to refuse.

    Raises KeyError for a kind that is none, ValueError for a block that `texts` did not write.
    """
    if kind in BLOCKS:
        return from_json(json.loads(str(written["block"])[:LONGEST_BLOCK]))
    values = {}
    for field in fields(KINDS[kind]):
        value = _value(written.get(field.name, ""))
        if value == "" and field.default is not MISSING:
            value = field.default
        values[field.name] = value
    return KINDS[kind](**values)


def block(layer: Residual) -> list[str]:
    """What is in a block, a line for each of its two ways."""
    body, shortcut = (
        " → ".join(", ".join(describe_layer(inner)) for inner in way) for way in (layer.body, layer.shortcut)
    )
    return [body, f"+ {shortcut or 'what came in'}"]


def size(written: object) -> Any:
    """One of the picture's three sizes."""
    return _value(written)


def _text(value: object) -> str | bool:
    match value:
        case bool():
            return value
        case None:
            return ""
        case tuple():
            return "x".join(map(str, value))
        case _:
            return str(value)


_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_FRACTION = re.compile(r"[+-]?(\d{1,15}\.\d*|\.\d+)", re.ASCII)
_PAIR = re.compile(r"\(?\s*([+-]?\d{1,15})\s*[x×,]\s*([+-]?\d{1,15})\s*\)?", re.ASCII)


def _value(written: object) -> Any:
    if isinstance(written, bool):
        return written
    text = str(written).strip().replace("−", "-")[:LONGEST]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    if pair := _PAIR.fullmatch(text):
        return int(pair[1]), int(pair[2])
    return text
