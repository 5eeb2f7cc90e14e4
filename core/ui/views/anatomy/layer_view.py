"""Draw the row of layers and the planes of the chosen layer. Both choices are in the URL."""

from typing import Any

import numpy as np
import streamlit as st

from core.ui.components import layer_planes, layer_row
from core.ui.display import numbers
from core.ui.state import page_state, query
from core.ui.state.fields import Number
from core.ui.state.settings import Settings
from core.ui.views.anatomy import network_row, unit_view
from core.ui.views.anatomy.forward_pass import ForwardPass

LAYER, PLANE, PAGE = "n_layer", "n_plane", "n_page"  # in the URL; layers and planes from 1
_ROW, _PLANES = "n_row", "n_planes"
DEFAULTS: dict[str, Any] = {PAGE: 1}


def layer(forward: ForwardPass) -> int:
    """Return the chosen layer, from 1."""
    return int(query.value(LAYER, Number("Layer", 1, len(forward.network.rows)), forward.network.first))


def plane(forward: ForwardPass, chosen: int) -> int:
    """Return the selected plane of layer `chosen`, from 0; by default the strongest unit, or the longest capsule.

    Without a picture it is the first: the strongest one would be an answer.
    """
    out = forward.outputs[chosen]
    default = 1
    if not forward.picture.is_empty and (out.ndim == 1 or (out.ndim == 2 and len(out) <= unit_view.PAGE_SIZE)):
        default += int(np.linalg.norm(out, axis=1).argmax() if out.ndim == 2 else out.argmax())
    return int(query.value(PLANE, Number("Plane", 1, len(out)), default)) - 1


def show(settings: Settings, forward: ForwardPass) -> None:
    """Draw the row of layers and the planes. Raises InferenceError."""
    chosen = layer(forward)
    network_row.layer_row(forward, chosen, key=page_state.key(_ROW), on_choose=_choose_layer)
    total = forward.outputs[chosen].shape[0]
    pages = -(-total // unit_view.PAGE_SIZE) if forward.outputs[chosen].ndim > 1 else 1
    word = forward.plane_word(chosen)
    first = 0
    if pages > 1:
        with st.container(width=220):
            first = unit_view.PAGE_SIZE * (
                settings.number(
                    PAGE,
                    f"{word.capitalize()}s, {unit_view.PAGE_SIZE} at a time",
                    1,
                    pages,
                    help=f"Page 1 to {pages} of the {numbers.count(total)} {word}s",
                )
                - 1
            )
    unit_view.layer_planes(
        forward,
        chosen,
        first=first,
        selected=plane(forward, chosen),
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
