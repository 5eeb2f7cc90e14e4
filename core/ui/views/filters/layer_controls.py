"""The controls of the layer: its picture, filters and settings, and the user's edits of the filters."""

import json
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.ui import messages
from core.ui.components.filter_layer import Edits, edits_of, forget, from_json, select, to_json
from core.ui.components.undo_redo import undo_redo
from core.ui.layout import page_frame
from core.ui.state import page_state, query
from core.ui.state.settings import Settings
from core.ui.views.filters.layer import KERNELS, OWN, SIZES, Layer, reduced, stack_filter, title
from core.ui.widgets import picture_picker
from core.ui.widgets.picture_picker import PickedPicture

KEY = "l_stack"
FILTERS, EDITS, PLANE = "l_filters", "l_edits", "l_plane"  # in the URL
MAX_FILTERS = 8
DEFAULT_FILTERS = ("sobel_x", "sobel_y", "diagonal_down", "laplacian_8", "gaussian")
DEFAULTS: dict[str, Any] = {
    **picture_picker.defaults("l_", "cat"),
    "l_depth": "gray",
    "l_relu": False,
    "l_size": 3,
    "l_stride": 1,
    "l_padding": "zero",
    FILTERS: list(DEFAULT_FILTERS),
}

_UNDOABLE = (
    "l_depth",
    "l_relu",
    "l_size",
    "l_stride",
    "l_padding",
    FILTERS,
)  # the controls that undo restores, besides the edits
_KNOWN = "l_known_edits"  # in the session: the edits of every filter, also of those not in the layer now

_DEPTHS = {"gray": "Gray", "color": "Color"}
_PADDINGS = {"zero": "Same", "valid": "None"}


def pick(settings: Settings, chosen_filters: DeltaGenerator) -> Layer:
    """Draw the row of controls, and in `chosen_filters` the choice of filters, and return the layer.

    Without a filter, show a message and stop the page.
    """
    with page_frame.controls():
        chosen = picture_picker.pick(settings, "l_")
        with st.container(width="content"):
            depth = _depth(settings, chosen)
        relu = settings.switch(
            "l_relu",
            "ReLU",
            help="Rectified linear unit: values below 0 become 0. This switch is for all planes; each plane also has "
            "its own switch next to its bias",
        )
        size, stride, padding = _geometry(settings)
        steps = st.container(width="content")
    with chosen_filters:
        keys = _filters(settings)
    edits = edits_of(page_state.key(KEY), _known())
    st.session_state[_KNOWN] = edits
    _write_edits(edits)
    with steps:
        undo_redo("filter_stack", (query.texts_of(_UNDOABLE), edits), _restore, what="the layer")
    if not keys:
        with chosen_filters:
            messages.info("A layer needs at least one filter: choose some above.", icon=":material/layers:")
            page_frame.onward("filters")
        st.stop()
    colored = reduced(chosen.key, chosen.picture)
    picture = reduced(chosen.gray().key, chosen.gray().picture) if depth == "gray" else colored
    filters = tuple(stack_filter(key, size, picture.ndim == 3) for key in keys)
    return Layer(picture, colored, chosen.alt, filters, edits, size, stride, padding, relu)


def _filters(settings: Settings) -> list[str]:
    """Draw the choice of filters, and return their keys."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="l_chosen"):
        keys = settings.several(
            FILTERS,
            "Filters",
            [*KERNELS, *OWN],
            most=MAX_FILTERS,
            format=title,
            help=f"Up to {MAX_FILTERS}: from the catalogue, or your own",
        )
        free = [key for key in OWN if key not in keys]
        st.button(
            "New filter",
            icon=":material/edit:",
            key="l_draw",
            on_click=_add_filter,
            args=free[:1],
            disabled=not free or len(keys) >= MAX_FILTERS,
            help="Add an empty filter; set its weights under the drawing",
        )
    return keys


def _known() -> Edits:
    """Return the edits known before the browser reports any: from the session, else from the link."""
    edits: Edits | None = st.session_state.get(_KNOWN)
    return _linked() if edits is None else edits


def _restore(step: tuple[dict[str, str], Edits]) -> None:
    """Restore an earlier layer."""
    texts, edits = step
    query.put_back(_UNDOABLE, texts)
    forget(page_state.key(KEY))
    st.session_state[_KNOWN] = edits


def _add_filter(key: str) -> None:
    """Add an empty filter and select it."""
    st.session_state[FILTERS] = [*st.session_state[FILTERS], key]
    select(page_state.key(KEY), key)


def _depth(settings: Settings, chosen: PickedPicture) -> str:
    if not chosen.is_color:
        st.caption("This picture is gray: 1 channel.")
        return "gray"
    return str(
        settings.segments(
            "l_depth",
            "Input",
            list(_DEPTHS),
            format=_DEPTHS.__getitem__,
            help="1 × H × W: one number per pixel. 3 × H × W: red, green and blue; every filter then has three planes "
            "of weights and sums over all of them",
        )
    )


def _geometry(settings: Settings) -> tuple[int, int, Literal["zero", "valid"]]:
    """Draw the popover with filter size F, stride S and padding P."""
    with st.popover("Size", icon=":material/tune:", help="The filters' size, the stride and the padding"):
        size = settings.segments("l_size", "Filter size F, px", SIZES, help="All filters of a layer have the same size")
        stride = settings.segments("l_stride", "Stride S, px", (1, 2, 3), help="Step between positions (px)")
        padding: Literal["zero", "valid"] = settings.segments(
            "l_padding",
            "Padding P",
            list(_PADDINGS),
            format=_PADDINGS.__getitem__,
            help="Same: (F − 1) / 2 zeros on each side, so that output size equals input size at stride 1",
        )
    return size, stride, padding


def _linked() -> Edits:
    """Return the edits in the link that opened the page."""
    linked, text = query.is_linked(EDITS), query.read(EDITS)
    if text is None:
        return {}
    try:
        written = json.loads(text)
    except (ValueError, RecursionError):
        written = None
    edits = from_json(written)
    if linked and json.loads(json.dumps(to_json(edits))) != written:
        query.refuse("Filter edits", text, "cannot be read in full", "the part that can be read")
    return edits


def _write_edits(edits: Edits) -> None:
    """Write the edits into the URL, also those of filters not in the layer now: chosen again, they are as edited."""
    query.write(EDITS, json.dumps(to_json(edits), separators=(",", ":")) if edits else None)


def remember(layer: Layer, selected: str) -> None:
    """Write the selected plane into the URL."""
    query.write(PLANE, selected if selected != layer.filters[0].key else None)


def reset_button(layer: Layer) -> None:
    """Draw a button that resets all edits, if there are any."""
    if layer.edits:
        st.button(
            "Reset all filters",
            icon=":material/layers_clear:",
            type="tertiary",
            on_click=_reset,
            help="Restore the catalogue's weights, set every bias to 0, and ReLU to the switch above",
        )


def _reset() -> None:
    forget(page_state.key(KEY))
    st.session_state[_KNOWN] = {}
    query.write(EDITS, None)
