"""Aliasing: in a subsampled picture fast waves appear as slow ones, unless it is blurred first."""

from typing import Any

import numpy as np
import streamlit as st

from core.images.aliasing import apparent_cycles, subsample
from core.images.drawn_pictures import zone_plate
from core.images.rendering import to_bytes
from core.images.spectrum import frequency_axes, spectrum
from core.ui.display import image_colors
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.frequency import figures
from core.ui.views.frequency.picture import SIZE, InputPicture

_SOURCES = {"rings": "Zone plate", "picture": "The picture above"}
DEFAULTS: dict[str, Any] = {"f_every": 4, "f_from": "rings"}


@st.fragment
def show(settings: Settings, picture: InputPicture) -> None:
    """Draw every n-th pixel with and without blurring first, and mark the waves that alias."""
    left, right = column_grid.halves()
    with left:
        every = settings.slider("f_every", "Keep every n-th pixel", 1, 16, help="In both rows and columns")
    with right:
        source = settings.segments(
            "f_from",
            "Picture",
            list(_SOURCES),
            format=_SOURCES.__getitem__,
            help="The zone plate contains every frequency: low ones at the center, high ones outside",
        )
    image = zone_plate(SIZE) if source == "rings" else picture.image
    alt = "Rings that get finer outward" if source == "rings" else picture.alt
    pixels = -(-SIZE // every)
    figures.row(
        *(
            figures.figure(
                to_bytes(subsample(image, every, blur)),
                f"{alt}, one pixel in {every}, {how}",
                f"{pixels} × {pixels} px, {how}",
                5 * SIZE // 4,
            )
            for blur, how in ((False, "not blurred"), (True, "blurred first"))
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
            f"Its spectrum; waves above {limit:.3g} cycles per image are faded",
            f"Its spectrum: the faded waves are too fast for {pixels} pixels",
        ),
    )
    if every == 1:
        st.markdown("Every pixel is kept: nothing is lost. Keep every second one, and the outer waves become too fast.")
        return
    wave = round(0.75 * pixels)
    st.markdown(
        f"**{pixels} pixels carry at most {limit:.3g} cycles per image.** A faster wave does not "
        f"disappear: it shows up as a slower wave that is not in the picture. {wave} cycles look like "
        f"{apparent_cycles(wave, pixels):.3g}. This is called aliasing. Blurring first removes the fast waves, so "
        "nothing can alias. Pooling and strides in a network keep every n-th value too, which is why a blur helps "
        "there."
    )
