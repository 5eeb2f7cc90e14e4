"""Pictures of the frequency page's tools: spectra in viridis, signed parts in two colors, and signs between them."""

import base64
from html import escape

import streamlit as st

from core.images.pictures import Picture, to_grey
from core.ui.display.image_colors import Bytes, colored, encode_webp
from core.ui.views.frequency.picture import SIZE


def figure(levels: Bytes, alt: str, caption: str, width: int = SIZE) -> str:
    """One picture, its pixels at the largest whole multiple that is at most `width` px wide, and SIZE px on a phone."""
    source = base64.b64encode(encode_webp(levels)).decode("ascii")
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
