"""The table of layers: a browser component whose cells take any text; shapes, costs and refusals come from Python."""

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import streamlit as st

from core.layers.calculator import Row, totals
from core.layers.specs import EVERY_KIND, KINDS, MAX_LAYERS, Layer, Residual, layer_count
from core.shapes import format_shape
from core.ui.components.kit import assets
from core.ui.components.layer_table import cells
from core.ui.display import network_stages, numbers
from core.ui.display.numbers import memory
from core.ui.state import network_link, page_state
from core.ui.state.network_link import ParsedStack, Stack

KEY = "c_table"
STAMP = "c_table_stamp"  # of the latest edit that was taken over


ASSETS = assets(Path(__file__).parent, script="layer_table", styles="layer_table")
_mount = st.components.v2.component("cnn_lab.layer_table", css=ASSETS.css, js=ASSETS.js)


def show(written: Stack, reading: ParsedStack) -> None:
    """Draw the table. An edit becomes the session's stack before the page runs again."""
    _mount(
        key=page_state.key(KEY),
        data={
            "kinds": [
                {"kind": kind, "name": name, "cells": [cell.to_json() for cell in cells.cells(kind)]}
                for kind, name in network_stages.NAMES.items()
                if kind in KINDS
            ],
            "shape": [str(size) for size in written.input_shape],
            "layers": [_line(layer) for layer in written.layers],
            "results": results(reading.rows),
            "error": None if reading.error is None else {"index": reading.error.index, "reason": reading.error.reason},
            "stamp": st.session_state.get(STAMP, 0),
            "most": MAX_LAYERS,
        },
        on_edit_change=_take,
    )


def _line(layer: Layer) -> dict[str, Any]:
    """A row as the browser keeps it; a block's has no cells but words."""
    told = {"name": network_stages.NAMES["Residual"], "told": cells.block(layer)} if isinstance(layer, Residual) else {}
    return {"kind": type(layer).__name__, "values": cells.texts(layer), **told}


def results(rows: list[Row]) -> list[dict[str, Any]]:
    """What stands behind each layer, as text, and its shares of the whole, from 0 to 1."""
    whole = totals(rows)
    return [
        {
            "output": format_shape(row.output_shape),
            "unused": _unused(row),
            "parameters": numbers.count(row.parameters),
            "parameters_share": row.parameters / max(whole.parameters, 1),
            "macs": numbers.count(row.macs),
            "macs_share": row.macs / max(whole.macs, 1),
            "memory": memory(row.activation_bytes),
            "field": format_shape(
                (row.receptive_field,) if isinstance(row.receptive_field, int) else row.receptive_field
            ),
        }
        for row in rows
    ]


def _unused(row: Row) -> str:
    right, bottom = row.unused
    return f"{max(right, bottom)} px unused" if prod(row.output_shape) and (right or bottom) else ""


def _take() -> None:
    """Take over what the browser sends; what no table of ours would send changes nothing."""
    edit = (st.session_state.get(page_state.key(KEY)) or {}).get("edit")
    if (taken := taken_over(edit)) is not None:
        written, st.session_state[STAMP] = taken
        network_link.keep(written)


def taken_over(edit: object) -> tuple[Stack, int] | None:
    """The stack that an edit describes and the edit's stamp, or None for one that the table cannot have sent."""
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
                        except (KeyError, ValueError, RecursionError):  # no block of ours
                            return None
                    case _:
                        return None
            if layer_count(rows) > MAX_LAYERS:
                return None
            return Stack(tuple(cells.size(size) for size in shape), tuple(rows)), stamp
    return None
