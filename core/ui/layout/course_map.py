"""Draw the map of the course: one row of numbered drawings, each a link to its page, ticked where it was visited."""

from functools import cache
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from core.ui.layout import visited_pages
from core.ui.layout.navigation import PAGES, link

VIGNETTES = Path(__file__).with_name("vignettes")


def course_map() -> None:
    """Draw all pages but home in the course's order: number, drawing and two words; the question is in the tooltip."""
    visited = visited_pages.visited()
    with st.container(key="course_map"):
        for number, target in enumerate(PAGES[1:], start=1):
            with st.container(key=f"map_{target.name}", gap=None):
                st.markdown(_vignette(target.name, number), unsafe_allow_html=True)
                tick = " ✓" if target.name in visited else ""
                link(target, label=target.short + tick, help=target.question)


@cache
def _vignette(name: str, number: int) -> Markup:
    """Return the page's drawing and number as HTML: a decoration that screen readers skip."""
    drawing = Markup((VIGNETTES / f"{name}.svg").read_text(encoding="utf-8").strip())
    return Markup('<div class="vignette" aria-hidden="true"><i>{}</i>{}</div>').format(number, drawing)
