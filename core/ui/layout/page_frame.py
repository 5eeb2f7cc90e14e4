"""Draw the frame of every page: title line, control row, stage, the sentence on what to notice, and the foot.

The first screen of a page, at 1440 x 900 and at 1280 x 720 px: the title line is at most 56 px high and begins 24 px
from the top; the one control row is at most 56 px high; the stage, the moving picture, begins at most 150 px from the
top; what to notice stands beside or right under it. tests/browser/first_screen.py measures this.
"""

import re
from pathlib import Path

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from core.runs.run import StoreUnavailable
from core.ui import messages
from core.ui.backend import identity
from core.ui.layout import class_notice, copy_link, lesson_bar, source_code, visited_pages
from core.ui.layout.navigation import NAVIGATED, PAGES, Page, configure, find, link, navigation, open_page
from core.ui.state import lesson_state, page_state, page_visit, query

STYLE = Path(__file__).with_name("page_frame.css")
TITLE, CONTROLS = 46, 48  # px: 8 less than they are high, so that 8 are left to what follows, not Streamlit's 16
NOTICE = 40  # px: of one line, and of what opens more; it may take more
_TAG = re.compile(r"\\?<(?=[a-zA-Z/!?])")  # where Markdown sees one begin, escaped or not


def page(name: str, *styles: Path) -> Page:
    """Begin the page `name`: draw its title and its sentence, with its style sheets. Every page's first call.

    On a fresh server Streamlit runs a deep link's file without app.py, until some session has called st.navigation.
    Then this function calls it and reruns the page, with its query parameters kept.
    """
    if not st.session_state.get(NAVIGATED):
        configure()
        st.html(STYLE)  # the sidebar's width: this run draws nothing else
        navigation()
        st.rerun()
    if identity.must_sign_in():  # app.py asks for it before any page runs: no page runs without it either
        st.stop()
    begins = lesson_state.enter()
    lesson = lesson_state.current()
    if begins and lesson is not None and lesson.step.page != name:
        open_page(lesson.step.page)
    visited_pages.visit(name)
    visited_pages.word_mark()
    current = find(name)
    top = st.empty()
    class_notice.show(name)
    with st.container(key="title_line", gap=None, height=TITLE, border=False):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="title_row"):
            # Streamlit keeps 40 px for an element until its own script is there: in this row it moves little.
            with st.container(key="unseen_parts", width="content", gap=None):
                page_state.begin(name, top)
                if fault := lesson_state.unknown():
                    query.report(fault, failed=False)
                _style(STYLE, *styles)
            st.title(current.question, anchor=False, width="stretch")
            _place(current)
            copy_link.show()
        st.markdown(Markup('<p class="lead">{}</p>').format(current.sentence), unsafe_allow_html=True)
    lesson_bar.show(name)
    return current


def _style(*sheets: Path) -> None:
    """Send style sheets as an element of the page: Streamlit puts one that is nothing but a style above the page."""
    text = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    st.html(Markup("<i></i><style>{}</style>").format(Markup(text)))


def _place(current: Page) -> None:
    """Draw where the page stands in the course, between links to the pages before and after it; nothing elsewhere."""
    number = PAGES.index(current) if current in PAGES else 0
    if number == 0:  # home, which is not a page of the course
        return
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", width="content", wrap=False, key="place"
    ):
        link(PAGES[number - 1], label=PAGES[number - 1].short, icon=":material/chevron_left:")
        st.caption(f"{number} of {len(PAGES) - 1}", width="content")
        if number + 1 < len(PAGES):
            after = PAGES[number + 1]
            link(after, label=after.short, icon=":material/chevron_right:", icon_position="right")


def controls() -> DeltaGenerator:
    """Return the container of the page's one control row: labels over controls, side by side, at most 56 px high."""
    return st.container(
        horizontal=True, vertical_alignment="bottom", gap="medium", key="controls", height=CONTROLS, border=False
    )


def stage(high: int | None = None) -> DeltaGenerator:
    """Return the container of the page's moving picture.

    Args:
        high: Its height in px at 1440 x 900, which it then has there before anything is in it, so that nothing below
            moves; it may be exceeded. None if it is not known.
    """
    return (st if high is None else room("stage", high)).container(key="stage", gap="small")


def room(name: str, high: int) -> DeltaGenerator:
    """Return a container that is `high` px high at 1440 x 900 before anything is in it, and higher where it must be."""
    return st.container(key=f"room_{name}", height=high, border=False, gap=None)


def notice(sentence: str, *more: str) -> None:
    """Draw what to notice: one sentence of Markdown that answers the last change, and `more` of them on demand.

    Screen readers say the sentence when it changes.
    """
    with st.container(
        key="notice", horizontal=True, vertical_alignment="center", gap="small", height=NOTICE, border=False
    ):
        st.markdown(_live(sentence), unsafe_allow_html=True, width="stretch")
        if more:
            with st.popover("More", type="tertiary", help="What else there is to notice", key="notice_more"):
                st.markdown("\n".join(f"- {line}" for line in more))


def _live(sentence: str) -> Markup:
    """Return Markdown in a live region; tags in it stay text, as they do without one."""
    return Markup('<div role="status">\n\n{}\n\n</div>').format(Markup(_TAG.sub("&lt;", sentence)))


def unavailable(error: StoreUnavailable) -> None:
    """Say why the rest of the page cannot be drawn. Its link stays as it is, for whoever loads the page again."""
    messages.error(error)
    page_visit.cut_short()


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
