"""Locally or fully connected: one output unit's connections, and the weights that each way of wiring needs."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.kernels import Kernel
from core.images.layer import WeightCounts, count_weights
from core.images.pictures import Picture, center_square, to_grey
from core.insight.pretrained import first_layer, network
from core.ui.components.connections import wiring
from core.ui.display import image_colors, numbers
from core.ui.display.image_html import figure
from core.ui.state.settings import Settings

DEFAULTS = {"l_wiring": "shared", "l_side": 28}
WAYS = {"shared": "Convolution", "local": "Locally connected", "full": "Fully connected"}
SIDES = (8, 16, 28, 32, 64)
_LARGEST_SQUARE = 280  # CSS px of the square of the most weights


@st.fragment
def show(settings: Settings, picture: Picture, alt: str, kernel: Kernel, name: str) -> None:
    """Draw one unit's connections, the weights as numbers and as areas, and what fully connected units learn."""
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        way = settings.segments(
            "l_wiring",
            "Each unit of the output reads",
            list(WAYS),
            format=WAYS.__getitem__,
            help="A window with the same weights everywhere; a window with weights of its own; or every pixel",
        )
        with st.container(width=260):
            side = settings.steps(
                "l_side",
                "Picture and output, px",
                SIDES,
                format=lambda n: f"{n} × {n}",
                help="How large picture and output are: see how the three numbers of weights grow",
            )
    gray = np.clip(center_square(to_grey(picture), side), 0, 1)
    wiring(gray, kernel, way, alt=f"{alt}, {side} × {side} px, gray", key="l_wires")
    st.caption(_caption(way, name))
    _areas(side, len(kernel))
    _pictures()


def _caption(way: str, name: str) -> str:
    if way == "shared":
        return f"{name} at every place: move the unit, and its weights come along. The plane is what all units answer."
    return (
        "Weights drawn at random, as before training: move the unit, and it has others. What it answers is not drawn."
    )


def _areas(side: int, size: int) -> None:
    """One plane's weights in the three ways, as a table and as squares to scale."""
    every = count_weights((side, side), (size, size))
    own = (size**2, size**2, side**2)  # of one unit alone
    st.subheader("How many weights is that?", anchor=False)
    table, squares = st.columns([4, 5], gap="large")
    with table:
        st.markdown(
            "| | One unit | All units |\n| --- | ---: | ---: |\n"
            + "\n".join(
                f"| {WAYS[way]} | {numbers.count(unit)} | **{numbers.count(plane)}** |"
                for way, unit, plane in zip(WAYS, own, every, strict=True)
            )
        )
        n = side**2
        st.caption(
            f"A plane of {side} × {side} units, one weight a connection, biases left out. Convolution: F · F = {size} "
            f"· {size}. Locally connected: that for each of {side} · {side} units. Fully connected: "
            f"{numbers.count(n)} inputs · {numbers.count(n)} outputs, {numbers.count(every.full / every.shared)} "
            "times the convolution's."
        )
        photo = count_weights((224, 224, 3), (size, size))
        st.caption(
            f"For a photograph of 224 × 224 × 3: {numbers.count(photo.shared)}, {numbers.short(photo.local)} and "
            f"{numbers.short(photo.full)} weights, for one plane of output."
        )
    with squares:
        st.html(_squares(every))
        least = np.sqrt(every.shared / every.full) * _LARGEST_SQUARE
        note = "" if least >= 1 else f" The dot is too large: it should be {numbers.rounded(float(least), 1)} px wide."
        st.caption(f"The weights of all units as areas, in one scale.{note}")


def _squares(needed: WeightCounts) -> str:
    """Three squares whose areas are the numbers of weights; the least is a dot."""
    scale = _LARGEST_SQUARE / np.sqrt(needed.full)
    parts = []
    for (way, name), weights in zip(WAYS.items(), needed, strict=True):
        width = float(np.sqrt(weights) * scale)
        words = f"{name}: {numbers.count(weights)} weights"
        caption = f"{name}: the dot" if width < 4 else name
        parts.append(
            f'<figure><div class="{way}" role="img" aria-label="{words}" style="width: {max(width, 1):.2f}px"></div>'
            f"<figcaption>{caption}</figcaption></figure>"
        )
    return f'<div class="areas">{"".join(parts)}</div>'


def _pictures() -> None:
    """The ten units of the linear classifier: each has a weight for every pixel, so its weights are a picture."""
    trained = network("mnist-linear")
    units = first_layer("mnist-linear")[:, 0]  # (10, 28, 28)
    st.subheader("What fully connected units learn", anchor=False)
    st.markdown(
        f"Ten units, one a digit, each connected to all 784 pixels, read {numbers.percent(trained.accuracy, 1)} of "
        "MNIST's test digits. Each unit's weights are a picture of where ink speaks for its digit (orange) and against "
        "it (blue). Moved by a few pixels, a digit meets other weights: nothing that was learned at one place serves "
        "at another."
    )
    st.html(_gallery(units))


def _gallery(units: NDArray[np.float32]) -> str:
    figures = (
        figure(image_colors.on_page(unit), 3, f"The weights of the unit for {digit}", str(digit))
        for digit, unit in enumerate(units)
    )
    return f'<div class="ten">{"".join(figures)}</div>'
