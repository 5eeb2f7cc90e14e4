"""The layer's picture, filters and settings, and the user's edits of the filters."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.catalogue import CATALOGUE, CatalogueKernel
from core.images.display import GRAY_PROJECTIONS, downscale
from core.images.kernels import Kernel
from core.images.layer import convolution_layer
from core.images.pictures import Picture
from core.images.samples import SAMPLES, sample
from core.layers.calculator import Row, analyse
from core.layers.specs import Conv
from core.ui import messages
from core.ui.components.layer_stack import Edits, Mix, StackFilter, edits_of, forget, from_json, select, to_json
from core.ui.components.undo_redo import undo_redo
from core.ui.layout import page_frame
from core.ui.state import page_state, query
from core.ui.state.settings import Settings
from core.ui.widgets import picture_picker
from core.ui.widgets.picture_picker import PickedPicture

KEY = "l_stack"
FILTERS, EDITS, PLANE = "l_filters", "l_edits", "l_plane"  # in the URL
MAX_SIDE = 128
"""Longer side of the picture in pixels: large enough to recognize what a plane shows, and fast to compute."""
MAX_FILTERS = 8
PICKER_WIDTH = 280  # px
SIZES = (3, 5, 7)
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

OWN = {"own_a": "Your filter A", "own_b": "Your filter B"}
KERNELS: dict[str, CatalogueKernel] = {key: entry for key, entry in CATALOGUE.items() if SIZES[0] in entry.sizes}
MIXES = {key: Mix(title, shares) for key, (title, shares) in GRAY_PROJECTIONS.items()}
_DEPTHS = {"gray": "Gray", "color": "Color"}
_PADDINGS = {"zero": "Same", "valid": "None"}


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The page's layer and its input picture, (H, W) or (H, W, 3)."""

    picture: Picture
    colored: Picture  # the same picture in color, if it has one
    alt: str
    filters: tuple[StackFilter, ...]  # before edits
    edits: Edits
    size: int  # F, px
    stride: int  # S, px
    padding: Literal["zero", "valid"]
    relu: bool  # for every plane without its own setting

    @property
    def depth(self) -> int:
        """Return D_in, the number of channels of the picture."""
        return 1 if self.picture.ndim == 2 else self.picture.shape[2]

    @property
    def border(self) -> int:
        """Return P, the zeros on each side of the picture (px)."""
        return self.size // 2 if self.padding == "zero" else 0

    def weights(self, filter: StackFilter) -> Kernel:
        """Return a filter's weights with the user's edits, (D_in, F, F)."""
        edit = self.edits.get(filter.key)
        given = np.asarray(filter.weights, np.float64)
        changed = edit.array() if edit else None
        if changed is not None and changed.shape == given.shape:
            return changed
        if edit and filter.base is not None and edit.mix in MIXES and self.depth == 3:
            return _deep(filter.base, edit.mix)
        return given

    def bias(self, filter: StackFilter) -> float:
        """Return a filter's bias with the user's edit."""
        edit = self.edits.get(filter.key)
        return filter.bias if edit is None or edit.bias is None else edit.bias

    def rectified(self, filter: StackFilter) -> bool:
        """Return True if ReLU is applied to the filter's plane."""
        edit = self.edits.get(filter.key)
        return self.relu if edit is None or edit.relu is None else edit.relu

    def flat(self, key: str) -> tuple[Kernel, str]:
        """Return a filter for gray pictures, (F, F), and its name: the sum of its channels."""
        filter = next(item for item in self.filters if item.key == key)
        edit = self.edits.get(key)
        kernel: Kernel = (
            self.weights(filter).sum(axis=0) if edit and edit.weights else np.asarray(filter.base, np.float64)
        )
        return kernel, filter.title

    def block(self) -> Picture:
        """Return the output of the layer, (H', W', K)."""
        grids = [np.moveaxis(self.weights(item), 0, 2) for item in self.filters]  # (F, F, D_in) each
        return convolution_layer(
            self.picture,
            [grid[:, :, 0] if self.depth == 1 else grid for grid in grids],
            [self.bias(item) for item in self.filters],
            relu=[self.rectified(item) for item in self.filters],
            stride=self.stride,
            padding=self.padding,
        )

    def row(self, depth: int | None = None) -> Row:
        """Return sizes and parameters for a picture of this size with `depth` channels (by default its own)."""
        height, width = self.picture.shape[:2]
        layer = Conv(len(self.filters), self.size, stride=self.stride, padding=self.border)
        return analyse((layer,), (depth or self.depth, height, width))[0]


def pick(settings: Settings) -> Layer:
    """Draw the controls and return the layer. Without a filter, show a message and stop the page."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="l_controls"):
        with st.container(width=PICKER_WIDTH):
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
            help="Add an empty filter; set its weights below the drawing",
        )
    edits = edits_of(page_state.key(KEY), _known())
    st.session_state[_KNOWN] = edits
    _write_edits(edits)
    with steps:
        undo_redo("filter_stack", (query.texts_of(_UNDOABLE), edits), _restore, what="the layer")
    if not keys:
        messages.info("A layer needs at least one filter: choose some above.", icon=":material/layers:")
        page_frame.onward("filters")
        st.stop()
    colored = reduced(chosen.key, chosen.picture)
    picture = reduced(chosen.gray().key, chosen.gray().picture) if depth == "gray" else colored
    filters = tuple(_stack_filter(key, size, picture.ndim == 3) for key in keys)
    return Layer(picture, colored, chosen.alt, filters, edits, size, stride, padding, relu)


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
        st.caption("This picture is gray: H × W, one number per pixel.")
        return "gray"
    return str(
        settings.segments(
            "l_depth",
            "Input",
            list(_DEPTHS),
            format=_DEPTHS.__getitem__,
            help="H × W × 1: one number per pixel. H × W × 3: red, green and blue; every filter then has three planes "
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


def title(key: str) -> str:
    """Return a filter's display name."""
    return OWN[key] if key in OWN else CATALOGUE[key].title


def grid(key: str, size: int) -> Kernel:
    """Return a catalogue kernel as an F x F filter: in that size, or its 3 x 3 weights padded with zeros."""
    entry = CATALOGUE[key]
    if size in entry.sizes:
        return entry.kernel(size)
    return np.pad(entry.kernel(SIZES[0]), (size - SIZES[0]) // 2)


def _deep(base: NDArray[np.floating[Any]], mix: str) -> Kernel:
    """Return the kernel for three channels: (F, F) -> (3, F, F)."""
    deep: Kernel = np.asarray(MIXES[mix].shares)[:, None, None] * base
    return deep


def _stack_filter(key: str, size: int, in_color: bool) -> StackFilter:
    base = np.zeros((size, size)) if key in OWN else grid(key, size)
    mix = next(iter(MIXES))
    why = "Set its weights in the grid below: each change updates the plane at once."
    return StackFilter(
        key,
        title(key),
        why if key in OWN else CATALOGUE[key].why,
        _deep(base, mix) if in_color else base[None],
        base=base,
        mix=mix,
        is_own=key in OWN,
    )


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


@st.cache_data(max_entries=64, show_spinner=False)
def reduced(key: str, _picture: Picture, side: int = MAX_SIDE) -> Picture:
    """Return the picture reduced to `side` pixels, in 256 levels; a smaller one unchanged. `key` identifies it.

    A generated picture is generated at that size: reducing it would lose its single white pixel.
    """
    name = key.split()[0]
    if name in SAMPLES and not isinstance(SAMPLES[name].source, str):
        drawn = sample(name, side)
        return drawn if drawn.ndim == _picture.ndim else downscale(_picture, side)
    return downscale(_picture, side)


def shown_titles(filters: Sequence[StackFilter]) -> str:
    """Return the filters' names as a list in words."""
    return ", ".join(item.title for item in filters)
