"""Which filters the layer has, what they look at, and what the person has made of them."""

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
SIDE = 128
"""Pixels of the picture's longer side: large enough to recognize what a plane shows, and quickly computed."""
MOST_FILTERS = 8
SIZES = (3, 5, 7)
OPENING = ("sobel_x", "sobel_y", "diagonal_down", "laplacian_8", "gaussian")
DEFAULTS: dict[str, Any] = {
    **picture_picker.defaults("l_", "cat"),
    "l_depth": "gray",
    "l_relu": False,
    "l_size": 3,
    "l_stride": 1,
    "l_padding": "zero",
    FILTERS: list(OPENING),
}

_STEPS = ("l_depth", "l_relu", "l_size", "l_stride", "l_padding", FILTERS)  # what of it can be undone, and the changes
_KNOWN = "l_known_edits"  # in the session: the changes of every filter, those too that are not in the layer now

OWN = {"own_a": "Your filter A", "own_b": "Your filter B"}
KERNELS: dict[str, CatalogueKernel] = {key: entry for key, entry in CATALOGUE.items() if SIZES[0] in entry.sizes}
MIXES = {key: Mix(title, shares) for key, (title, shares) in GRAY_PROJECTIONS.items()}
_DEPTHS = {"gray": "Gray", "color": "Color"}
_PADDINGS = {"zero": "Zeros around", "valid": "None"}


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The layer of the page, on a picture (H, W) or (H, W, 3)."""

    picture: Picture
    colored: Picture  # the same in color, where it has one
    alt: str
    filters: tuple[StackFilter, ...]  # as the page gives them
    edits: Edits
    size: int  # F, px
    stride: int  # S, px
    padding: Literal["zero", "valid"]
    relu: bool  # of every plane that the person has not switched by itself

    @property
    def depth(self) -> int:
        """D_in: the picture's channels."""
        return 1 if self.picture.ndim == 2 else self.picture.shape[2]

    @property
    def border(self) -> int:
        """P: zeros on each side of the picture, px."""
        return self.size // 2 if self.padding == "zero" else 0

    def weights(self, one: StackFilter) -> Kernel:
        """A filter's weights with the person's changes, (D_in, F, F)."""
        edit = self.edits.get(one.key)
        given = np.asarray(one.weights, np.float64)
        changed = edit.array() if edit else None
        if changed is not None and changed.shape == given.shape:
            return changed
        if edit and one.base is not None and edit.mix in MIXES and self.depth == 3:
            return _deep(one.base, edit.mix)
        return given

    def bias(self, one: StackFilter) -> float:
        """A filter's bias with the person's change."""
        edit = self.edits.get(one.key)
        return one.bias if edit is None or edit.bias is None else edit.bias

    def rectified(self, one: StackFilter) -> bool:
        """Whether ReLU acts on a filter's plane."""
        edit = self.edits.get(one.key)
        return self.relu if edit is None or edit.relu is None else edit.relu

    def flat(self, key: str) -> tuple[Kernel, str]:
        """A filter for a gray picture, (F, F), and its name: what it does where red, green and blue are equal."""
        one = next(one for one in self.filters if one.key == key)
        edit = self.edits.get(key)
        kernel: Kernel = self.weights(one).sum(axis=0) if edit and edit.weights else np.asarray(one.base, np.float64)
        return kernel, one.title

    def block(self) -> Picture:
        """What the layer puts out: (H', W', K)."""
        grids = [np.moveaxis(self.weights(one), 0, 2) for one in self.filters]  # (F, F, D_in) each
        return convolution_layer(
            self.picture,
            [grid[:, :, 0] if self.depth == 1 else grid for grid in grids],
            [self.bias(one) for one in self.filters],
            relu=[self.rectified(one) for one in self.filters],
            stride=self.stride,
            padding=self.padding,
        )

    def row(self, depth: int | None = None) -> Row:
        """Its sizes and parameters, on a picture of this size and of `depth` channels (its own unless given)."""
        height, width = self.picture.shape[:2]
        layer = Conv(len(self.filters), self.size, stride=self.stride, padding=self.border)
        return analyse((layer,), (depth or self.depth, height, width))[0]


def pick(settings: Settings) -> Layer:
    """Draw the controls and answer the layer. Where no filter is chosen a sentence says so, and the page ends."""
    left, middle, right = st.columns([4, 5, 4], gap="medium", vertical_alignment="bottom")
    with left:
        chosen = picture_picker.pick(settings, "l_")
    with middle:
        depth = _depth(settings, chosen)
    with right, st.container(horizontal=True, gap="small", vertical_alignment="center"):
        relu = settings.switch(
            "l_relu",
            "ReLU",
            help="The rectified linear unit: what is below 0 becomes 0. This switch is for every plane; each plane has "
            "one of its own beside its bias",
        )
        size, stride, padding = _geometry(settings)
        steps = st.container(width="content")
    names, draw = st.columns([11, 2], gap="small", vertical_alignment="bottom")
    with names:
        keys = settings.several(
            FILTERS,
            "Filters",
            [*KERNELS, *OWN],
            most=MOST_FILTERS,
            format=title,
            help=f"Up to {MOST_FILTERS}: of the catalogue, or drawn by you",
        )
    with draw:
        free = [key for key in OWN if key not in keys]
        st.button(
            "Draw one",
            icon=":material/edit:",
            key="l_draw",
            on_click=_draw,
            args=free[:1],
            width="stretch",
            disabled=not free or len(keys) >= MOST_FILTERS,
            help="Adds an empty filter: write its weights below the drawing",
        )
    edits = edits_of(page_state.key(KEY), _known())
    st.session_state[_KNOWN] = edits
    with steps:
        undo_redo("filter_stack", (query.texts_of(_STEPS), edits), _restore, what="the layer")
    if not keys:
        messages.info("A layer needs at least one filter: choose some above.", icon=":material/layers:")
        page_frame.onward("filters")
        st.stop()
    colored = small(chosen.key, chosen.picture)
    picture = small(chosen.gray().key, chosen.gray().picture) if depth == "gray" else colored
    filters = tuple(_given(key, size, picture.ndim == 3) for key in keys)
    return Layer(picture, colored, chosen.alt, filters, edits, size, stride, padding, relu)


def _known() -> Edits:
    """Return the changes of before the browser has reported any: those of the session, or those of the link."""
    edits: Edits | None = st.session_state.get(_KNOWN)
    return _linked() if edits is None else edits


def _restore(step: tuple[dict[str, str], Edits]) -> None:
    """Go back to an earlier layer."""
    texts, edits = step
    query.put_back(_STEPS, texts)
    forget(page_state.key(KEY))
    st.session_state[_KNOWN] = edits


def _draw(key: str) -> None:
    """One more filter, empty and selected."""
    st.session_state[FILTERS] = [*st.session_state[FILTERS], key]
    select(page_state.key(KEY), key)


def _depth(settings: Settings, chosen: PickedPicture) -> str:
    if not chosen.is_color:
        st.caption("This picture is gray: H × W, one number a pixel.")
        return "gray"
    return str(
        settings.segments(
            "l_depth",
            "Input",
            list(_DEPTHS),
            format=_DEPTHS.__getitem__,
            help="H × W × 1: one number a pixel. H × W × 3: red, green and blue; then every filter has three planes of "
            "weights and sums over all of them",
        )
    )


def _geometry(settings: Settings) -> tuple[int, int, Literal["zero", "valid"]]:
    """F, S and what lies around the picture: rare settings, in a popover."""
    with st.popover("Size", icon=":material/tune:", help="The filters' size, the stride and the padding"):
        size = settings.segments("l_size", "Filter size F, px", SIZES, help="Every filter of a layer has the same size")
        stride = settings.segments(
            "l_stride", "Stride S, px", (1, 2, 3), help="How far a filter moves from place to place"
        )
        padding: Literal["zero", "valid"] = settings.segments(
            "l_padding",
            "Padding P",
            list(_PADDINGS),
            format=_PADDINGS.__getitem__,
            help="(F − 1) / 2 zeros on each side keep the picture's size at stride 1; without, the planes are smaller",
        )
    return size, stride, padding


def title(key: str) -> str:
    """A filter's name on the screen."""
    return OWN[key] if key in OWN else CATALOGUE[key].title


def grid(key: str, size: int) -> Kernel:
    """A catalogue kernel as an F x F filter: built in that size, or its 3 x 3 weights with zeros around."""
    entry = CATALOGUE[key]
    if size in entry.sizes:
        return entry.kernel(size)
    return np.pad(entry.kernel(SIZES[0]), (size - SIZES[0]) // 2)


def _deep(base: NDArray[np.floating[Any]], mix: str) -> Kernel:
    """One grid for three channels: (F, F) -> (3, F, F)."""
    deep: Kernel = np.asarray(MIXES[mix].shares)[:, None, None] * base
    return deep


def _given(key: str, size: int, in_color: bool) -> StackFilter:
    base = np.zeros((size, size)) if key in OWN else grid(key, size)
    mix = next(iter(MIXES))
    why = "Write its weights in the grid below: every number you change changes the plane at once."
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
    """The changes in the link that opened the page."""
    linked, text = query.is_linked(EDITS), query.read(EDITS)
    if text is None:
        return {}
    try:
        written = json.loads(text)
    except (ValueError, RecursionError):
        written = None
    found = from_json(written)
    if linked and json.loads(json.dumps(to_json(found))) != written:
        query.refuse("Changes of filters", text, "cannot be read in full", "what can be read")
    return found


def remember(layer: Layer, selected: str) -> None:
    """Write into the URL what the person has changed, and which plane is selected."""
    keys = [one.key for one in layer.filters]
    edits = to_json({key: edit for key, edit in layer.edits.items() if key in keys})
    query.write(EDITS, json.dumps(edits, separators=(",", ":")) if edits else None)
    query.write(PLANE, selected if selected != keys[0] else None)


def undo(layer: Layer) -> None:
    """A button that drops what the person has changed, where there is something."""
    if layer.edits:
        st.button(
            "Drop all changes",
            icon=":material/layers_clear:",
            type="tertiary",
            on_click=_forget,
            help="The catalogue's weights, every bias at 0, and ReLU as the switch above says",
        )


def _forget() -> None:
    forget(page_state.key(KEY))
    st.session_state[_KNOWN] = {}
    query.write(EDITS, None)


@st.cache_data(max_entries=64, show_spinner=False)
def small(key: str, _picture: Picture, side: int = SIDE) -> Picture:
    """The picture reduced to `side` pixels, in the 256 levels of a screen; a smaller one as it is. `key` names it.

    A drawn picture is drawn anew: reduced, its one white pixel would be lost.
    """
    name = key.split()[0]
    if name in SAMPLES and not isinstance(SAMPLES[name].source, str):
        drawn = sample(name, side)
        return drawn if drawn.ndim == _picture.ndim else downscale(_picture, side)
    return downscale(_picture, side)


def shown_titles(filters: Sequence[StackFilter]) -> str:
    """The filters' names in a row of words."""
    return ", ".join(one.title for one in filters)
