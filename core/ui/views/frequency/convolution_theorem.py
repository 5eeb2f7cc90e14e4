"""The convolution theorem: convolving a picture with a kernel multiplies their spectra."""

from typing import Any

import numpy as np
import streamlit as st

from core.images.convolution import convolve
from core.images.frequency_filters import filter_in_spectrum
from core.images.kernel_catalogue import CATALOGUE
from core.images.kernels import Kernel
from core.images.rendering import to_bytes
from core.images.spectrum import spectrum
from core.ui.display import image_colors, numbers
from core.ui.display.image_colors import Bytes, on_page
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.frequency import figures
from core.ui.views.frequency.picture import SIZE, InputPicture

TOLERANCE = 1e-6  # for rounding
_LINE = (128, 128, 128, 110)  # translucent gray
_SIZES = {key: entry.sizes for key, entry in CATALOGUE.items() if len(entry.sizes) > 1}
DEFAULTS: dict[str, Any] = {"f_kernel": "box"} | {f"f_size_{key}": sizes[-2] for key, sizes in _SIZES.items()}


@st.fragment
def show(settings: Settings, picture: InputPicture) -> None:
    """Draw both computations, one above the other, and their largest difference."""
    left, right = column_grid.halves()
    with left:
        name = settings.choice(
            "f_kernel",
            "Kernel",
            list(CATALOGUE),
            format=lambda key: CATALOGUE[key].title,
            help="All kernels of the kernel page",
        )
    with right:
        kernel = CATALOGUE[name].kernel(_size(settings, name))
    product, response, difference = filter_in_spectrum(picture.gray, kernel)
    convolved = convolve(picture.gray, kernel, padding="wrap")
    strengths, filtered = spectrum(picture.gray), spectrum(product)
    strongest, max_factor = float(strengths.max()), float(response.max())
    keeps_mean = float(kernel.sum()) >= 0.5
    title = CATALOGUE[name].title
    size = f"{kernel.shape[0]} × {kernel.shape[1]}"
    with st.container(key="f_theorem"):  # of three columns also on a phone
        figures.row(
            figures.figure(to_bytes(picture.gray), f"{picture.alt}, in gray", f"{picture.title}, {SIZE} × {SIZE} px"),
            figures.with_sign(
                "∗", figures.figure(_kernel_image(kernel), f"The kernel {title}, {size}", f"{title}, {size}")
            ),
            figures.with_sign(
                "=",
                figures.part_figure(
                    convolved, keeps_mean, f"{picture.alt}, filtered by sliding the kernel", "Convolution"
                ),
            ),
        )
        st.caption("↕ Fourier transform: each spectrum belongs to the picture above it")
        figures.row(
            figures.figure(image_colors.magnitudes(strengths, strongest), "Its spectrum", "Its spectrum"),
            figures.with_sign(
                "×",
                figures.figure(
                    image_colors.magnitudes(response, max_factor),
                    f"Frequency response of {title}",
                    f"Frequency response: 0 to {numbers.rounded(max_factor)}",
                ),
            ),
            figures.with_sign(
                "=",
                figures.figure(
                    image_colors.magnitudes(filtered, strongest),
                    "Filtered spectrum",
                    "Filtered spectrum: its inverse transform is the filtered picture above",
                ),
            ),
        )
    differ, allowed = numbers.scientific(difference), numbers.scientific(TOLERANCE)
    verdict = "Both results agree" if difference <= TOLERANCE else "The results do not agree"
    st.markdown(
        f"**{verdict}: their largest difference is {differ}** (rounding; up to {allowed} is allowed). Above, the "
        "kernel slides over the picture, with its borders wrapped around. Below, every wave of the picture is "
        "multiplied by one number, which is faster for large kernels. The low frequencies are at the center of a "
        f"spectrum: {title} multiplies frequency 0, the mean, by {_factor(response[SIZE // 2, SIZE // 2])}, and the "
        f"highest horizontal frequency, half a cycle per pixel, by {_factor(response[SIZE // 2, 0])}."
    )


def _size(settings: Settings, name: str) -> int | None:
    if name not in _SIZES:
        return None
    size: int = settings.steps(
        f"f_size_{name}",
        "Size F, px",
        _SIZES[name],
        format=lambda side: f"{side} × {side}",
        help="Rows and columns of the kernel: a wider kernel has a narrower frequency response",
    )
    return size


def _factor(factor: float) -> str:
    return numbers.rounded(round(float(factor), 6))  # rounding errors around 0 become 0


def _kernel_image(kernel: Kernel) -> Bytes:
    """Return an image of the kernel's weights in signed colors, with grid lines: RGBA, (SIZE, SIZE, 4)."""
    cell = SIZE // max(kernel.shape)
    colors = np.kron(on_page(kernel), np.ones((cell, cell, 1), np.uint8))
    colors[::cell] = colors[:, ::cell] = _LINE
    margins = [(-(-(SIZE - length) // 2), (SIZE - length) // 2) for length in colors.shape[:2]]
    return np.pad(colors, [*margins, (0, 0)])
