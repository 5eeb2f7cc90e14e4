"""Local and full connectivity: the connections of one output unit, and the weights that each kind needs."""

import numpy as np
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core.images.filter_layer import WeightCounts, count_weights
from core.images.kernels import Kernel
from core.images.pictures import Picture, center_square, to_gray
from core.insight.pretrained import first_layer, network
from core.ui.components.connections import connections
from core.ui.display import image_colors, numbers
from core.ui.display.image_html import figure
from core.ui.layout import column_grid
from core.ui.state.settings import Settings

DEFAULTS = {"l_wiring": "shared", "l_side": 28}
CONNECTIVITY = {"shared": "Convolution", "local": "Locally connected", "full": "Fully connected"}
PICTURE_SIDES = (8, 16, 28, 32, 64)
_MAX_SQUARE = 280  # side of the largest square, CSS px


@st.fragment
def show(settings: Settings, picture: Picture, alt: str, kernel: Kernel, name: str) -> None:
    """Draw one unit's connections, the number of weights, and the weights of a trained linear classifier."""
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        kind = settings.segments(
            "l_wiring",
            "Each unit of the output reads",
            list(CONNECTIVITY),
            format=CONNECTIVITY.__getitem__,
            help="A window with shared weights; a window with its own weights; or every pixel",
        )
        with st.container(width=260):
            side = settings.steps(
                "l_side",
                "Picture and output, px",
                PICTURE_SIDES,
                format=lambda n: f"{n} × {n}",
                help="Side of the picture and of the output plane",
            )
    gray = np.clip(center_square(to_gray(picture), side), 0, 1)
    connections(gray, kernel, kind, alt=f"{alt}, {side} × {side} px, gray", key="l_wires")
    st.caption(_caption(kind, name))
    _areas(side, len(kernel))
    _pictures()


def _caption(kind: str, name: str) -> str:
    if kind == "shared":
        return f"{name} at every position: move the unit, and the same weights move with it. The plane is the output."
    return "Random weights, as before training: each unit has its own weights. The output is not drawn."


def _areas(side: int, size: int) -> None:
    """Draw the number of weights for each kind of connectivity, as a table and as squares to scale."""
    totals = count_weights((side, side), (size, size))
    per_unit = (size**2, size**2, side**2)
    counts = f"{numbers.count(totals.shared)}, {numbers.count(totals.local)} or {numbers.count(totals.full)}"
    with st.expander(f"How many weights are needed? {counts}"):
        table, squares = column_grid.halves(gap="large")
        with table:
            st.markdown(
                "| | One unit | All units |\n| --- | ---: | ---: |\n"
                + "\n".join(
                    f"| {CONNECTIVITY[kind]} | {numbers.count(unit)} | **{numbers.count(plane)}** |"
                    for kind, unit, plane in zip(CONNECTIVITY, per_unit, totals, strict=True)
                )
            )
            n = side**2
            st.caption(
                f"A plane of {side} × {side} units, one weight per connection, without biases. Convolution: F · F = "
                f"{size} · {size}. Locally connected: the same for each of {side} · {side} units. Fully connected: "
                f"{numbers.count(n)} inputs · {numbers.count(n)} outputs, {numbers.count(totals.full / totals.shared)} "
                "times the convolution's."
            )
        with squares:
            st.html(_squares(totals))
            smallest = np.sqrt(totals.shared / totals.full) * _MAX_SQUARE
            note = (
                ""
                if smallest >= 1
                else f" The dot is drawn larger than to scale: {numbers.rounded(float(smallest), 1)} px would be right."
            )
            photo = count_weights((224, 224, 3), (size, size))
            st.caption(
                f"The areas show the weights of all units, to scale.{note} For a photograph of 3 × 224 × 224: "
                f"{numbers.count(photo.shared)}, {numbers.short(photo.local)} and {numbers.short(photo.full)} weights "
                "for one output plane."
            )


def _squares(counts: WeightCounts) -> Markup:
    """Return three squares with areas proportional to the numbers of weights; the smallest is a dot."""
    scale = _MAX_SQUARE / np.sqrt(counts.full)
    square = Markup(
        '<figure><div class="{}" role="img" aria-label="{}: {} weights" style="width: {:.2f}px"></div>'
        "<figcaption>{}</figcaption></figure>"
    )
    squares = Markup()
    for (kind, name), weights in zip(CONNECTIVITY.items(), counts, strict=True):
        width = float(np.sqrt(weights) * scale)
        caption = f"{name}: the dot" if width < 4 else name
        squares += square.format(kind, name, numbers.count(weights), max(width, 1), caption)
    return Markup('<div class="areas">{}</div>').format(squares)


def _pictures() -> None:
    """Draw the weights of a linear classifier's ten units as pictures: each unit has a weight for every pixel."""
    trained = network("mnist-linear")
    units = first_layer("mnist-linear")[:, 0]  # (10, 28, 28)
    with st.expander("Learned weights of fully connected units"):
        st.markdown(
            f"Ten units, each connected to all 784 pixels, classify {numbers.percent(trained.accuracy, 1)} "
            "of MNIST's test digits correctly. Each unit's weights show where ink is evidence for its digit (orange) "
            "and against it (blue). A digit moved by a few pixels meets different weights: what was learned at one "
            "position does not help at another."
        )
        st.html(_gallery(units))


def _gallery(units: NDArray[np.float32]) -> Markup:
    figures = (
        Markup(figure(image_colors.on_page(unit), 3, f"The weights of the unit for {digit}", str(digit)))
        for digit, unit in enumerate(units)
    )
    return Markup('<div class="ten">{}</div>').format(Markup().join(figures))
