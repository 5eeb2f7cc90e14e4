"""Which pages of the course were visited: the line under the app's word mark, and the ticks on home.

They are kept for the session, and in a cookie for the next one.
"""

import json
from functools import cache
from pathlib import Path

import streamlit as st

from core.ui.display import colors
from core.ui.layout.navigation import PAGES

COOKIE = "cnnlab_visited"
COOKIE_DAYS = 400  # browsers keep cookies no longer
KEY = "visited"  # in the session
COURSE = tuple(page.name for page in PAGES[1:])
WORD_MARK = Path(__file__).with_name("word_mark.svg")  # in outlines: a picture cannot use the page's fonts
WIDTH, GAP, TOP, HEIGHT = 152, 2, 28, 4  # px: of the line, between its segments, and where they stand
QUIET = 0.22  # opacity of a segment whose page was not visited


def visit(name: str) -> None:
    """Note that the page `name` is open; any other name than a course page's changes nothing."""
    st.session_state[KEY] = visited() | ({name} & set(COURSE))


def visited() -> frozenset[str]:
    """Return the names of the course's pages that were visited, in this session or in an earlier one."""
    if KEY not in st.session_state:
        st.session_state[KEY] = _stored()
    return frozenset(st.session_state[KEY])


def word_mark() -> None:
    """Draw the app's name atop the sidebar, over a line with a segment for each page, filled where it was visited."""
    st.logo(_drawing(visited(), colors.INK[colors.theme()]), size="large")


def remember() -> None:
    """Store the visited pages in the browser, unless they are stored already. Call it at the end of every run."""
    found = visited()
    if found == _stored():
        return
    cookie = f"{COOKIE}={'.'.join(name for name in COURSE if name in found)}; path=/; "
    cookie += f"max-age={COOKIE_DAYS * 24 * 3600}; samesite=lax"
    script = f"document.cookie = {json.dumps(cookie)} + (location.protocol === 'https:' ? '; secure' : '')"
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


def _stored() -> frozenset[str]:
    """Return the pages in the cookie that came with this session; names that are no page's are left out."""
    return frozenset(st.context.cookies.get(COOKIE, "").strip('"').split(".")) & frozenset(COURSE)


@cache
def _outlines() -> str:
    return WORD_MARK.read_text(encoding="utf-8").strip()


def _drawing(found: frozenset[str], ink: str) -> str:
    """Return the word mark and its line as SVG."""
    wide = (WIDTH + GAP) / len(COURSE) - GAP
    segments = "".join(
        f'<rect x="{index * (wide + GAP):.1f}" y="{TOP}" width="{wide:.1f}" height="{HEIGHT}" fill="{ink}" '
        f'fill-opacity="{1 if name in found else QUIET}"/>'
        for index, name in enumerate(COURSE)
    )
    return _outlines().replace("INK", ink).replace("SEGMENTS", segments)
