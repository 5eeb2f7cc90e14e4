"""Routing by agreement in the trained network: where each position's primary capsules send their votes."""

import numpy as np
import streamlit as st
from markupsafe import Markup, escape
from numpy.typing import NDArray

from core.ui.charts.confusion_matrix import DIGITS
from core.ui.display import colors, image_html
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.capsules.trained_digit import Capsules, PickedDigit

ITERATION = "v_net_iteration"
DEFAULTS = {ITERATION: 3}
TRAINED_WITH = 3  # iterations: core.layers.builders.capsule_network
ZOOM = 5  # screen pixels per pixel


def show(settings: Settings, digit: PickedDigit, found: Capsules) -> None:
    """Draw the slider, the digit, and a map of coupling coefficients for each class."""
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=ZOOM * len(digit.pixels) + 10):
            st.html(image_html.figure(digit.pixels, ZOOM, digit.title, escape(digit.title)))
        with st.container(width="stretch"):
            iteration = settings.slider(
                ITERATION,
                "Iteration of routing",
                1,
                len(found.couplings),
                help=f"The network was trained with {TRAINED_WITH}.",
                width=320,
            )
            st.html(maps_html(found, iteration))
    page_frame.notice(*notices(found, iteration))


def maps_html(found: Capsules, iteration: int) -> Markup:
    """Return a map for each class: the mean coefficient of the capsules at each position, after `iteration`."""
    types, rows, columns = found.grid
    maps = found.couplings.reshape(len(found.couplings), types, rows, columns, -1).mean(axis=1)  # (R, rows, columns, J)
    top = float(maps.max())  # over all iterations, so that colors compare
    winner = int(found.routed[iteration - 1].argmax())
    panels = Markup("").join(
        _panel(name, maps[iteration - 1, :, :, index], float(found.routed[iteration - 1, index]), top, index == winner)
        for index, name in enumerate(DIGITS)
    )
    return Markup('<div class="couplings">{}</div>').format(panels)


def _panel(name: str, values: NDArray[np.float32], length: float, top: float, is_winner: bool) -> Markup:
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(_cell(value, top) for value in row)) for row in values.tolist()
    )
    text = Markup("<b>{}: length {:.2f}</b>" if is_winner else "{}: length {:.2f}").format(name, length)
    return Markup("<table><caption>{}</caption>{}</table>").format(text, rows)


def _cell(value: float, top: float) -> Markup:
    background, ink = colors.viridis(value / top)
    return Markup('<td style="background: {}; color: {}">{}</td>').format(background, ink, f"{value:.2f}"[1:])


def notices(found: Capsules, iteration: int) -> list[str]:
    """Return the sentences about routing."""
    types, rows, columns = found.grid
    winner, classes = found.winner, len(found.lengths)
    share = float(found.couplings[iteration - 1, :, winner].mean())
    first, now = (float(found.routed[at, winner]) for at in (0, iteration - 1))
    even = 1 / classes
    return [
        f"At each of {rows} × {columns} positions stand {types} primary capsules. What one of them gives to the ten "
        f"digits adds up to 1; before any agreement each digit gets {even:.2f}.",
        f"In iteration {iteration}, capsule {winner} gets **{share:.3f}** on average, against an even share of "
        f"{even:.2f}, and is **{now:.2f}** long. In iteration 1 it is {first:.2f} long.",
    ]
