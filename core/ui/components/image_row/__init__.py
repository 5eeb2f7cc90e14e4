"""A row of pictures, sent as lossless WebP."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.ui.components.kit import assets
from core.ui.display.image_colors import Bytes, encode_webp


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with alternative text and caption."""

    levels: Bytes  # (H, W), (H, W, 3) or (H, W, 4)
    alt: str
    caption: str = ""
    key: str | None = None  # identifies a picture that is shown repeatedly, to cache its encoding


def side_by_side(figures: Sequence[Figure], *, key: str, width: int = 512) -> None:
    """Draw pictures in a row that wraps, each scaled to the largest whole multiple of at most `width` px.

    A wider picture is not enlarged; in a narrow row pictures shrink, down to 256 px each, before they wrap
    (page_frame.css). `key` identifies the row: its pictures are swapped, not rebuilt. Each picture is a separate
    element, so that an unchanged one is not sent again.
    """
    with st.container(key=f"pictures_{key}"):
        for number, figure in enumerate(figures):
            file = encode_webp(figure.levels) if figure.key is None else _encoded(figure.key, figure.levels)
            shown_width = figure.levels.shape[1] * zoom(figure.levels.shape, width)
            enlarged = shown_width > figure.levels.shape[1]
            head = json.dumps(
                {"width": shown_width, "enlarged": enlarged, "alt": figure.alt, "caption": figure.caption}
            )
            _mount(key=f"{key}_{number}", data=head.encode() + b"\n" + file, width=shown_width)


def zoom(shape: tuple[int, ...], width: int) -> int:
    """Return by which whole multiple a picture is enlarged, to at most `width` px and at most twice as high."""
    return max(1, min(width // shape[1], 2 * width // shape[0]))


@st.cache_data(max_entries=32, show_spinner=False)
def _encoded(key: str, _levels: Bytes) -> bytes:
    return encode_webp(_levels)


ASSETS = assets(Path(__file__).parent, script="image_row", styles="image_row")
_mount = st.components.v2.component("cnn_lab.image_row", css=ASSETS.css, js=ASSETS.js)
