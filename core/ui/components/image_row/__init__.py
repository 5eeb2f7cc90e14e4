"""Whole pictures and filter outputs in a page: which colors a value gets, and the pictures as lossless WebP."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from core.images.display import signed, to_bytes
from core.images.pictures import Picture
from core.ui.display import numbers

Bytes = NDArray[np.uint8]

_HERE = Path(__file__).parent

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
    limit = float(np.percentile(np.abs(values[::2, ::2]), _SHARE)) or float(np.abs(values).max()) or 1.0
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


def encoded(levels: Bytes) -> bytes:
    """The picture as lossless WebP, which takes a third of PNG's time and is smaller."""
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "WEBP", lossless=True, method=0, quality=0)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its words."""

    levels: Bytes  # (H, W), (H, W, 3) or (H, W, 4)
    alt: str
    caption: str = ""
    key: str | None = None  # names a picture that is shown again and again, and need not be encoded each time


def side_by_side(figures: Sequence[Figure], *, key: str, width: int = 512) -> None:
    """Pictures in a row that wraps where the page is narrow, each at the largest whole multiple of at most `width` px.

    A wider picture is shown as it is; where the row is too narrow for its pictures they shrink, down to 256 px each,
    before they wrap (shell.css). `key` names the row: its pictures are swapped, not rebuilt.
    Each is an element of its own, so that one that stays is not sent again.
    """
    with st.container(key=f"pictures_{key}"):
        for number, one in enumerate(figures):
            file = encoded(one.levels) if one.key is None else _kept(one.key, one.levels)
            across = one.levels.shape[1] * max(1, width // one.levels.shape[1])
            enlarged = across > one.levels.shape[1]
            head = json.dumps({"width": across, "enlarged": enlarged, "alt": one.alt, "caption": one.caption})
            _mount(key=f"{key}_{number}", data=head.encode() + b"\n" + file, width=across)


@st.cache_data(max_entries=32, show_spinner=False)
def _kept(key: str, _levels: Bytes) -> bytes:
    return encoded(_levels)


_mount = st.components.v2.component(
    "cnn_lab.pictures",
    css=(_HERE / "image_row.css").read_text(encoding="utf-8"),
    js=(_HERE / "image_row.js").read_text(encoding="utf-8"),
)
