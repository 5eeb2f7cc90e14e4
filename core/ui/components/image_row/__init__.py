"""Whole pictures and filter outputs in a page: which colors a value gets, and the pictures as lossless WebP."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.ui.components.kit import assets
from core.ui.display.image_colors import Bytes, encode_webp


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
    before they wrap (page_frame.css). `key` names the row: its pictures are swapped, not rebuilt.
    Each is an element of its own, so that one that stays is not sent again.
    """
    with st.container(key=f"pictures_{key}"):
        for number, one in enumerate(figures):
            file = encode_webp(one.levels) if one.key is None else _kept(one.key, one.levels)
            across = one.levels.shape[1] * max(1, width // one.levels.shape[1])
            enlarged = across > one.levels.shape[1]
            head = json.dumps({"width": across, "enlarged": enlarged, "alt": one.alt, "caption": one.caption})
            _mount(key=f"{key}_{number}", data=head.encode() + b"\n" + file, width=across)


@st.cache_data(max_entries=32, show_spinner=False)
def _kept(key: str, _levels: Bytes) -> bytes:
    return encode_webp(_levels)


ASSETS = assets(Path(__file__).parent, script="image_row", styles="image_row")
_mount = st.components.v2.component("cnn_lab.image_row", css=ASSETS.css, js=ASSETS.js)
