"""HTML figures of the frequency page: spectra in viridis, signed parts in two colors, signs between them."""

import base64

import streamlit as st
from markupsafe import Markup

from core.images.pictures import Picture, to_gray
from core.ui.display.image_colors import Bytes, colored, encode_webp
from core.ui.views.frequency.picture import SIZE


def figure(levels: Bytes, alt: str, caption: str, width: int = SIZE) -> Markup:
    """Return a figure, scaled to the largest whole multiple at most `width` px wide, or SIZE px on a phone."""
    source = base64.b64encode(encode_webp(levels)).decode("ascii")
    wide, small = (levels.shape[1] * max(1, room // levels.shape[1]) for room in (width, min(width, SIZE)))
    return Markup(  # decoded before it is painted: a moved slider changes the picture without a blank frame between
        '<figure style="--wide: {}px; --small: {}px"><img class="pixels" decoding="sync" '
        'src="data:image/webp;base64,{}" alt="{}"><figcaption>{}</figcaption></figure>'
    ).format(wide, small, source, alt, caption)


def part_figure(values: Picture, keeps_mean: bool, alt: str, name: str, width: int = SIZE) -> Markup:
    """Return a figure of a part of a picture: as a picture if it includes the mean, else in signed colors."""
    shown = colored(values if keeps_mean else to_gray(values), float(keeps_mean), signed=True)
    return figure(shown.levels, alt, f"{name}: {shown.scale}", width)


def facts(*pairs: tuple[str, str]) -> None:
    """Draw numbers in a row, each with its label below it."""
    cell = Markup("<div><b>{}</b><span>{}</span></div>")
    st.html(Markup('<div class="figures">{}</div>').format(Markup("").join(cell.format(*pair) for pair in pairs)))


def row(*parts: Markup) -> None:
    """Draw figures and the signs between them side by side; they wrap on narrow screens."""
    st.html(Markup('<div class="equation">{}</div>').format(Markup("").join(parts)))


def with_sign(symbol: str, drawn: Markup) -> Markup:
    """Return a figure with a sign before it; the two stay together when the row wraps."""
    return Markup('<div class="term"><span class="sign" aria-hidden="true">{}</span>{}</div>').format(symbol, drawn)
