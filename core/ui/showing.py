"""Whole pictures and filter outputs in a page: which colors a value gets, and the pictures as lossless WebP."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from core.images.display import signed, to_bytes
from core.images.pictures import Picture
from core.ui import numbers

Bytes = NDArray[np.uint8]

_SHARE = 99.5  # percent of the pixels lie within the scale: a few strong edges would leave all others pale
_BELOW_ON_DARK, _ABOVE_ON_DARK = np.array([0x56, 0xB4, 0xE9], np.uint8), np.array([0xF5, 0xA1, 0x42], np.uint8)


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as the screen has it, and how its values were made colors, in words."""

    levels: Bytes  # (H, W), (H, W, 3) or (H, W, 4)
    scale: str


def colored(values: Picture, gain: float) -> Shown:
    """A filter's output in the inspector's colors. `gain` is the sum of the kernel's weights.

    A kernel that keeps brightness (gain from 0.5) shows a picture, clipped to [0, 1]. Otherwise one plane of signed
    values diverges about the page's own color, and three planes show their sizes, as no color could show three signs.
    """
    if gain >= 0.5:
        return Shown(to_bytes(values), "shown from 0 to 1")
    limit = float(np.percentile(np.abs(values), _SHARE)) or float(np.abs(values).max()) or 1.0
    most = numbers.rounded(limit)
    if values.min() >= 0:
        return Shown(to_bytes(values / limit), f"white from {most} on")
    if values.ndim == 2:
        return Shown(on_page(values, limit), f"full blue from {numbers.MINUS}{most}, full orange from {most} on")
    return Shown(to_bytes(np.abs(values) / limit), f"size of each channel's answer, full from {most} on")


def on_page(values: Picture, limit: float | None = None) -> Bytes:
    """Signed values (H, W) in the two colors, zero transparent; brighter ones on a dark page, as in inspector.css."""
    levels = signed(values, limit)
    if st.context.theme.type == "dark":
        levels[:, :, :3] = np.where((values < 0)[:, :, None], _BELOW_ON_DARK, _ABOVE_ON_DARK)
    return levels


def source(levels: Bytes) -> str:
    """The picture as a data URL. Lossless WebP: a third of PNG's time and smaller."""
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "WEBP", lossless=True, method=0, quality=0)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its words, `times` screen pixels a pixel."""

    levels: Bytes
    alt: str
    caption: str

    def html(self, width: int) -> str:
        """At the largest whole multiple that is at most `width` px wide; a wider picture as it is, shrunk on phones."""
        times = max(1, width // self.levels.shape[1])
        return (
            f'<figure><img class="pixels" src="{source(self.levels)}" width="{self.levels.shape[1] * times}" '
            f'style="max-width: 100%; height: auto" alt="{escape(self.alt)}">'
            f"<figcaption>{escape(self.caption)}</figcaption></figure>"
        )


def side_by_side(figures: Sequence[Figure], width: int = 512) -> None:
    """Pictures in a row that wraps where the page is narrow."""
    st.html(
        f'<div style="display: flex; flex-wrap: wrap; gap: 1rem">{"".join(figure.html(width) for figure in figures)}</div>'
    )
