"""The table of layers: a browser component whose cells take any text; Python returns shapes, costs and errors."""

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import streamlit as st

from core.layers.calculator import Row, totals
from core.layers.specs import EVERY_KIND, MAX_LAYERS, Layer, Residual, layer_count
from core.shapes import format_bytes, format_shape
from core.ui.components.kit import assets
from core.ui.components.layer_table import cells
from core.ui.display import network_stages, numbers
from core.ui.state import network_link, page_state
from core.ui.state.network_link import ParsedStack, Stack

KEY = "c_table"
STAMP = "c_table_stamp"  # of the latest applied edit


ASSETS = assets(Path(__file__).parent, script="layer_table", styles="layer_table")
_mount = st.components.v2.component("cnn_lab.layer_table", css=ASSETS.css, js=ASSETS.js)


def show(written: Stack, reading: ParsedStack) -> None:
    """Draw the table. An edit is applied to the session's stack before the page reruns."""
    _mount(
        key=page_state.key(KEY),
        data={
            "kinds": [
                {
                    "kind": kind,
                    "name": network_stages.NAMES[kind],
                    "group": group,
                    "cells": [cell.to_json() for cell in cells.cells(kind)],
                }
                for group, kinds in network_stages.GROUPS.items()
                for kind in kinds
            ],
            "shape": [str(size) for size in written.input_shape],
            "layers": [_line(layer) for layer in written.layers],
            "results": results(reading.rows),
            "error": None if reading.error is None else {"index": reading.error.index, "reason": reading.error.reason},
            "stamp": st.session_state.get(STAMP, 0),
            "most": MAX_LAYERS,
        },
        on_edit_change=_apply_edit,
    )


def _line(layer: Layer) -> dict[str, Any]:
    """Return a row for the browser; a block has a summary instead of cells."""
    summary: dict[str, Any] = {}
    if isinstance(layer, Residual):
        summary = {"name": network_stages.NAMES["Residual"], "summary": cells.describe_block(layer)}
    return {"kind": type(layer).__name__, "values": cells.texts(layer), **summary}


def results(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the formatted result columns of each layer, with its share of parameters and MACs (0 to 1)."""
    sums = totals(rows)
    return [
        {
            "output": format_shape(row.output_shape),
            "unused": _unused(row),
            "parameters": numbers.count(row.parameters),
            "parameters_share": row.parameters / max(sums.parameters, 1),
            "macs": numbers.count(row.macs),
            "macs_share": row.macs / max(sums.macs, 1),
            "memory": format_bytes(row.activation_bytes),
            "field": format_shape(
                (row.receptive_field,) if isinstance(row.receptive_field, int) else row.receptive_field
            ),
        }
        for row in rows
    ]


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
        case {"shape": [_, _, _] as shape, "layers": list() as layers, "stamp": int() as stamp} if (
            len(layers) <= MAX_LAYERS
        ):
            rows = []
            for row in layers:
                match row:
                    case {"kind": str() as kind, "values": Mapping() as values} if kind in EVERY_KIND:
                        try:
                            rows.append(cells.layer(kind, values))
                        except (KeyError, ValueError, RecursionError):  # not a valid block
                            return None
                    case _:
                        return None
            if layer_count(rows) > MAX_LAYERS:
                return None
            return Stack(tuple(cells.size(size) for size in shape), tuple(rows)), stamp
    return None
