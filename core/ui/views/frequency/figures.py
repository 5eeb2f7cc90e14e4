"""Pictures of the frequency page's tools: spectra in viridis, signed parts in two colors, and signs between them."""

import base64
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.display import to_bytes
from core.images.pictures import Picture, to_grey
from core.ui.components.image_row import Bytes, colored, encoded
from core.ui.display.colors import VIRIDIS
from core.ui.views.frequency.picture import SIZE

_STOPS = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in VIRIDIS], np.float64)
_TABLE = np.stack(
    [np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(_STOPS)), _STOPS[:, c]) for c in range(3)], axis=1
)


def magnitudes(values: NDArray[np.float64], limit: float) -> Bytes:
    """Sizes from 0 to `limit` in viridis: (H, W) -> (H, W, 3)."""
    colors: Bytes = _TABLE.round().astype(np.uint8)[to_bytes(values / (limit or 1))]
    return colors


def figure(levels: Bytes, alt: str, caption: str, width: int = SIZE) -> str:
    """One picture, its pixels at the largest whole multiple that is at most `width` px wide, and SIZE px on a phone."""
    source = base64.b64encode(encoded(levels)).decode("ascii")
    wide, small = (levels.shape[1] * max(1, room // levels.shape[1]) for room in (width, min(width, SIZE)))
    return (  # decoded before it is painted: a moved slider changes the picture without a blank frame between
        f'<figure style="--wide: {wide}px; --small: {small}px"><img class="pixels" decoding="sync" '
        f'src="data:image/webp;base64,{source}" alt="{escape(alt)}"><figcaption>{escape(caption)}</figcaption></figure>'
    )


def part(values: Picture, keeps_mean: bool, alt: str, name: str, width: int = SIZE) -> str:
    """A part of a picture: as a picture where it holds the mean, else its brightness about zero in the two colors."""
    shown = colored(values if keeps_mean else to_grey(values), float(keeps_mean))
    return figure(shown.levels, alt, f"{name}: {shown.scale}", width)


def facts(*pairs: tuple[str, str]) -> None:
    """Numbers in a row, each with what it counts below it."""
    st.html(
        f'<div class="figures">{"".join(f"<div><b>{number}</b><span>{of}</span></div>" for number, of in pairs)}</div>'
    )


def row(*parts: str) -> None:
    """Figures, and the signs between them, side by side where there is room."""
    st.html(f'<div class="equation">{"".join(parts)}</div>')


def then(symbol: str, drawn: str) -> str:
    """A figure with the sign that stands before it, which stays with it where the row wraps."""
    return f'<div class="term"><span class="sign" aria-hidden="true">{escape(symbol)}</span>{drawn}</div>'
