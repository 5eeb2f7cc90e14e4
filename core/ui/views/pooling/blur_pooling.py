"""Blur pooling (Zhang 2019): pooling with stride 1, then a blur, then subsampling."""

import streamlit as st

from core.images.blur_pooling import blur_pool
from core.images.kernels import binomial
from core.images.pooling import pool
from core.ui.components.convolution_inspector import inspector
from core.ui.display import numbers
from core.ui.state.settings import Settings
from core.ui.views.pooling.controls import NAMES, Pooling
from core.ui.views.pooling.figures import Plane, describe_size, figure, frames, sign, zoom

DEFAULTS = {"p_blur": 3}
BLUR_SIZES = [2, 3, 5]  # px
FIGURE_SIDE = 230  # screen pixels
CONSISTENCY = (0.851, 0.884)  # ResNet-18 on ImageNet, with max pooling and stride, and with blur pooling: Zhang 2019


def show(settings: Settings, plane: Plane, pooling: Pooling) -> None:
    """Draw the steps, then the blur in an inspector, and explain its effect."""
    blur = settings.segments(
        "p_blur",
        "Blur (px)",
        BLUR_SIZES,
        format=lambda rows: f"{rows} × {rows}",
        help="Binomial weights: rows of Pascal's triangle, (1, 1), (1, 2, 1) or (1, 4, 6, 4, 1), in both directions.",
    )
    kind, window, stride = pooling.kind, pooling.window, pooling.stride
    dense = pool(plane.image, kind, window, 1)
    plain, blurred = dense[::stride, ::stride], blur_pool(plane.image, kind, window, stride, blur)
    limit = float(abs(dense).max()) if kind == "l2" else plane.limit
    scale = zoom(plane.image.shape, FIGURE_SIDE)
    name = NAMES[kind]
    st.html(
        frames(
            figure(plane.screen(plane.image), scale, plane.alt, f"{plane.title}: {describe_size(plane.image)}"),
            sign("→"),
            figure(
                plane.screen(dense, limit),
                scale,
                f"{name} of every window",
                f"{name} with stride 1: {describe_size(dense)}",
            ),
            sign("→"),
            figure(
                plane.screen(blurred, limit),
                scale,
                "Blurred, then subsampled",
                f"Blur, then every S-th value: blur pooling, {describe_size(blurred)}",
            ),
            sign("≠"),
            figure(
                plane.screen(plain, limit),
                scale,
                "Subsampled without a blur",
                f"Every S-th value without blur: {pooling.name}, {describe_size(plain)}",
            ),
        )
    )
    with st.expander("The second step, pixel by pixel: blur and stride are one strided convolution"):
        inspector(
            image=dense,
            kernel=binomial(blur),
            stride=stride,
            padding="reflect",
            controls=("play",),
            scale="own" if kind == "l2" else "auto",
            alt=f"{name} pooling with stride 1 of: {plane.alt}",
            key="p_blurring",
        )
    before, after = (numbers.percent(share, 1) for share in CONSISTENCY)
    st.markdown(
        "A stride keeps some values and drops the rest, so a shift by one pixel can change which are kept. After a "
        "blur, each kept value also averages its dropped neighbors. A ResNet-18 on ImageNet gives a picture and its "
        f"shifted copy the same class in {before} of cases, with blur pooling in {after} (Zhang 2019)."
    )
