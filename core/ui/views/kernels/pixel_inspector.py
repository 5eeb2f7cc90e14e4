"""The inspector on a small view of the picture, and what the person has made of the filter in it."""

import numpy as np
import streamlit as st

from core.images.chain import Filter
from core.images.display import downscale
from core.images.pictures import Picture
from core.images.samples import SAMPLES, sample
from core.ui.components.convolution_inspector import InspectorState, inspector, reset
from core.ui.components.undo_redo import undo_redo
from core.ui.state import page_state
from core.ui.views.kernels import kernel_picker
from core.ui.views.kernels.kernel_picker import Preset, Step
from core.ui.widgets.picture_picker import PickedPicture

KEY = "k_inspector"
OPENED = "k_opened"  # in the session: the preset that the inspector shows, and the filter it was opened with
SIDE = 96
"""Pixels of the small view's longer side: a pixel is then large enough to be seen, and to be pointed at."""


def show(chosen: PickedPicture, preset: Preset) -> Filter:
    """Draw the inspector, opened with the person's filter, the link's or the preset; return the filter as it is now."""
    given = _opened(preset)
    shown = preset.filter
    state = inspector(
        image=small(chosen.key, chosen.picture),
        kernel=np.stack(given.grids, axis=2) if len(given.grids) == 3 else np.array(given.grids[0]),
        stride=given.stride,
        padding=given.padding,
        dilation=given.dilation,
        alt=chosen.alt,
        key=page_state.key(KEY),
    )
    current = _as_filter(state, shown)
    kernel_picker.remember(current, shown, given)
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


def _opened(preset: Preset) -> Filter:
    """Return what the inspector is opened with: the same as before while it shows the same preset.

    What the person changes in it since comes back in its report, until it is drawn anew or shows another preset.
    """
    found: tuple[Preset, Filter] | None = st.session_state.get(OPENED)
    if found is None or found[0] != preset or not st.session_state.get(page_state.key(KEY)):
        found = (preset, kernel_picker.edited(preset))
        st.session_state[OPENED] = found
    return found[1]


def _forget(preset: Filter) -> None:
    kernel_picker.forget(preset)
    _open_anew()


def _restore(step: Step) -> None:
    kernel_picker.restore(step)
    _open_anew()


def _open_anew() -> None:
    st.session_state.pop(OPENED, None)
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
def small(key: str, _picture: Picture) -> Picture:
    """The picture reduced to SIDE pixels, in the 256 levels of a screen; a smaller one as it is. `key` names it.

    A drawn picture is drawn anew: reduced, its one white pixel would be lost.
    """
    if key in SAMPLES and not isinstance(SAMPLES[key].source, str):
        return sample(key, SIDE)
    return downscale(_picture, SIDE)
