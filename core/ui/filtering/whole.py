"""The whole picture through the filter, before and after, at its full size."""

import numpy as np
import streamlit as st

from core.images.chain import Filter
from core.images.display import to_bytes
from core.images.kernels import KernelError
from core.images.pictures import Picture
from core.ui import numbers, showing
from core.ui.filtering import choosing
from core.ui.picking import Chosen


def show(chosen: Chosen, current: Filter) -> Picture | None:
    """Draw both pictures; answer the filtered one, or None where the filter does not fit on the picture."""
    try:
        answer = current.apply(chosen.picture)
    except KernelError as refusal:
        st.error(str(refusal), icon=":material/error:")
        return None
    shown = showing.colored(answer, choosing.total(current))
    height, width = answer.shape[:2]
    showing.side_by_side(
        [
            showing.Figure(to_bytes(chosen.picture), chosen.alt, f"Before: {chosen.title}, {chosen.size}"),
            showing.Figure(
                shown.levels,
                f"{chosen.alt}: after the kernel",
                f"After: {height} × {width} px, {shown.scale}",
            ),
        ]
    )
    return answer


def strongest(answer: Picture) -> str:
    """Where the filter answers most strongly, in one sentence."""
    plane = answer if answer.ndim == 2 else answer.sum(axis=2)
    row, column = np.unravel_index(np.abs(plane).argmax(), plane.shape)
    value = numbers.rounded(float(plane[row, column]))
    return f"The strongest answer is **{value}**, at row {int(row) + 1}, column {int(column) + 1} of the whole picture."
