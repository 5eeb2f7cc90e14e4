"""Reconstruction: the waves that a filter keeps and removes add up to the picture."""

import numpy as np
import streamlit as st

from core.images.frequency_filters import split
from core.images.rendering import to_bytes
from core.ui.components.spectrum.state import FilterState
from core.ui.display import numbers
from core.ui.views.frequency import figures
from core.ui.views.frequency.picture import InputPicture


def show(picture: InputPicture, drawn: FilterState) -> None:
    """Draw both parts of the picture, split by the filter, and their sum."""
    kept, rest = split(picture.image, drawn.mask(picture.image.shape))
    total = kept + rest
    error = float(np.abs(total - picture.image).max())
    keeps_mean = drawn.f_pass == "low"
    figures.row(
        figures.part_figure(kept, keeps_mean, f"{picture.alt}: the waves that are kept", "Kept"),
        figures.with_sign(
            "+", figures.part_figure(rest, not keeps_mean, f"{picture.alt}: the waves that are removed", "Removed")
        ),
        figures.with_sign(
            "=", figures.figure(to_bytes(total), f"{picture.alt}, reconstructed", "Their sum: the picture")
        ),
    )
    st.markdown(
        f"**Largest difference between the sum and the picture: {numbers.scientific(error)}.** "
        f"The {drawn.description} splits the spectrum into two parts without losing anything, so "
        "the parts add up to the picture. Drag the ring in the first tab: both parts change, their sum does not."
    )
