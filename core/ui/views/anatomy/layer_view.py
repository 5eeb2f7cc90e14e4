"""The row of layers, and the planes of the one that is chosen: what the page is about. Both choices are in the URL."""

from typing import Any

import streamlit as st

from core.ui.components import layer_planes, layer_row
from core.ui.state import page_state, query
from core.ui.state.fields import Number
from core.ui.state.settings import Settings
from core.ui.views.anatomy import network_row, unit_view
from core.ui.views.anatomy.forward_pass import Pass

LAYER, PLANE, PAGE = "n_layer", "n_plane", "n_page"  # in the URL; layers and planes from 1
_ROW, _PLANES = "n_row", "n_planes"
DEFAULTS: dict[str, Any] = {PAGE: 1}


def layer(passed: Pass) -> int:
    """The chosen layer, from 1: of the link where it has one that the network has."""
    return int(query.value(LAYER, Number("Layer", 1, len(passed.subject.rows)), passed.subject.first))


def plane(passed: Pass, chosen: int) -> int:
    """The selected plane of layer `chosen`, from 0; in a flat list at first the strongest unit."""
    out = passed.outputs[chosen]
    otherwise = 1 + int(out.argmax()) if out.ndim == 1 else 1
    return int(query.value(PLANE, Number("Plane", 1, len(out)), otherwise)) - 1


def show(settings: Settings, passed: Pass) -> None:
    """Draw both. Raises InferenceError."""
    chosen = layer(passed)
    network_row.layer_row(passed, chosen, key=page_state.key(_ROW), on_choose=_choose_layer)
    total = passed.outputs[chosen].shape[0]
    pages = -(-total // unit_view.PAGE) if passed.outputs[chosen].ndim == 3 else 1
    first = 0
    if pages > 1:
        with st.container(width=220):
            first = unit_view.PAGE * (
                settings.number(
                    PAGE, f"Planes, {unit_view.PAGE} at a time", 1, pages, help=f"Page 1 to {pages} of {total} planes"
                )
                - 1
            )
    unit_view.layer_planes(
        passed,
        chosen,
        first=first,
        selected=plane(passed, chosen),
        key=page_state.key(_PLANES),
        on_choose=_choose_plane,
    )


def _choose_layer() -> None:
    if (number := layer_row.chosen(page_state.key(_ROW))) is not None:
        query.write(LAYER, str(number))
        query.write(PLANE, None)


def _choose_plane() -> None:
    if (number := layer_planes.chosen(page_state.key(_PLANES))) is not None:
        query.write(PLANE, str(number + 1))
