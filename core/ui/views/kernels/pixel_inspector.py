"""The convolution inspector on a reduced picture, and the filter as edited in it."""

import re
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.images.filter_chain import Filter
from core.images.kernel_catalogue import CatalogueKernel
from core.images.kernels import Kernel
from core.images.pictures import Picture
from core.images.rendering import downscale
from core.images.sample_pictures import SAMPLES, sample
from core.size_text import format_shape
from core.ui.components.convolution_inspector import InspectorState, Reference, inspector, reset
from core.ui.components.convolution_inspector.state import SCALES, Pair, Scale
from core.ui.components.undo_redo import undo_redo
from core.ui.state import page_state, query
from core.ui.state.url_values import Choice, Refused
from core.ui.views.kernels import kernel_picker
from core.ui.views.kernels.kernel_picker import Preset, Step
from core.ui.widgets.picture_picker import PickedPicture

KEY = "k_inspector"
INITIAL = "k_opened"  # in the session: the preset that the inspector shows, and what it was opened with
SCALE = "k_scale"  # in the URL: the inspector's colors, if they are not chosen automatically
PIN = "k_at"  # in the URL: row and column of the pinned output pixel, from 1 as on the page
MAX_SIDE = 96
"""Longer side of the reduced picture in pixels: its pixels are large enough to see and to point at."""
Opened = tuple[Filter, Scale, Pair | None]


@dataclass(frozen=True, slots=True)
class Place:
    """A pixel, (row, column) from 0; in the URL from 1: "83,70"."""

    label: str

    def read(self, text: str) -> Pair:
        """Return the pixel. Raises Refused."""
        match = re.fullmatch(r"([1-9]\d{0,2}),([1-9]\d{0,2})", text)
        if match is None:
            raise Refused("is not a row and a column, as in 83,70")
        return int(match[1]) - 1, int(match[2]) - 1

    def write(self, value: Pair) -> str:
        """Return the pixel's text."""
        return f"{value[0] + 1},{value[1] + 1}"


_PIN = Place("Pinned pixel")


def show(chosen: PickedPicture, entry: CatalogueKernel, preset: Preset) -> Filter:
    """Draw the inspector, opened with the edited filter, the link's or the preset; return the current filter."""
    initial, scale, pinned = _opened(preset)
    shown = preset.filter
    state = inspector(
        image=reduced(chosen.key, chosen.picture),
        kernel=_kernel(initial),
        stride=initial.stride,
        padding=initial.padding,
        dilation=initial.dilation,
        scale=scale,
        alt=chosen.alt,
        key=page_state.key(KEY),
        autoplay=True,
        watch_pin=True,
        pinned=pinned,
        reference=Reference(entry.title, entry.why, _kernel(shown)),
        notes="kernels",
    )
    current = _as_filter(state, shown)
    kernel_picker.remember(current, shown, initial)
    query.write(SCALE, state.scale if state.scale != SCALES[0] else None)
    query.write(PIN, _PIN.write(state.pinned) if state.pinned else None)
    return current


def undo() -> None:
    """Draw the buttons that undo and redo changes of the kernel."""
    undo_redo("kernel", kernel_picker.step(), _restore, what="the kernel")


def describe_reduction(image: Picture, picture: Picture) -> str:
    """Return what to add to the whole picture's caption: that the inspector's, and so its numbers, are not the same."""
    return "" if image.shape == picture.shape else f"; above, reduced to {format_shape(image.shape[:2])} px"


def _opened(preset: Preset) -> Opened:
    """Return what the inspector is opened with, unchanged while it shows the same preset.

    Later changes come back in the component's report, until the inspector is reset or shows another preset.
    """
    known: tuple[Preset, Opened] | None = st.session_state.get(INITIAL)
    if known is None or known[0] != preset or not st.session_state.get(page_state.key(KEY)):
        scale = query.value(SCALE, Choice("Colors", SCALES), SCALES[0])
        known = (preset, (kernel_picker.edited(preset), scale, query.value(PIN, _PIN, None)))
        st.session_state[INITIAL] = known
    return known[1]


def _restore(step: Step) -> None:
    kernel_picker.restore(step)
    st.session_state.pop(INITIAL, None)
    reset(page_state.key(KEY))


def _kernel(filter: Filter) -> Kernel:
    """Return a filter's weights as an array, (F, F) or (F, F, 3)."""
    return np.stack(filter.grids, axis=2) if len(filter.grids) == 3 else np.array(filter.grids[0])


def _as_filter(state: InspectorState, preset: Filter) -> Filter:
    assert state.kernel is not None  # a convolution has one
    planes = [state.kernel] if state.kernel.ndim == 2 else list(np.moveaxis(state.kernel, 2, 0))
    grids = tuple(tuple(map(tuple, plane.tolist())) for plane in planes)
    return Filter(
        grids,
        state.stride[0],
        state.padding,
        dilation=state.dilation[0],
        name=preset.name if grids == preset.grids else "",
    )


@st.cache_data(max_entries=64, show_spinner=False)
def reduced(key: str, _picture: Picture) -> Picture:
    """Return the picture reduced to MAX_SIDE pixels, in 256 levels; a smaller one unchanged. `key` identifies it.

    A generated picture is generated at that size: reducing it would lose its single white pixel.
    """
    if key in SAMPLES and not isinstance(SAMPLES[key].source, str):
        return sample(key, MAX_SIDE)
    return downscale(_picture, MAX_SIDE)
