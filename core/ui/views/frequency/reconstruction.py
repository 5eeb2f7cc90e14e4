"""What passes and what is stopped add up to the picture: shown, and checked to the last bit."""

import numpy as np
import streamlit as st

from core.images.display import to_bytes
from core.images.frequency import split
from core.ui.components.spectrum.state import FilterState
from core.ui.display import numbers
from core.ui.views.frequency import figures
from core.ui.views.frequency.picture import Subject


def show(subject: Subject, drawn: FilterState) -> None:
    """Draw both parts by the filter drawn above, and their sum."""
    kept, rest = split(subject.image, drawn.mask(subject.image.shape))
    total = kept + rest
    error = float(np.abs(total - subject.image).max())
    keeps_mean = drawn.f_pass == "low"
    figures.row(
        figures.part(kept, keeps_mean, f"{subject.alt}: the waves that pass", "Passes"),
        figures.then(
            "+", figures.part(rest, not keeps_mean, f"{subject.alt}: the waves that are stopped", "Is stopped")
        ),
        figures.then(
            "=", figures.figure(to_bytes(total), f"{subject.alt}, put together again", "Their sum: the picture")
        ),
    )
    st.markdown(
        f"**Largest difference between the sum and the picture: {numbers.scientific(error)}.** The {drawn.words} only "
        "sorts the waves into two heaps. It loses none and invents none, so the heaps add up to the picture. "
        "Drag the ring above: both parts change, their sum does not."
    )
