"""Draw many small planes as framed tiles in signed colors, enlarged by a whole factor."""

import math

import numpy as np
import streamlit as st
from markupsafe import Markup, escape
from numpy.typing import NDArray

from core.images.pictures import Picture
from core.ui.display import image_html
from core.ui.display.image_colors import on_page

WIDTH = 1000  # px: maximum width of a row of tiles
GAP = 4  # px between two frames
FRAME = (128, 128, 128, 150)  # a line of one px, gray that is visible on light and dark


def tiled(planes: Picture, columns: int, times: int, limit: float | None = None) -> NDArray[np.uint8]:
    """Arrange planes (N, h, w) as an RGBA picture of `columns` tiles per row, each pixel `times` x `times`.

    `limit` is the absolute value in full color, by default the largest.
    """
    count, height, width = planes.shape
    full_color = (float(np.abs(planes).max(initial=0)) if limit is None else limit) or 1.0
    levels = on_page(planes.reshape(count * height, width), full_color).reshape(count, height, width, 4)
    levels = levels.repeat(times, axis=1).repeat(times, axis=2)
    down, across = height * times + 2 + GAP, width * times + 2 + GAP  # from one tile to the next
    canvas = np.zeros((-(-count // columns) * down - GAP, columns * across - GAP, 4), np.uint8)
    for index, plane in enumerate(levels):
        top, left = (index // columns) * down, (index % columns) * across
        canvas[top : top + down - GAP, left : left + across - GAP] = FRAME
        canvas[top + 1 : top + down - GAP - 1, left + 1 : left + across - GAP - 1] = plane
    return canvas


def folded(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return a list as one plane, (1, h, w), at most about twice as wide as high; the last row is filled with 0."""
    width = len(values) if len(values) <= 16 else 2 ** math.ceil(math.log2(len(values)) / 2)
    return np.pad(values, (0, -len(values) % width)).reshape(1, -1, width)


def show(
    planes: Picture,
    columns: int,
    alt: str,
    caption: str,
    *,
    limit: float | None = None,
    side: int = 44,
    fixed: bool = False,
) -> None:
    """Draw signed planes (N, h, w) as tiles of about `side` px. `limit`: the value in full color.

    There are up to `columns` per row, fewer on a narrow page; with `fixed` columns, it scrolls instead. `caption` is
    plain text.
    """
    count, height, width = planes.shape
    times = max(1, min(side // max(height, width), (WIDTH // columns - 2 - GAP) // width))
    full_color = float(np.abs(planes).max(initial=0)) if limit is None else limit
    if fixed or count == 1:
        picture = image_html.figure(tiled(planes, columns, times, full_color), 1, alt, escape(caption))
        scrolling = Markup('<div class="tiles" tabindex="0" role="group" aria-label="{}">{}</div>')
        st.html(scrolling.format(alt, picture))
        return
    tiles = Markup("").join(image_html.img(tiled(plane[None], 1, times, full_color), 1, "") for plane in planes)
    room = columns * (width * times + 2 + GAP)
    figure = Markup(
        '<figure class="tiles" role="group" aria-label="{}"><div style="max-width: {}px">{}</div>'
        "<figcaption>{}</figcaption></figure>"
    )
    st.html(figure.format(alt, room, tiles, caption))
