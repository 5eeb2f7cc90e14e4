"""A picture from its strongest waves alone: how few of them hold almost everything."""

import numpy as np
import streamlit as st

from core.images.display import to_bytes
from core.images.frequency import keep_largest, spectrum
from core.ui.display import image_colors, numbers
from core.ui.state.settings import Settings
from core.ui.views.frequency import figures
from core.ui.views.frequency.picture import SIZE, Subject

STEPS = (1, 3, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000, SIZE * SIZE)
DEFAULTS = {"f_keep": 500}


@st.fragment
def show(settings: Settings, subject: Subject) -> None:
    """Draw the picture from the n strongest waves, where these lie, and what is missing."""
    n = settings.steps(
        "f_keep",
        "Waves to keep, the strongest first",
        STEPS,
        format=numbers.count,
        help=f"The picture has {SIZE * SIZE:,} coefficients. Those of a wave are two, mirror images of each other, and "
        "stay together: so one more than asked for may be kept.",
    )
    kept = keep_largest(subject.image, n)
    missing = subject.image - kept.image
    error = float(np.sqrt(np.mean(missing**2)))
    figures.facts(
        (numbers.count(kept.coefficients), f"coefficients, {numbers.percent(kept.coefficients / SIZE**2)} of them"),
        (numbers.percent(kept.energy), "of the energy, the sum of squares"),
        (numbers.rounded(error), f"error, root mean square: {numbers.rounded(error * 255)} of 255 gray levels"),
    )
    strengths = spectrum(subject.image)
    lie = np.where(spectrum(kept.image) > 1e-6, strengths, 0.0)
    figures.row(
        figures.figure(
            to_bytes(kept.image),
            f"{subject.alt}, from {n} waves",
            f"From {numbers.count(kept.coefficients)} of {numbers.count(SIZE * SIZE)} coefficients",
            2 * SIZE,
        ),
        '<div class="stack">'
        + figures.figure(
            image_colors.magnitudes(lie, float(strengths.max())),
            "The spectrum with only the kept waves",
            "Where the kept waves lie in the spectrum",
        )
        + figures.part(missing, False, f"{subject.alt}: what is missing", "What is missing")
        + "</div>",
    )
    st.markdown(
        "A few hundred waves already make the picture out; the many thousand weak ones only sharpen it. "
        "**JPEG lives on this**: of every 8 × 8 block it keeps the strong waves nearly as they are and drops the weak."
    )
