"""Alternatives with the same output size: overlapping windows, strided convolution and subsampling."""

import streamlit as st
from markupsafe import Markup

from core.images.kernel_catalogue import CATALOGUE
from core.images.shifts import downsample
from core.ui.display import colors, numbers
from core.ui.display.image_colors import on_page
from core.ui.state.settings import Settings
from core.ui.views.pooling.controls import NAMES, Pooling
from core.ui.views.pooling.figures import Plane, describe_size, figure, frames, zoom

DEFAULTS = {"p_kernel": "gaussian"}
KERNELS_3X3 = [key for key, entry in CATALOGUE.items() if 3 in entry.sizes]
FIGURE_SIDE = 230  # screen pixels
ROW_PIXELS = 18  # of one row of the picture, in the drawing of the windows
CELL_SIDE = 24  # SVG units per pixel
BAR_HEIGHT = 12  # SVG units per line of windows

ALEXNET = (
    "**Overlapping windows**: AlexNet pooled with F = 3, S = 2, and had a top-1 error on ImageNet 0.4 points lower "
    "than with F = S = 2 (Krizhevsky, Sutskever and Hinton 2012)."
)
SPRINGENBERG = (
    "**A strided convolution** gives the same size in one layer and learns what to keep. Networks that use it instead "
    "of max pooling were as accurate on CIFAR-10 (Springenberg and others 2015)."
)


def show(settings: Settings, plane: Plane, pooling: Pooling) -> None:
    """Draw one row of windows, then four ways to reduce the picture to the same size."""
    st.markdown(windows(pooling.window, pooling.stride), unsafe_allow_html=True)
    st.caption(
        f"One row of pixels under windows of F = {pooling.window}, S = {pooling.stride}. The number in a pixel is "
        "the number of windows that read it; in two dimensions, the numbers of rows and columns multiply."
    )
    with st.container(width=320):
        key = settings.choice(
            "p_kernel",
            "Kernel of the strided convolution",
            KERNELS_3X3,
            format=lambda key: CATALOGUE[key].title,
            help="In a network the 3 × 3 weights are learned.",
        )
    kernel, stride, kind = CATALOGUE[key].kernel(3), pooling.stride, pooling.kind
    name, title = NAMES[kind], CATALOGUE[key].title
    adjacent = downsample(plane.image, kind, stride, stride)
    overlapping = downsample(plane.image, kind, stride + 1, stride)
    convolved = downsample(plane.image, "strided", stride, stride, kernel)
    subsampled = downsample(plane.image, "strided", stride, stride)
    limit = float(abs(overlapping).max()) if kind == "l2" else plane.limit
    is_signed = convolved.ndim == 2 and bool((kernel < 0).any() or plane.image.min() < 0)
    scale = zoom(subsampled.shape, FIGURE_SIDE)
    st.html(
        frames(
            figure(
                plane.screen(adjacent, limit),
                scale,
                f"{name} pooling, adjacent windows",
                f"{name}, adjacent: F = {stride}, S = {stride}, 0 parameters, {describe_size(adjacent)}",
            ),
            figure(
                plane.screen(overlapping, limit),
                scale,
                f"{name} pooling, overlapping windows",
                f"{name}, overlapping: F = {stride + 1}, S = {stride}, 0 parameters, {describe_size(overlapping)}",
            ),
            figure(
                on_page(convolved) if is_signed else plane.screen(convolved),
                scale,
                f"Strided convolution with {title}",
                f"Strided convolution: F = 3, S = {stride}, {kernel.size} weights + bias, {describe_size(convolved)}",
            ),
            figure(
                plane.screen(subsampled),
                scale,
                "Subsampled pixels",
                f"Subsampling: F = 1, S = {stride}, 0 parameters, {describe_size(subsampled)}",
            ),
        )
    )
    st.markdown(f"{ALEXNET}\n\n{SPRINGENBERG}")


def windows(window: int, stride: int) -> Markup:
    """Return an SVG of a row of pixels and the windows over it, with the number of windows that read each pixel."""
    starts = range(0, ROW_PIXELS - window + 1, stride)
    lines = -(-window // stride)  # overlapping windows are drawn on separate lines
    bar = Markup('<rect x="{}" y="{}" width="{}" height="8" rx="4" fill="{}"/>')
    fills = (colors.CNN_BLUR_POOLED.color, colors.CNN.color)
    bars = Markup().join(
        bar.format(start * CELL_SIDE + 2, index % lines * BAR_HEIGHT, window * CELL_SIDE - 4, fills[index % 2])
        for index, start in enumerate(starts)
    )
    readers = [sum(start <= pixel < start + window for start in starts) for pixel in range(ROW_PIXELS)]
    top = lines * BAR_HEIGHT + 4
    cell = Markup(
        '<rect x="{x}" y="{top}" width="{side}" height="{side}" fill="currentColor" fill-opacity="{opacity:.2f}" '
        'stroke="currentColor" stroke-opacity="0.35"/>'
        '<text x="{text_x}" y="{text_y}" text-anchor="middle" font-size="12" fill="currentColor">{count}</text>'
    )
    cells = Markup().join(
        cell.format(
            x=pixel * CELL_SIDE,
            top=top,
            side=CELL_SIDE,
            opacity=0.4 * count / max(readers),
            text_x=pixel * CELL_SIDE + CELL_SIDE / 2,
            text_y=top + CELL_SIDE / 2 + 4.5,
            count=count,
        )
        for pixel, count in enumerate(readers)
    )
    alt = (
        f"{len(starts)} windows of {window} px, {stride} px apart, on a row of {ROW_PIXELS} pixels: each pixel is read "
        f"by {min(readers)} to {max(readers)} of them"
    ).replace(" px", f"{numbers.SPACE}px")
    svg = Markup('<svg class="windows" viewBox="-1 -1 {} {}" role="img" aria-label="{}">{}{}</svg>')
    return svg.format(ROW_PIXELS * CELL_SIDE + 2, top + CELL_SIDE + 2, alt, bars, cells)
