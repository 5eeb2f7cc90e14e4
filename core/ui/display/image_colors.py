"""Turn values into colors: pictures, signed outputs and magnitudes as bytes, and as lossless WebP."""

import io
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from core.images.pictures import Picture
from core.images.rendering import NOISE, full_size, signed_colors, to_bytes
from core.ui.display import numbers
from core.ui.display.colors import VIRIDIS

Bytes = NDArray[np.uint8]
_PERCENTILE = 99.5  # of the pixels lie within the scale: a few strong edges would leave all others pale
_BELOW_ON_DARK, _ABOVE_ON_DARK = np.array([0x56, 0xB4, 0xE9], np.uint8), np.array([0xF5, 0xA1, 0x42], np.uint8)


@dataclass(frozen=True, slots=True)
class RenderedImage:
    """A picture as bytes for the screen, and its color scale in words."""

    levels: Bytes  # (H, W), (H, W, 3) or (H, W, 4)
    scale: str


def colored(values: Picture, gain: float, *, signed: bool) -> RenderedImage:
    """Return a filter's output in colors.

    Args:
        values: the output, (H, W) or (H, W, 3).
        gain: the sum of the kernel's weights. From 0.5 on, the kernel keeps brightness and its output is shown as a
            picture, clipped to [0, 1]. Otherwise one plane of signed values is blue below 0 and orange above; three
            planes show their absolute values, as no color could show three signs.
        signed: whether the operation can make values below 0: then zero is drawn alike, whatever values occur.
    """
    if gain >= 0.5:
        return RenderedImage(to_bytes(values), "shown from 0 to 1")
    largest = float(np.abs(values).max())
    limit = full_size(values, _PERCENTILE)
    most = numbers.rounded(limit)
    if not signed:
        levels, scale = to_bytes(values / limit), f"values above {most} are white"
    elif values.ndim == 2:
        levels, scale = on_page(values, limit), f"color scale: {numbers.MINUS}{most} (blue) to {most} (orange)"
    else:
        levels, scale = to_bytes(np.abs(values) / limit), f"absolute value of each channel, brightest from {most}"
    return RenderedImage(levels, scale if largest >= NOISE else "0 everywhere")


def on_page(values: Picture, limit: float | None = None) -> Bytes:
    """Return signed values (H, W) in two colors, zero transparent; brighter on a dark page, as in the inspector."""
    levels = signed_colors(values, limit)
    if st.context.theme.type == "dark":
        levels[:, :, :3] = np.where((values < 0)[:, :, None], _BELOW_ON_DARK, _ABOVE_ON_DARK)
    return levels


def encode_webp(levels: Bytes) -> bytes:
    """Return a picture as lossless WebP, which takes a third of PNG's time and is smaller."""
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "WEBP", lossless=True, method=0, quality=0)
    return file.getvalue()


def encode_thumbnails(levels: Bytes) -> bytes:
    """Return small pictures to choose from as lossy WebP: a tenth of the lossless file."""
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "WEBP", quality=85, method=4)
    return file.getvalue()


_STOPS = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in VIRIDIS], np.float64)
_TABLE = np.stack(
    [np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(_STOPS)), _STOPS[:, c]) for c in range(3)], axis=1
)


def magnitudes(values: NDArray[np.float64], limit: float) -> Bytes:
    """Return magnitudes from 0 to `limit` in viridis: (H, W) -> (H, W, 3)."""
    colors: Bytes = _TABLE.round().astype(np.uint8)[to_bytes(values / full_size(limit))]
    return colors
