"""The map of the course: each page as a card with a drawing."""

import itertools
from functools import cache
from pathlib import Path

import streamlit as st

from core.ui.layout.navigation import PAGES, link

VIGNETTES = Path(__file__).with_name("vignettes")


CARD = 316  # px: three cards of the map stand side by side where the window is 1440 wide


def course_map() -> None:
    """The pages of the course but home, by section, each a card with a drawing, its question and a sentence."""
    for section, pages in itertools.groupby(PAGES[1:], key=lambda page: page.section):
        st.header(section, anchor=False)
        with st.container(horizontal=True, gap="small"):
            for target in pages:
                with st.container(border=True, width=CARD, height="stretch", key=f"map_{target.name}"):
                    if (drawing := _vignette(target.name)) is not None:
                        st.markdown(drawing, unsafe_allow_html=True)
                    link(target)
                    st.markdown(target.sentence)


@cache
def _vignette(name: str) -> str | None:
    """The page's drawing for the map, if it has one: an SVG that says nothing its card's words do not say."""
    file = VIGNETTES / f"{name}.svg"
    return f'<div class="vignette" aria-hidden="true">{file.read_text().strip()}</div>' if file.exists() else None
