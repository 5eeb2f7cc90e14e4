"""A square to draw a digit in, with undo and clear; it reports the strokes as lines without width."""

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from core.images.digit_reader import ONLY_A_DOT, PEN_WIDTHS, SHEET_SIDE, Stroke, draw_digit
from core.ui import messages
from core.ui.components.kit import assets
from core.ui.state import page_state
from core.ui.state.settings import Settings

DEFAULT_PEN = "Thick"  # a key of PEN_WIDTHS
LINE_SCALE = 6.0  # px of the sheet per px of pen width, while drawing
MAX_POINTS = 20_000
ASSETS = assets(Path(__file__).parent, script="drawing_pad", styles="drawing_pad", html="drawing_pad")
_component = st.components.v2.component("cnn_lab.drawing_pad", html=ASSETS.html, css=ASSETS.css, js=ASSETS.js)


def drawn_digit(
    key: str, shown: int = round(SHEET_SIDE), beside: DeltaGenerator | None = None
) -> NDArray[np.uint8] | None:
    """Draw the pen picker and the square, `shown` px a side on the screen; the words go to `beside` too, if given.

    Returns:
        The drawn digit in MNIST's format, (28, 28). None if nothing was drawn, or only a dot (with a message).
    """
    with beside or st.container():
        pen = Settings({f"{key}_pen": DEFAULT_PEN}).segments(
            f"{key}_pen",
            "Pen",
            list(PEN_WIDTHS),
            help="Line width in the network's input, whatever the size of your drawing",
        )
    strokes = pad(key, PEN_WIDTHS.get(pen, PEN_WIDTHS[DEFAULT_PEN]), shown)
    with beside or st.container():
        st.caption("Draw a digit from 0 to 9, of any size. It is scaled and centered as in MNIST.")
    if not strokes:
        return None
    try:
        return draw_digit(strokes, PEN_WIDTHS.get(pen, PEN_WIDTHS[DEFAULT_PEN]))
    except ValueError:
        messages.info(ONLY_A_DOT, icon=":material/edit:")
        return None


def pad(key: str, pen: float, shown: int) -> list[Stroke]:
    """Draw the square and return its strokes, each (N, 2): x and y from 0 to SHEET.

    Strokes of an earlier visit to the page are restored.
    """
    own = page_state.key(key)
    sent = (st.session_state.get(own) or {}).get("strokes")
    known = read(page_state.kept(key) if sent is None else sent)
    result = _component(
        key=own,
        data={
            "side": SHEET_SIDE,
            "shown": shown,
            "pen": pen * LINE_SCALE,
            "most": MAX_POINTS,
            "strokes": [stroke.tolist() for stroke in known],
        },
        default={"strokes": [stroke.tolist() for stroke in known]},
        on_strokes_change=lambda: None,
    )
    strokes = read(result.get("strokes"))
    page_state.keep(key, [stroke.tolist() for stroke in strokes], sum(stroke.nbytes for stroke in strokes))
    return strokes


def read(sent: object) -> list[Stroke]:
    """Return the strokes that a browser sent, without invalid ones."""
    strokes: list[Stroke] = []
    for item in sent if isinstance(sent, list) else []:
        try:
            stroke = np.asarray(item, float)
        except (OverflowError, TypeError, ValueError):
            continue
        fits = stroke.ndim == 2 and stroke.shape[1] == 2 and len(stroke) and np.isfinite(stroke).all()
        if fits and sum(map(len, strokes)) + len(stroke) <= MAX_POINTS:
            strokes.append(stroke.clip(0, SHEET_SIDE))
    return strokes
