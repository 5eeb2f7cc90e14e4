"""Draw the frame of every page: its head, the block "What to notice", and its foot."""

from pathlib import Path

import streamlit as st
from markupsafe import Markup

from core.ui.layout import source_code
from core.ui.layout.navigation import NAVIGATED, PAGES, Page, configure, find, link, navigation
from core.ui.state import page_state

STYLE = Path(__file__).with_name("page_frame.css")


def page(name: str) -> Page:
    """Begin the page `name`: draw its title and its sentence. Every page's first call.

    On a fresh server Streamlit runs a deep link's file without app.py, until some session has called st.navigation.
    Then this function calls it and reruns the page, with its query parameters kept.
    """
    if not st.session_state.get(NAVIGATED):
        configure()
        navigation()
        st.rerun()
    page_state.begin(name)
    current = find(name)
    st.html(STYLE)
    st.title(current.question, anchor=False)
    st.markdown(Markup('<p class="lead">{}</p>').format(current.sentence), unsafe_allow_html=True)
    return current


def notice(*lines: str) -> None:
    """Draw the block "What to notice": two or three short lines of Markdown, with the current numbers in them."""
    with st.container(key="notice", border=False):
        st.markdown("**What to notice**\n" + "".join(f"\n- {line}" for line in lines))


def onward(name: str) -> None:
    """Draw the page's foot: a link to the page after `name` in the course, or home; "Start afresh"; the source code.

    Every page's last call: it also writes the page's URL.
    """
    index = [page.name for page in PAGES].index(name)
    following = PAGES[(index + 1) % len(PAGES)]
    st.space("small")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="page_foot"):
        link(
            following, label=f"Next: {following.question}" if following is not PAGES[0] else "Back to the map of pages"
        )
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            page_state.start_afresh()
            source_code.button(name)
    page_state.end()
