"""The convolution inspector on a reduced picture, and the filter as edited in it."""

import numpy as np
import streamlit as st

from core.images.chain import Filter
from core.images.display import downscale
from core.images.pictures import Picture
from core.images.samples import SAMPLES, sample
from core.shapes import format_shape
from core.ui.components.convolution_inspector import InspectorState, inspector, reset
from core.ui.components.convolution_inspector.state import SCALES, Scale
from core.ui.components.undo_redo import undo_redo
from core.ui.state import page_state, query
from core.ui.state.fields import Choice
from core.ui.views.kernels import kernel_picker
from core.ui.views.kernels.kernel_picker import Preset, Step
from core.ui.widgets.picture_picker import PickedPicture

KEY = "k_inspector"
INITIAL = "k_opened"  # in the session: the preset that the inspector shows, and the filter it was opened with
SCALE = "k_scale"  # in the URL: the inspector's colors, if they are not chosen automatically
MAX_SIDE = 96
"""Longer side of the reduced picture in pixels: its pixels are large enough to see and to point at."""


def show(chosen: PickedPicture, preset: Preset) -> Filter:
    """Draw the inspector, opened with the edited filter, the link's or the preset; return the current filter."""
    initial, scale = _initial(preset)
    shown = preset.filter
    image = reduced(chosen.key, chosen.picture)
    if image.shape != chosen.picture.shape:
        st.caption(describe_reduction(image, chosen.picture))
    state = inspector(
        image=image,
        kernel=np.stack(initial.grids, axis=2) if len(initial.grids) == 3 else np.array(initial.grids[0]),
        stride=initial.stride,
        padding=initial.padding,
        dilation=initial.dilation,
        scale=scale,
        alt=chosen.alt,
        key=page_state.key(KEY),
        notes="kernels",
    )
    current = _as_filter(state, shown)
    kernel_picker.remember(current, shown, initial)
    query.write(SCALE, state.scale if state.scale != SCALES[0] else None)
    with st.container(horizontal=True, gap="medium"):
        undo_redo("kernel", kernel_picker.step(), _restore, what="the kernel")
        if current.grids != shown.grids:
            st.button(
                "Back to the catalogue's weights",
                icon=":material/grid_on:",
                type="tertiary",
                on_click=_forget,
                args=(shown,),
                help="Drop your changes to the kernel",
            )
    return current


def describe_reduction(image: Picture, picture: Picture) -> str:
    """Return a sentence that the inspector's picture, and so its numbers, are not those of the whole picture."""
    small, whole = (format_shape(one.shape[:2]) for one in (image, picture))
    return f"Here the picture is reduced to {small} px; *What to notice* is about the whole one, {whole} px."


def _initial(preset: Preset) -> tuple[Filter, Scale]:
    """Return the filter and the colors that the inspector is opened with, unchanged while it shows the same preset.

    Later changes come back in the component's report, until the inspector is reset or shows another preset.
    """
    known: tuple[Preset, Filter, Scale] | None = st.session_state.get(INITIAL)
    if known is None or known[0] != preset or not st.session_state.get(page_state.key(KEY)):
        known = (preset, kernel_picker.edited(preset), query.value(SCALE, Choice("Colors", SCALES), SCALES[0]))
        st.session_state[INITIAL] = known
    return known[1:]


def _forget(preset: Filter) -> None:
    kernel_picker.forget(preset)
    _reopen()


def _restore(step: Step) -> None:
    kernel_picker.restore(step)
    _reopen()


def _reopen() -> None:
    st.session_state.pop(INITIAL, None)
    reset(page_state.key(KEY))


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
