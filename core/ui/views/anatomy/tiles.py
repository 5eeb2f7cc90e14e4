"""Many small planes as one picture: signed colors, each plane in a frame, whole multiples, words for all of it."""

from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.pictures import Picture
from core.ui.display import image_html
from core.ui.display.image_colors import on_page

WIDTH = 1000  # px, the most that a row of tiles is wide
GAP = 4  # px between two frames
FRAME = (128, 128, 128, 150)  # a line of one px, gray that shows on light and dark


def tiled(planes: Picture, columns: int, times: int, limit: float | None = None) -> NDArray[np.uint8]:
    """(N, h, w) -> an RGBA picture, `columns` tiles a row, each pixel `times` x `times`.

    `limit` is the size in full color, by default the largest.
    """
    count, height, width = planes.shape
    most = (float(np.abs(planes).max(initial=0)) if limit is None else limit) or 1.0
    levels = on_page(planes.reshape(count * height, width), most).reshape(count, height, width, 4)
    levels = levels.repeat(times, axis=1).repeat(times, axis=2)
    down, across = height * times + 2 + GAP, width * times + 2 + GAP  # from one tile to the next
    canvas = np.zeros((-(-count // columns) * down - GAP, columns * across - GAP, 4), np.uint8)
    for place, plane in enumerate(levels):
        top, left = (place // columns) * down, (place % columns) * across
        canvas[top : top + down - GAP, left : left + across - GAP] = FRAME
        canvas[top + 1 : top + down - GAP - 1, left + 1 : left + across - GAP - 1] = plane
    return canvas


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
    """Draw signed planes (N, h, w) as tiles of about `side` px. `limit`: the size in full color, else the largest.

    There are up to `columns` in a row, fewer on a narrow page; where the columns are `fixed`, it scrolls instead.
    """
    count, height, width = planes.shape
    times = max(1, min(side // max(height, width), (WIDTH // columns - 2 - GAP) // width))
    most = float(np.abs(planes).max(initial=0)) if limit is None else limit
    if fixed or count == 1:
        picture = image_html.figure(tiled(planes, columns, times, most), 1, alt, caption)
        st.html(f'<div class="tiles" tabindex="0" role="group" aria-label="{escape(alt)}">{picture}</div>')
        return
    tiles = "".join(image_html.img(tiled(plane[None], 1, times, most), 1, "") for plane in planes)
    room = columns * (width * times + 2 + GAP)
    st.html(
        f'<figure class="tiles" role="group" aria-label="{escape(alt)}"><div style="max-width: {room}px">{tiles}</div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )
