"""Draw the frame of every page: title line, control row, stage, the sentence on what to notice, and the foot.

The first screen of a page, at 1440 x 900 and at 1280 x 720 px: the title line is at most 56 px high and begins 24 px
from the top; the one control row is at most 56 px high; the stage, the moving picture, begins at most 150 px from the
top; what to notice stands beside or right under it. tests/browser/test_first_screen.py measures this.
"""

from pathlib import Path

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from core.ui.backend import identity
from core.ui.layout import class_notice, lesson_bar, progress, source_code, title_tools
from core.ui.layout.navigation import NAVIGATED, PAGES, Page, configure, find, link, navigation, open_page
from core.ui.state import lesson_state, page_state, query

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
    if identity.must_sign_in():  # app.py asks for it before any page runs: no page runs without it either
        st.stop()
    begins = lesson_state.enter()
    lesson = lesson_state.current()
    if begins and lesson is not None and lesson.step.page != name:
        open_page(lesson.step.page)
    page_state.begin(name)
    if fault := lesson_state.unknown():
        query.report(fault, failed=False)
    progress.visit(name)
    progress.word_mark()
    current = find(name)
    st.html(STYLE)
    class_notice.show(name)
    with st.container(key="title_line", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="title_row"):
            st.title(current.question, anchor=False, width="stretch")
            _place(current)
            title_tools.show()
        st.markdown(Markup('<p class="lead">{}</p>').format(current.sentence), unsafe_allow_html=True)
    lesson_bar.show(name)
    return current


def _place(current: Page) -> None:
    """Draw where the page stands in the course, between links to the pages before and after it; nothing elsewhere."""
    number = PAGES.index(current) if current in PAGES else 0
    if number == 0:  # home, which is not a page of the course
        return
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", width="content", wrap=False, key="place"
    ):
        link(PAGES[number - 1], label=PAGES[number - 1].label, icon=":material/chevron_left:")
        st.caption(f"{number} of {len(PAGES) - 1}", width="content")
        if number + 1 < len(PAGES):
            after = PAGES[number + 1]
            link(after, label=after.label, icon=":material/chevron_right:", icon_position="right")


def controls() -> DeltaGenerator:
    """Return the container of the page's one control row: labels over controls, side by side, at most 56 px high."""
    return st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="controls")


def stage() -> DeltaGenerator:
    """Return the container of the page's moving picture."""
    return st.container(key="stage", gap="small")


def notice(sentence: str, *more: str) -> None:
    """Draw what to notice: one sentence of Markdown that answers the last change, and `more` of them on demand."""
    with st.container(key="notice", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(sentence, width="stretch")
        if more:
            with st.popover("More", type="tertiary", help="Shows what else there is to notice", key="notice_more"):
                st.markdown("\n".join(f"- {line}" for line in more))


def onward(name: str) -> None:
    """Draw the page's foot: a link to the page after `name` in the course, or home; "Start afresh"; the source code.

    Every page's last call: it also writes the page's URL.
    """
    current = find(name)
    following = PAGES[(PAGES.index(current) + 1) % len(PAGES)] if current in PAGES else PAGES[0]
    st.space("small")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="page_foot"):
        link(
            following, label=f"Next: {following.question}" if following is not PAGES[0] else "Back to the map of pages"
        )
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            page_state.start_afresh()
            source_code.button(name)
    page_state.end()
