"""The cells of a layer's row: the letter of each setting, and conversion between its value and text.

A residual block has no cells: it holds the rows of its body and of its shortcut.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from core.layers.layer_count import MAX_DEPTH
from core.layers.setting_checks import FLAGS
from core.layers.specs import CHOICES, KINDS, Layer, Residual
from core.ui.display.layer_groups import describe_layer

MAX_TEXT = 20  # characters in a cell, as in a link

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
    "kind": ("", "Kind"),
    "size": ("to", "Size of the output, in pixels"),
    "ceil": ("ceil", "Ceil mode: the last window may extend beyond the border"),
    "p": ("p", "Probability that a value is dropped"),
    "types": ("T", "Types of capsules T; each type has a capsule at every position"),
    "dimensions": ("E", "Numbers of a capsule E"),
    "capsules": ("J", "Capsules J; one for each class in the last layer"),
    "iterations": ("iterations", "Iterations of routing; with 0 or 1 all capsules count the same"),
    "through": ("through", "Gradients flow through all iterations, as in the authors' code"),
    "shared": ("shared", "All capsules before it share their transformations"),
    "affine": ("trained", "A trained scale and shift"),
    "axes": ("axes", "Normalized together: 1 the width, 2 the plane, 3 all planes"),
    "per_channel": ("each", "A slope for each channel"),
    "norm": ("p", "The power: 2 for the length of a window's values"),
    "scale": ("×", "Times as large; 2x3 is twice as high and three times as wide"),
    "corners": ("corners", "The outermost pixels stay where they are, as align_corners"),
    "factor": ("r", "Times as large, from r × r planes each"),
    "rows": ("rows", "Pixels at the top and the bottom; 0x1 is none at the top"),
    "columns": ("columns", "Pixels at the left and the right; 0x1 is none at the left"),
    "channels": ("D", "Planes"),
    "plane": ("to", "Size of a plane; 3x5 is 3 high and 5 wide"),
    "first": ("units", "Units of the decoder's first layer"),
    "second": ("then", "Units of the decoder's second layer"),
}
_RARE = {"dilation", "bias", "ceil", "output_padding", "through", "shared", "affine", "corners"}
_RARELY = {("Conv", "groups"), ("ConvTranspose", "groups"), ("Dropout", "kind")}  # of one kind of layer
_DEFAULTS: dict[str, Mapping[str, Any]] = {
    "Conv": {"filters": 16, "kernel": 3, "padding": 1},
    "ConvTranspose": {"filters": 16, "kernel": 2, "stride": 2},
    "Pool": {"kind": "max", "kernel": 2},
    "AdaptivePool": {"kind": "average", "size": 1},
    "LPPool": {"norm": 2.0, "kernel": 2},
    "Unflatten": {"channels": 1, "plane": 28},
    "GroupNorm": {"groups": 4},
    "Linear": {"units": 10},
    "PrimaryCapsules": {"types": 8, "kernel": 3, "padding": 1},
    "RoutedCapsules": {"capsules": 10},
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting in a row."""

    name: str  # field name in the spec
    letter: str
    title: str  # in words
    choices: tuple[str, ...]  # empty for a text cell
    words: tuple[str, ...]  # allowed instead of a number
    flag: bool  # a checkbox instead of a text
    rare: bool  # behind "more"
    fresh: str | bool  # value in a new row

    def to_json(self) -> dict[str, Any]:
        """Return the cell for the browser."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def cells(kind: str) -> list[Cell]:
    """Return the cells for a kind of layer."""
    fresh = new(kind)
    row = []
    for field in fields(KINDS[kind]):
        letter, title = _LETTERS[field.name]
        choices = CHOICES[kind] if field.name == "kind" else ()
        words = ("same",) if field.name == "padding" and kind == "Conv" else ()
        value = texts(fresh)[field.name]
        flag, rare = field.name in FLAGS, field.name in _RARE or (kind, field.name) in _RARELY
        row.append(Cell(field.name, letter, title, choices, words, flag, rare, value))
    return row


def new(kind: str) -> Layer:
    """Return a new layer of this kind with default settings."""
    return KINDS[kind](**_DEFAULTS.get(kind, {}))


def texts(layer: Layer) -> dict[str, str | bool]:
    """Return the text of each cell of a layer that is no block."""
    return {field.name: _text(getattr(layer, field.name)) for field in fields(layer)}


def row(layer: Layer) -> dict[str, Any]:
    """Return a layer's row for the browser: its kind with the texts of its cells, or with the rows of a block."""
    if isinstance(layer, Residual):
        branches = {"body": list(map(row, layer.body)), "shortcut": list(map(row, layer.shortcut))}
        return {"kind": "Residual", "values": {}, **branches, "summary": describe_block(layer)}
    return {"kind": type(layer).__name__, "values": texts(layer)}


def read_row(sent: object, depth: int = 0) -> Layer:
    """Return the layer of a row from the browser, within `depth` blocks. Raises ValueError for anything else."""
    match sent:
        case {"kind": "Residual", "body": [_, *_] as body, "shortcut": list() as shortcut} if depth < MAX_DEPTH:
            branches = [[read_row(inner, depth + 1) for inner in branch] for branch in (body, shortcut)]
            return Residual(*map(tuple, branches))
        case {"kind": str() as kind, "values": Mapping() as values} if kind in KINDS:
            return layer(kind, values)
    raise ValueError("This is no row of the table.")


def layer(kind: str, written: Mapping[str, object]) -> Layer:
    """Return the layer of these cells; invalid texts stay texts, so that `analyze` rejects them."""
    values = {}
    for field in fields(KINDS[kind]):
        value = _value(written.get(field.name, ""))
        if value == "" and field.default is not MISSING:
            value = field.default
        values[field.name] = value
    return KINDS[kind](**values)


def describe_block(layer: Residual) -> list[str]:
    """Return a block's layers in words, one line per branch."""
    body, shortcut = (
        " → ".join(", ".join(describe_layer(inner)) for inner in branch) for branch in (layer.body, layer.shortcut)
    )
    return [body, f"+ {shortcut or 'input'}"]


def size(written: object) -> Any:
    """Return the value of one of the three input sizes."""
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
    text = str(written).strip().replace("−", "-")[:MAX_TEXT]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    if pair := _PAIR.fullmatch(text):
        return int(pair[1]), int(pair[2])
    return text
