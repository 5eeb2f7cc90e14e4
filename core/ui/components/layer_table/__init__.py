"""The table of layers: a browser component whose cells take any text; Python returns shapes, costs and errors."""

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import streamlit as st

from core.layers.blocks import make
from core.layers.calculator import Row, totals
from core.layers.layer_count import MAX_LAYERS, layer_count
from core.layers.specs import Layer
from core.size_text import format_bytes, format_shape
from core.ui.components.kit import assets
from core.ui.components.layer_table import cells
from core.ui.display import layer_groups, numbers
from core.ui.state import network_link, page_state
from core.ui.state.network_link import ParsedStack, Stack

KEY = "c_table"
STAMP = "c_table_stamp"  # of the latest applied edit
ROLES = {  # what a layer does, by kind: its row's color
    "Conv": "convolution",
    "ConvTranspose": "convolution",
    "Pool": "pooling",
    "BlurPool": "pooling",
    "GlobalPool": "pooling",
    "AdaptivePool": "pooling",
    "Linear": "dense",
    "PrimaryCapsules": "capsules",
    "RoutedCapsules": "capsules",
    "CapsuleDecoder": "capsules",
    "CapsuleLengths": "capsules",
}

ASSETS = assets(Path(__file__).parent, script="layer_table", styles="layer_table", switch=True)
_mount = st.components.v2.component("cnn_lab.layer_table", css=ASSETS.css, js=ASSETS.js)


def show(written: Stack, reading: ParsedStack) -> None:
    """Draw the table. An edit is applied to the session's stack before the page reruns."""
    sums = totals(reading.rows)
    _mount(
        key=page_state.key(KEY),
        data={
            "kinds": [
                {
                    "kind": kind,
                    "name": layer_groups.NAMES[kind],
                    "group": group,
                    "role": ROLES.get(kind, "elementwise"),
                    "cells": [cell.to_json() for cell in cells.cells(kind)],
                }
                for group, kinds in layer_groups.GROUPS.items()
                for kind in kinds
            ],
            "shape": [str(size) for size in written.input_shape],
            "layers": [cells.row(layer) for layer in written.layers],
            "results": results(reading.rows),
            "totals": [numbers.count(sums.parameters), numbers.count(sums.macs), format_bytes(sums.activation_bytes)],
            "error": None if reading.error is None else {"index": reading.error.index, "reason": reading.error.reason},
            "stamp": st.session_state.get(STAMP, 0),
            "most": MAX_LAYERS,
        },
        on_edit_change=_apply_edit,
    )


def results(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the formatted result columns of each layer, with its share of parameters and MACs (0 to 1)."""
    sums = totals(rows)

    def result(row: Row) -> dict[str, Any]:
        return {
            "output": format_shape(row.output_shape),
            "unused": _unused(row),
            "parameters": numbers.count(row.parameters),
            "parameters_share": row.parameters / max(sums.parameters, 1),
            "macs": numbers.count(row.macs),
            "macs_share": row.macs / max(sums.macs, 1),
            "memory": format_bytes(row.activation_bytes),
            "field": format_field(row),
            "body": list(map(result, row.body)),
            "shortcut": list(map(result, row.shortcut)),
        }

    return list(map(result, rows))


def format_field(row: Row, thousands: str = ",") -> str:
    """Return how many pixels of the picture a unit sees: "5", "3 × 5", or "≤ 33" where it is certain only that."""
    field = row.receptive_field
    text = format_shape((field,) if isinstance(field, int) else field, thousands=thousands)
    return text if row.is_exact else f"≤ {text}"


def _unused(row: Row) -> str:
    right, bottom = row.unused
    return f"{max(right, bottom)} px unused" if prod(row.output_shape) and (right or bottom) else ""


def _apply_edit() -> None:
    """Apply the browser's edit; an invalid one changes nothing."""
    edit = (st.session_state.get(page_state.key(KEY)) or {}).get("edit")
    if (parsed := parse_edit(edit)) is not None:
        written, st.session_state[STAMP] = parsed
        network_link.keep(written)


def parse_edit(edit: object) -> tuple[Stack, int] | None:
    """Return an edit's stack and stamp, or None if the table cannot have sent it."""
    match edit:
        case {"shape": [_, _, _] as shape, "layers": list() as rows, "stamp": int() as stamp} if (
            len(rows) <= MAX_LAYERS
        ):
            sizes = tuple(cells.size(size) for size in shape)
            layers: list[Layer] = []
            for row in rows:
                try:
                    layers.append(_layer(row, layers, sizes))
                except ValueError:
                    return None
            return (Stack(sizes, tuple(layers)), stamp) if layer_count(layers) <= MAX_LAYERS else None
    return None


def _layer(row: object, before: Sequence[Layer], input_shape: tuple[Any, ...]) -> Layer:
    """Return a row's layer. A new block has the shortcut that fits, and a body too if it came without one."""
    match row:
        case {"kind": "Residual", "body": None, "shortcut": None}:
            return make(before, input_shape)
        case {"kind": "Residual", "body": [_, *_] as body, "shortcut": None}:
            return make(before, input_shape, [cells.read_row(inner, 1) for inner in body])
    return cells.read_row(row)
