"""Other ways to the same size: windows that overlap, a convolution with a stride, and just leaving pixels out."""

import streamlit as st

from core.images.catalogue import CATALOGUE
from core.images.shifts import downsample
from core.ui.display import colors, numbers
from core.ui.display.image_colors import on_page
from core.ui.state.settings import Settings
from core.ui.views.pooling.controls import NAMES, Pooling
from core.ui.views.pooling.figures import Plane, figure, frames, size, times

DEFAULTS = {"p_kernel": "gaussian"}
KERNELS = [key for key, entry in CATALOGUE.items() if 3 in entry.sizes]
SIDE = 230  # screen pixels
PIXELS = 18  # of one row of the picture, in the drawing of the windows
CELL = 24  # its units a pixel
BAR = 12  # units a line of windows takes

ALEXNET = (
    "**Overlapping windows**: AlexNet pooled with F = 3, S = 2, and had a top-1 error on ImageNet 0.4 points lower "
    "than with F = S = 2 (Krizhevsky, Sutskever and Hinton 2012)."
)
SPRINGENBERG = (
    "**A convolution with a stride** comes to the same size in one layer, and learns what to keep. Networks in which "
    "it replaces max pooling did as well on CIFAR-10 (Springenberg and others 2015)."
)


def show(settings: Settings, plane: Plane, pooling: Pooling) -> None:
    """Draw one row of windows, then four ways to the same size."""
    st.markdown(windows(pooling.window, pooling.stride), unsafe_allow_html=True)
    st.caption(
        f"One row of pixels under windows of F = {pooling.window}, S = {pooling.stride}. The number in a pixel says "
        "how many windows read it; across and down, the numbers multiply."
    )
    with st.container(width=320):
        key = settings.choice(
            "p_kernel",
            "Kernel of the strided convolution",
            KERNELS,
            format=lambda key: CATALOGUE[key].title,
            help="In a network its 3 × 3 weights are learned.",
        )
    kernel, stride, kind = CATALOGUE[key].kernel(3), pooling.stride, pooling.kind
    name, title = NAMES[kind], CATALOGUE[key].title
    beside = downsample(plane.image, kind, stride, stride)
    overlapping = downsample(plane.image, kind, stride + 1, stride)
    convolved = downsample(plane.image, "strided", stride, stride, kernel)
    every = downsample(plane.image, "strided", stride, stride)
    limit = float(abs(overlapping).max()) if kind == "l2" else plane.limit
    is_signed = convolved.ndim == 2 and convolved.min() < 0
    scale = times(every.shape, SIDE)
    st.html(
        frames(
            figure(
                plane.screen(beside, limit),
                scale,
                f"{name} pooling, windows side by side",
                f"{name}, side by side: F = {stride}, S = {stride}, 0 parameters, {size(beside)}",
            ),
            figure(
                plane.screen(overlapping, limit),
                scale,
                f"{name} pooling, windows overlapping",
                f"{name}, overlapping: F = {stride + 1}, S = {stride}, 0 parameters, {size(overlapping)}",
            ),
            figure(
                on_page(convolved) if is_signed else plane.screen(convolved),
                scale,
                f"{title} with a stride",
                f"Convolution: F = 3, S = {stride}, {kernel.size} weights and a bias, {size(convolved)}",
            ),
            figure(
                plane.screen(every),
                scale,
                "Pixels left out",
                f"Pixels left out: F = 1, S = {stride}, 0 parameters, {size(every)}",
            ),
        )
    )
    st.markdown(f"{ALEXNET}\n\n{SPRINGENBERG}")


def windows(window: int, stride: int) -> str:
    """A row of pixels and the windows over it, as SVG; in each pixel, how many windows read it."""
    starts = range(0, PIXELS - window + 1, stride)
    lines = -(-window // stride)  # windows that overlap are drawn on lines of their own
    bars = "".join(
        f'<rect x="{start * CELL + 2}" y="{index % lines * BAR}" width="{window * CELL - 4}" height="8" rx="4" '
        f'fill="{colors.CNN.color if index % 2 else colors.CNN_BLUR_POOLED.color}"/>'
        for index, start in enumerate(starts)
    )
    readers = [sum(start <= pixel < start + window for start in starts) for pixel in range(PIXELS)]
    top = lines * BAR + 4
    cells = "".join(
        f'<rect x="{pixel * CELL}" y="{top}" width="{CELL}" height="{CELL}" fill="currentColor" '
        f'fill-opacity="{0.4 * count / max(readers):.2f}" stroke="currentColor" stroke-opacity="0.35"/>'
        f'<text x="{pixel * CELL + CELL / 2}" y="{top + CELL / 2 + 4.5}" text-anchor="middle" font-size="13" '
        f'fill="currentColor">{count}</text>'
        for pixel, count in enumerate(readers)
    )
    alt = (
        f"{len(starts)} windows of {window} px, {stride} px apart, on a row of {PIXELS} pixels: each pixel is read by "
        f"{min(readers)} to {max(readers)} of them"
    ).replace(" px", f"{numbers.SPACE}px")
    return (
        f'<svg class="windows" viewBox="-1 -1 {PIXELS * CELL + 2} {top + CELL + 2}" role="img" aria-label="{alt}">'
        f"{bars}{cells}</svg>"
    )
