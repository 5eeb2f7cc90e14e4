"""Draw the map of the course: one card with a drawing for each page."""

import itertools
from functools import cache
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from core.ui.layout.navigation import PAGES, link

VIGNETTES = Path(__file__).with_name("vignettes")
CARD_WIDTH = 316  # px: three cards fit side by side in a window 1440 px wide


def course_map() -> None:
    """Draw all pages but home, by section, each as a card with a drawing, its question and a sentence."""
    for section, pages in itertools.groupby(PAGES[1:], key=lambda page: page.section):
        st.header(section, anchor=False)
        with st.container(horizontal=True, gap="small"):
            for target in pages:
                with st.container(border=True, width=CARD_WIDTH, height="stretch", key=f"map_{target.name}"):
                    if (drawing := _vignette(target.name)) is not None:
                        st.markdown(drawing, unsafe_allow_html=True)
                    link(target)
                    st.markdown(target.sentence)


@cache
def _vignette(name: str) -> Markup | None:
    """Return the page's drawing as HTML, None without one: a decoration that screen readers skip."""
    file = VIGNETTES / f"{name}.svg"
    if not file.exists():
        return None
    return Markup('<div class="vignette" aria-hidden="true">{}</div>').format(Markup(file.read_text().strip()))
