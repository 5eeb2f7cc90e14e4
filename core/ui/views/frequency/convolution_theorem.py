"""The convolution theorem: sliding a kernel over a picture is multiplying its spectrum, and the numbers agree."""

from typing import Any

import numpy as np
import streamlit as st

from core.images.catalogue import CATALOGUE
from core.images.display import to_bytes
from core.images.frequency import filter_in_spectrum, spectrum
from core.images.kernels import Kernel, convolve
from core.ui.display import image_colors, numbers
from core.ui.display.image_colors import Bytes, on_page
from core.ui.state.settings import Settings
from core.ui.views.frequency import figures
from core.ui.views.frequency.picture import SIZE, Subject

AGREE = 1e-6  # the two ways may differ by rounding alone
_LINE = (128, 128, 128, 110)  # gray, half seen through
_SIZES = {key: entry.sizes for key, entry in CATALOGUE.items() if len(entry.sizes) > 1}
DEFAULTS: dict[str, Any] = {"f_kernel": "box"} | {f"f_size_{key}": sizes[-2] for key, sizes in _SIZES.items()}


@st.fragment
def show(settings: Settings, subject: Subject) -> None:
    """Draw both ways, the one above the other, and how far their results are apart."""
    left, right = st.columns(2)
    with left:
        name = settings.choice(
            "f_kernel",
            "Kernel",
            list(CATALOGUE),
            format=lambda key: CATALOGUE[key].title,
            help="Any kernel of the kernel page",
        )
    with right:
        kernel = CATALOGUE[name].kernel(_size(settings, name))
    product, response, difference = filter_in_spectrum(subject.gray, kernel)
    slid = convolve(subject.gray, kernel, padding="wrap")
    strengths, filtered = spectrum(subject.gray), spectrum(product)
    strongest, most = float(strengths.max()), float(response.max())
    keeps_mean = float(kernel.sum()) >= 0.5
    title = CATALOGUE[name].title
    size = f"{kernel.shape[0]} × {kernel.shape[1]}"
    figures.row(
        figures.figure(to_bytes(subject.gray), f"{subject.alt}, in gray", f"{subject.title}, {SIZE} × {SIZE} px"),
        figures.then("∗", figures.figure(_enlarged(kernel), f"The kernel {title}, {size}", f"{title}, {size}")),
        figures.then(
            "=", figures.part(slid, keeps_mean, f"{subject.alt}, filtered by sliding the kernel", "Slid over it")
        ),
    )
    st.caption("↕ Fourier transform: each spectrum below is that of the picture above it")
    figures.row(
        figures.figure(image_colors.magnitudes(strengths, strongest), "Its spectrum", "Its spectrum"),
        figures.then(
            "×",
            figures.figure(
                image_colors.magnitudes(response, most),
                f"What {title} multiplies each wave with",
                f"The kernel's response: 0 to {numbers.rounded(most)}",
            ),
        ),
        figures.then(
            "=",
            figures.figure(
                image_colors.magnitudes(filtered, strongest),
                "The filtered spectrum",
                "The filtered spectrum: turned back, it is the picture above",
            ),
        ),
    )
    differ, allowed = numbers.scientific(difference), numbers.scientific(AGREE)
    verdict = "The two ways agree" if difference <= AGREE else "The two ways do not agree"
    st.markdown(
        f"**{verdict}: their largest difference is {differ}** (rounding; {allowed} is allowed). Above, the kernel "
        "slides over the picture, whose left border continues at the right. Below, every wave of the picture is "
        "multiplied by one number; for a kernel of many weights that is the faster way. In the middle of a spectrum "
        f"are the slow waves: {title} multiplies the slowest, the mean, by {_times(response[SIZE // 2, SIZE // 2])}, "
        f"and the fastest, at half a cycle a pixel along a row, by {_times(response[SIZE // 2, 0])}."
    )


def _size(settings: Settings, name: str) -> int | None:
    if name not in _SIZES:
        return None
    size: int = settings.steps(
        f"f_size_{name}",
        "Size F, px",
        _SIZES[name],
        format=lambda side: f"{side} × {side}",
        help="Rows and columns of the kernel: the wider it is in the picture, the narrower in the spectrum",
    )
    return size


def _times(factor: float) -> str:
    return numbers.rounded(round(float(factor), 6))  # what rounding leaves of 0 is 0


def _enlarged(kernel: Kernel) -> Bytes:
    """The kernel's weights as signed colors, (SIZE, SIZE, 4): cells as large as fit, with thin lines between them."""
    cell = SIZE // max(kernel.shape)
    colors = np.kron(on_page(kernel), np.ones((cell, cell, 1), np.uint8))
    colors[::cell] = colors[:, ::cell] = _LINE
    around = [(-(-(SIZE - length) // 2), (SIZE - length) // 2) for length in colors.shape[:2]]
    return np.pad(colors, [*around, (0, 0)])
