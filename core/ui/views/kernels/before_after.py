"""The picture before and after filtering, at full size."""

import numpy as np
import streamlit as st

from core.images.filter_chain import Filter
from core.images.kernels import KernelError
from core.images.pictures import Picture
from core.images.rendering import NOISE, to_bytes
from core.size_text import format_shape
from core.ui import messages
from core.ui.components import image_row
from core.ui.display import image_colors, numbers
from core.ui.views.kernels import kernel_picker, pixel_inspector
from core.ui.widgets.picture_picker import PickedPicture


def respond(chosen: PickedPicture, current: Filter) -> Picture | None:
    """Return the filtered picture; None if the filter does not fit on it, which is said."""
    try:
        return current.apply(chosen.picture)
    except KernelError as refusal:
        messages.error(refusal)
        return None


def show(chosen: PickedPicture, current: Filter) -> None:
    """Draw both pictures, and what the weights' sum and the strongest response are."""
    response = respond(chosen, current)
    if response is None:
        return
    st.markdown(f"{kernel_picker.describe_sum(current)} {strongest(response)}")
    reduction = pixel_inspector.describe_reduction(pixel_inspector.reduced(chosen.key, chosen.picture), chosen.picture)
    shown = image_colors.colored(response, kernel_picker.total(current), signed=current.is_signed)
    height, width = response.shape[:2]
    image_row.side_by_side(
        [
            image_row.Figure(
                to_bytes(chosen.picture), chosen.alt, f"Before: {chosen.title}, {chosen.size}{reduction}", chosen.key
            ),
            image_row.Figure(
                shown.levels,
                f"{chosen.alt}: after the kernel",
                f"After: {height} × {width} px, {shown.scale}",
            ),
        ],
        key="k_whole",
    )


def strongest(response: Picture) -> str:
    """Return a sentence with the value and position of the filter's strongest response."""
    index = np.unravel_index(np.abs(response).argmax(), response.shape)
    if abs(float(response[index])) < NOISE:
        return "The response is **0** at every pixel."
    row, column = (int(number) + 1 for number in index[:2])
    return (
        f"The strongest response on the whole picture is **{numbers.rounded(float(response[index]))}**, at row {row}, "
        f"column {column} of {format_shape(response.shape[:2])} px."
    )
