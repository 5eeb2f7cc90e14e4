"""Reconstruct a picture from its strongest waves: a few of them hold most of the energy."""

import numpy as np
import streamlit as st
from markupsafe import Markup

from core.images.frequency_filters import keep_largest
from core.images.rendering import to_bytes
from core.images.spectrum import spectrum
from core.ui.display import image_colors, numbers
from core.ui.state.settings import Settings
from core.ui.views.frequency import figures
from core.ui.views.frequency.picture import SIZE, InputPicture

STEPS = (1, 3, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000, SIZE * SIZE)
DEFAULTS = {"f_keep": 500}


@st.fragment
def show(settings: Settings, picture: InputPicture) -> None:
    """Draw the picture from its n strongest waves, their positions in the spectrum, and the rest."""
    n = settings.steps(
        "f_keep",
        "Waves to keep, the strongest first",
        STEPS,
        format=numbers.count,
        help=f"The picture has {SIZE * SIZE:,} coefficients. They come in conjugate pairs, so one extra may be kept.",
    )
    kept = keep_largest(picture.image, n)
    missing = picture.image - kept.image
    error = float(np.sqrt(np.mean(missing**2)))
    figures.facts(
        (numbers.count(kept.coefficients), f"coefficients, {numbers.percent(kept.coefficients / SIZE**2)} of them"),
        (numbers.percent(kept.energy), "of the energy (sum of squares)"),
        (numbers.rounded(error), f"root-mean-square error: {numbers.rounded(error * 255)} of 255 gray levels"),
    )
    strengths = spectrum(picture.image)
    kept_strengths = np.where(spectrum(kept.image) > 1e-6, strengths, 0.0)
    figures.row(
        figures.figure(
            to_bytes(kept.image),
            f"{picture.alt}, from {n} waves",
            f"From {numbers.count(kept.coefficients)} of {numbers.count(SIZE * SIZE)} coefficients",
            2 * SIZE,
        ),
        Markup('<div class="stack">{}{}</div>').format(
            figures.figure(
                image_colors.magnitudes(kept_strengths, float(strengths.max())),
                "The spectrum of the kept waves",
                "The kept waves in the spectrum",
            ),
            figures.part_figure(missing, False, f"{picture.alt}: the removed waves", "The removed waves"),
        ),
    )
    st.markdown(
        "A few hundred waves are enough to recognize the picture; the thousands of weak ones only sharpen it. "
        "**JPEG uses this**: in every 8 × 8 block it keeps the strong waves almost exactly and drops the weak ones."
    )
