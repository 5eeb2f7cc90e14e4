"""A square to draw a digit on: its strokes, as lines without a width, and nothing but undo and clear beside it."""

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.images.digits import NOTHING, PENS, SHEET, Stroke, draw_digit
from core.ui import messages
from core.ui.components.kit import assets
from core.ui.state import page_state
from core.ui.state.settings import Settings

PEN = "Thick"  # of PENS
LINE = 6.0  # px of the sheet for each px of a pen, while one draws
MOST_POINTS = 20_000
ASSETS = assets(Path(__file__).parent, scripts=("drawing_pad",), styles="drawing_pad", html="drawing_pad")
_component = st.components.v2.component("cnn_lab.drawing_pad", html=ASSETS.html, css=ASSETS.css, js=ASSETS.js)


def drawn_digit(key: str, shown: int = round(SHEET)) -> NDArray[np.uint8] | None:
    """Draw the choice of a pen and the square, `shown` px a side on the screen.

    Returns:
        The digit that was drawn, as MNIST's are: (28, 28). None where nothing was drawn, or a dot alone, which is said.
    """
    pen = Settings({f"{key}_pen": PEN}).segments(
        f"{key}_pen",
        "Pen",
        list(PENS),
        help="How wide the lines are in the picture that the network sees, however large you draw",
    )
    strokes = pad(key, PENS.get(pen, PENS[PEN]), shown)
    st.caption("Draw a digit from 0 to 9, of any size. It is scaled and centered as MNIST's were.")
    if not strokes:
        return None
    try:
        return draw_digit(strokes, PENS.get(pen, PENS[PEN]))
    except ValueError:
        messages.info(NOTHING, icon=":material/edit:")
        return None


def pad(key: str, pen: float, shown: int) -> list[Stroke]:
    """Draw the square and return its strokes, each (N, 2): x and y from 0 to SHEET.

    What was drawn on an earlier visit of the page is there again.
    """
    own = page_state.key(key)
    sent = (st.session_state.get(own) or {}).get("strokes")
    known = read(page_state.kept(key) if sent is None else sent)
    result = _component(
        key=own,
        data={
            "side": SHEET,
            "shown": shown,
            "pen": pen * LINE,
            "most": MOST_POINTS,
            "strokes": [stroke.tolist() for stroke in known],
        },
        default={"strokes": [stroke.tolist() for stroke in known]},
        on_strokes_change=lambda: None,
    )
    strokes = read(result.get("strokes"))
    page_state.keep(key, [stroke.tolist() for stroke in strokes], sum(stroke.nbytes for stroke in strokes))
    return strokes


def read(sent: object) -> list[Stroke]:
    """Return the strokes that a browser sent; what is none of them is left out."""
    found: list[Stroke] = []
    for item in sent if isinstance(sent, list) else []:
        try:
            stroke = np.asarray(item, float)
        except (OverflowError, TypeError, ValueError):
            continue
        fits = stroke.ndim == 2 and stroke.shape[1] == 2 and len(stroke) and np.isfinite(stroke).all()
        if fits and sum(map(len, found)) + len(stroke) <= MOST_POINTS:
            found.append(stroke.clip(0, SHEET))
    return found
