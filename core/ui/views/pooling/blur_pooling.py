"""Blur pooling (Zhang 2019): the window's answer at every place, then a blur, then every S-th place."""

import streamlit as st

from core.images.pooling import binomial, blur_pool, pool
from core.ui.components.convolution_inspector import inspector
from core.ui.display import numbers
from core.ui.state.settings import Settings
from core.ui.views.pooling.controls import NAMES, Pooling
from core.ui.views.pooling.figures import Plane, figure, frames, sign, size, times

DEFAULTS = {"p_blur": 3}
BLURS = [2, 3, 5]
SIDE = 230  # screen pixels
CONSISTENCY = (0.851, 0.884)  # ResNet-18 on ImageNet, with max pooling and stride, and with blur pooling: Zhang 2019


def show(settings: Settings, plane: Plane, pooling: Pooling) -> None:
    """Draw the steps, then the blur in an inspector, and say what it is good for."""
    blur = settings.segments(
        "p_blur",
        "Blur (px)",
        BLURS,
        format=lambda rows: f"{rows} × {rows}",
        help="Binomial weights: rows of Pascal's triangle, (1, 1), (1, 2, 1) or (1, 4, 6, 4, 1), across and down.",
    )
    kind, window, stride = pooling.kind, pooling.window, pooling.stride
    dense = pool(plane.image, kind, window, 1)
    plain, blurred = dense[::stride, ::stride], blur_pool(plane.image, kind, window, stride, blur)
    limit = float(abs(dense).max()) if kind == "l2" else plane.limit
    scale = times(plane.image.shape, SIDE)
    name = NAMES[kind]
    st.html(
        frames(
            figure(plane.screen(plane.image), scale, plane.alt, f"{plane.title}: {size(plane.image)}"),
            sign("→"),
            figure(
                plane.screen(dense, limit),
                scale,
                f"{name} of every window",
                f"{name} at every place: S = 1, {size(dense)}",
            ),
            sign("→"),
            figure(
                plane.screen(blurred, limit),
                scale,
                "Blurred, every S-th place kept",
                f"Blur, then every S-th: blur pooling, {size(blurred)}",
            ),
            sign("≠"),
            figure(
                plane.screen(plain, limit),
                scale,
                "Every S-th place kept without a blur",
                f"Every S-th alone: {pooling.name}, {size(plain)}",
            ),
        )
    )
    st.markdown("**The second step, place by place**: blur and stride are one convolution.")
    inspector(
        image=dense,
        kernel=binomial(blur),
        stride=stride,
        padding="reflect",
        controls=("play",),
        scale="own" if kind == "l2" else "auto",
        alt=f"{name} at every place of: {plane.alt}",
        key="p_blurring",
    )
    before, after = (numbers.percent(share, 1) for share in CONSISTENCY)
    st.markdown(
        "A stride keeps some answers and drops the rest, so a move by one pixel can swap one for another. After a "
        "blur, those that stay have a share of those that go. A ResNet-18 on ImageNet names a picture and the same "
        f"picture moved alike in {before} of cases, with blur pooling in {after} (Zhang 2019)."
    )
