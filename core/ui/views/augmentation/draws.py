"""The draws: sixteen pictures that one picture becomes, each with what was drawn for it."""

import numpy as np
import streamlit as st

from core.images.display import to_bytes
from core.training.augmentation.pipeline import Pipeline
from core.ui.display import image_html
from core.ui.state.settings import Settings
from core.ui.views.augmentation import queries
from core.ui.views.augmentation.draw_labels import draw_words
from core.ui.views.augmentation.picture import Subject

ROOM = 150  # px for each of four pictures in a row
STYLE = """<style>
.draws { display: flex; flex-wrap: wrap; gap: 0.9rem 0.75rem; }
.draws figure { width: var(--side); }
.draws img, .moments img { display: block; max-width: 100%; height: auto; }
.stHtml .draws figcaption { font-size: 0.78rem; line-height: 1.25; min-height: 2.5em; overflow-wrap: anywhere; }
.moments { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; }
.moments figure { max-width: 17rem; }
.before figure { max-width: 170px; }
.st-key-a_presets button { padding: 0.1rem 0.6rem; min-height: 1.9rem; }
</style>"""
DEFAULTS = {"a_seed": 0}


def seed(settings: Settings) -> int:
    """The seed's field and a button for the next one."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = settings.number("a_seed", "Seed", 0, 9_999, help="The same seed draws the same sixteen pictures.")
        st.button("Draw again", icon=":material/casino:", key="a_again", on_click=_next, help="The next seed")
    return chosen


def _next() -> None:
    st.session_state["a_seed"] = (st.session_state["a_seed"] + 1) % 10_000


def times(subject: Subject) -> int:
    """How many screen pixels wide a pixel is."""
    return max(1, ROOM // int(max(subject.picture.shape[:2])))


def before(subject: Subject, mixed: bool) -> None:
    """The picture as it is; and the other one, where pictures are mixed."""
    shown = [image_html.figure(to_bytes(subject.picture), times(subject), subject.alt, f"Before: {subject.size}")]
    if mixed:
        shown.append(
            image_html.figure(to_bytes(subject.other), times(subject), "Another picture", "Mixed with this one")
        )
    st.html(f'<div class="moments before">{"".join(shown)}</div>')


def grid(pipeline: Pipeline, subject: Subject, number: int) -> queries.Draws:
    """Draw the pictures. Raises InferenceError."""
    drawn = queries.draws(pipeline, subject, number)
    side = subject.picture.shape[1] * times(subject)
    figures = []
    for image, told in zip(drawn.images, drawn.drawn, strict=True):
        words = draw_words(pipeline, told)
        alt = f"{subject.title}, {words}"
        figures.append(image_html.figure(to_bytes(np.nan_to_num(image)), times(subject), alt, words))
    st.html(f'<div class="draws" style="--side: {side}px">{"".join(figures)}</div>')
    return drawn
