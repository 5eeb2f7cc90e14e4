"""Draw sixteen augmented versions of one picture, each with the random numbers behind it."""

import streamlit as st
from markupsafe import Markup, escape

from core.images.display import to_bytes
from core.training.augmentation.pipeline import Pipeline
from core.ui.display import image_html
from core.ui.state.settings import Settings
from core.ui.views.augmentation import queries, value_scale
from core.ui.views.augmentation.draw_labels import describe_draw, describe_label
from core.ui.views.augmentation.picture import InputPicture

PICTURE_WIDTH = 150  # px, at most: four fit in a row
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
    """Draw the field for the seed and a button for the next one; return the seed."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = settings.number("a_seed", "Seed", 0, 9_999, help="The same seed gives the same sixteen pictures")
        st.button("Draw again", icon=":material/casino:", key="a_again", on_click=_next, help="Use the next seed")
    return chosen


def _next() -> None:
    st.session_state["a_seed"] = (st.session_state["a_seed"] + 1) % 10_000


def pixel_zoom(source: InputPicture) -> int:
    """Return the width of a picture's pixel in screen pixels."""
    return max(1, PICTURE_WIDTH // int(max(source.picture.shape[:2])))


def before(source: InputPicture, mixed: bool) -> None:
    """Draw the unchanged picture, and the one it is mixed with if `mixed`."""
    shown = [
        image_html.figure(to_bytes(source.picture), pixel_zoom(source), source.alt, escape(f"Before: {source.size}"))
    ]
    if mixed:
        shown.append(
            image_html.figure(to_bytes(source.other), pixel_zoom(source), "Another picture", "Mixed with this picture")
        )
    st.html(Markup('<div class="moments before">{}</div>').format(Markup("").join(shown)))


def grid(pipeline: Pipeline, source: InputPicture, number: int) -> queries.Draws:
    """Draw the sixteen pictures and return them. Raises InferenceError."""
    drawn = queries.draws(pipeline, source, number)
    width = source.picture.shape[1] * pixel_zoom(source)
    scale = value_scale.of(pipeline.busy.steps, drawn.images)
    if words := scale.words(gray=source.is_gray):
        st.caption(f"Normalized values, {words}.")
    figures = []
    for image, values in zip(drawn.images, drawn.drawn, strict=True):
        words = describe_draw(pipeline, values)
        label = describe_label(pipeline, values, source.label, source.other_label)
        alt = ", ".join(part for part in (source.title, words, label) if part)
        caption = Markup("{}<br><b>{}</b>").format(words, label) if label else escape(words)
        figures.append(image_html.figure(scale.levels(image), pixel_zoom(source), alt, caption))
    st.html(Markup('<div class="draws" style="--side: {}px">{}</div>').format(width, Markup("").join(figures)))
    return drawn
