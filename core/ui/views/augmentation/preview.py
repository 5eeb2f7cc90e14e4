"""Draw augmented versions of one picture, each with the random numbers behind it, after the picture itself."""

from collections.abc import Iterator
from pathlib import Path

import streamlit as st
from markupsafe import Markup, escape

from core.images.rendering import to_bytes
from core.training.augmentation.pipeline import Pipeline
from core.ui.components import page_notes
from core.ui.display import image_html
from core.ui.display.image_colors import Bytes
from core.ui.state.settings import Settings
from core.ui.views.augmentation import queries, value_scale
from core.ui.views.augmentation.drawn_numbers import describe_draw, describe_label
from core.ui.views.augmentation.picture import InputPicture

STYLE = Path(__file__).with_name("draws.css")
TILE, COLUMNS = 120, 5  # px of a tile, and how many stand in a row
DEFAULTS = {"a_seed": 0}
NOTES = (
    page_notes.Note(".draws > :nth-child(10) figcaption", "Drawn: size, turn, shift", "right", wide=72),
    page_notes.Note("[class*=st-key-a_row_] summary", "Open a step, or switch it off", "left", wide=88),
)
FLOWN = "a_flown"  # in the session: the last seed, and whether its tiles flew to their places


def seed(settings: Settings) -> int:
    """Draw the field for the seed and return it."""
    return settings.number("a_seed", "Seed", 0, 9_999, help="The same seed gives the same pictures")


def again() -> None:
    """Draw the button for the next seed, the page's main one."""
    st.button(
        "Draw again",
        icon=":material/casino:",
        key="a_again",
        type="primary",
        on_click=_next,
        help="Draw other random numbers: use the next seed",
    )


def _next() -> None:
    st.session_state["a_seed"] = (st.session_state.get("a_seed", DEFAULTS["a_seed"]) + 1) % 10_000


def pixel_zoom(source: InputPicture) -> int:
    """Return the width of a picture's pixel in screen pixels."""
    return max(1, TILE // int(max(source.picture.shape[:2])))


def grid(pipeline: Pipeline, source: InputPicture, number: int) -> queries.Draws:
    """Draw the picture and its draws as tiles, and return the draws. Raises InferenceError."""
    drawn = queries.draws(pipeline, source, number)
    scale = value_scale.of(pipeline.busy.steps, drawn.images)
    if words := scale.words(gray=source.is_gray):
        st.caption(f"Normalized values, {words}.")
    tiles = [
        *_sources(pipeline, source),
        *(
            (scale.levels(image), *_words(pipeline, source, values))
            for image, values in zip(drawn.images, drawn.drawn, strict=True)
        ),
    ]
    width, zoom = source.picture.shape[1], pixel_zoom(source)
    framed = len(tiles) - len(drawn.images)
    figures = [
        Markup('<div class="{}" style="--row: {}; --column: {}">{}</div>').format(
            "source" if place < framed else "draw",
            *divmod(place, COLUMNS),
            image_html.figure(levels, zoom, alt, caption),
        )
        for place, (levels, alt, caption) in enumerate(tiles)
    ]
    st.html(
        Markup('<div class="{}" style="--wide: {}px; --narrow: {}px">{}</div>').format(
            "draws flying" if _flies(number) else "draws",
            width * zoom,
            width * max(1, zoom - 1),
            Markup("").join(figures),
        )
    )
    page_notes.pin("augmentation", NOTES, clear="[data-testid=stMain] .draws figcaption")
    return drawn


def _sources(pipeline: Pipeline, source: InputPicture) -> Iterator[tuple[Bytes, str, Markup]]:
    """Yield the unchanged picture, and the one that it is mixed with, if any: levels, alternative text and caption."""
    yield to_bytes(source.picture), source.alt, Markup("<b>Before</b><br>{} × {} px").format(*source.picture.shape[:2])
    if pipeline.busy.mixing is not None:
        yield to_bytes(source.other), "Another picture", Markup("Mixed with this picture")


def _words(pipeline: Pipeline, source: InputPicture, drawn: list[queries.DrawnNumbers | None]) -> tuple[str, Markup]:
    """Return a draw's alternative text and caption."""
    words = describe_draw(pipeline, drawn)
    label = describe_label(pipeline, drawn, source.label, source.other_label)
    caption = Markup("{}<br><b>{}</b>").format(words, label) if label else escape(words)
    return ", ".join(part for part in (source.title, words, label) if part), caption


def _flies(number: int) -> bool:
    """Return whether the tiles fly to their places: they do on "Draw again", and not when a step is changed."""
    last, flew = st.session_state.get(FLOWN, (number, False))
    flies = bool(flew) if last == number else True
    st.session_state[FLOWN] = number, flies
    return flies
