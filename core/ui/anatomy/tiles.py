"""Many small planes as one picture: signed colors, a gap between neighbors, whole multiples, words for all of it."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.pictures import Picture
from core.ui import pictures
from core.ui.showing import on_page

WIDTH = 1000  # px, the most that a picture of tiles is wide; narrower pages shrink it
GAP = 1  # pixels of the tiles' own
GRAY = (128, 128, 128, 90)


def tiled(planes: Picture, columns: int) -> Picture:
    """(N, h, w) -> one plane, `columns` tiles a row: NaN between them, infinity where the last row has no more."""
    count, height, width = planes.shape
    rows = -(-count // columns)
    canvas = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP), np.inf, np.float32)
    for place, plane in enumerate(planes):
        top, left = (place // columns) * (height + GAP), (place % columns) * (width + GAP)
        canvas[top : top + height + GAP, left : left + width + GAP] = np.nan
        canvas[top : top + height, left : left + width] = plane
    return canvas


def show(planes: Picture, columns: int, alt: str, caption: str, *, limit: float | None = None, side: int = 44) -> None:
    """Draw signed planes (N, h, w) as tiles of about `side` px. `limit`: the size in full color, else the largest."""
    levels = colored(tiled(planes, columns), limit)
    times = max(1, min(side // max(planes.shape[1:]) or 1, WIDTH // levels.shape[1] or 1))
    st.html(f'<div class="tiles">{pictures.figure(levels, times, alt, caption)}</div>')


def colored(plane: Picture, limit: float | None = None) -> NDArray[np.uint8]:
    """Signed values in the page's two colors; NaN a faint gray, infinity nothing."""
    known = np.where(np.isfinite(plane), plane, 0)
    levels = on_page(known, (float(np.abs(known).max()) if limit is None else limit) or 1.0)
    levels[np.isnan(plane)] = GRAY
    levels[np.isinf(plane)] = 0
    return levels
