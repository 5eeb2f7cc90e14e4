"""Fewer pixels: waves too fast for them come back as slow ones that were never there, unless a blur comes first."""

from typing import Any

import numpy as np
import streamlit as st

from core.images.display import to_bytes
from core.images.drawn import zone_plate
from core.images.frequency import apparent_cycles, frequency_axes, spectrum, subsample
from core.ui.display import image_colors
from core.ui.state.settings import Settings
from core.ui.views.frequency import figures
from core.ui.views.frequency.picture import SIZE, Subject

_SOURCES = {"rings": "Rings that get finer", "picture": "The picture above"}
DEFAULTS: dict[str, Any] = {"f_every": 4, "f_from": "rings"}


@st.fragment
def show(settings: Settings, subject: Subject) -> None:
    """Draw every n-th pixel without and with a blur before, and which waves are too fast."""
    left, right = st.columns(2)
    with left:
        every = settings.slider("f_every", "Keep every n-th pixel", 1, 16, help="Of each row and of each column")
    with right:
        source = settings.segments(
            "f_from",
            "Picture",
            list(_SOURCES),
            format=_SOURCES.__getitem__,
            help="Rings hold every frequency, slow ones in the middle and fast ones outside",
        )
    image = zone_plate(SIZE) if source == "rings" else subject.image
    alt = "Rings that get finer outward" if source == "rings" else subject.alt
    pixels = -(-SIZE // every)
    figures.row(
        *(
            figures.figure(
                to_bytes(subsample(image, every, blur)),
                f"{alt}, one pixel of {every}, {how}",
                f"{pixels} × {pixels} px, {how}",
                2 * SIZE,
            )
            for blur, how in ((False, "as they are"), (True, "blurred first"))
        )
    )
    limit = SIZE / (2 * every)
    strengths = spectrum(image)
    vertical, horizontal, *_ = frequency_axes(image.shape)
    is_carried = np.maximum(np.abs(vertical)[:, None], np.abs(horizontal)[None, :]) <= limit
    spectral = image_colors.magnitudes(strengths, float(strengths.max()))
    figures.row(
        figures.figure(to_bytes(image), alt, f"Before: {SIZE} × {SIZE} px"),
        figures.figure(
            np.dstack([spectral, to_bytes(np.where(is_carried, 1.0, 0.35))]),
            f"Spectrum of it; waves over {limit:.3g} cycles an image are faded",
            f"Its spectrum: faded waves are too fast for {pixels} pixels",
        ),
    )
    if every == 1:
        st.markdown(
            "Every pixel is kept: nothing is lost. Keep every second, and the waves in the outer part are too fast."
        )
        return
    wave = round(0.75 * pixels)
    st.markdown(
        f"**{pixels} pixels carry at most {limit:.3g} cycles per image.** A faster wave is not lost: it "
        f"comes back as a slow one that was never there. {wave} cycles look like "
        f"{apparent_cycles(wave, pixels):.3g}. That is aliasing. A blur before takes the fast waves out, "
        "so there is nothing left to come back. Pooling and strides in a network keep every n-th value too, which is "
        "why a blur helps there."
    )
