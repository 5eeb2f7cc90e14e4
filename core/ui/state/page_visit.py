"""A visit of a page: opened by a link or as the session left it, drawn in runs, started afresh."""

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.ui.state import kept_page, link_faults, page_url, query
from core.ui.state.kept_page import PageState, Prescribed, Url, current, state_of
from core.ui.state.old_links import translated
from core.ui.state.url_values import quoted

MAX_NAMES = 5  # of a link's settings that are not used, in one message


def enter(
    name: str,
    top: DeltaGenerator | None = None,
    prescribed: Prescribed | None = None,
    beside: Mapping[str, str] | None = None,
) -> PageState:
    """Begin a full run of the page `name`: take its texts from the link, or from the session without one.

    Args:
        name: The page's name.
        top: Where messages about invalid values are shown.
        prescribed: What a step of a lesson sets on this page.
        beside: Parameters of the URL that are no page's.

    Returns:
        The page's state.
    """
    state = state_of(name)
    state.beside = dict(beside or {})
    state.fixed = prescribed.fixed if prescribed else {}
    state.top = top
    is_opened = kept_page.name_now() != name
    own = [key for key in st.query_params if key not in state.fixed and state.owns(key)]
    given = translated({key: st.query_params.get_all(key) for key in own})
    written = [page_url.free(state, url) for url in (state.url, *state.seen)]
    if state.running:
        _undo_reading(state)
    if is_opened:
        state.visits += 1
        state.seen = []
        link_faults.clear(state)
        if given and given != written[0]:
            _open_link(state, given)
        else:
            state.waiting = set(state.texts)
        state.opened_with = given
        kept_page.set_now(name)  # last: a run that is cut off before has opened nothing
    elif state.refused_at not in (None, state.url):
        link_faults.clear(state)
    if not is_opened and given not in written and given != state.opened_with:
        # A link from the page to itself. An earlier URL, sent with a click that overtook the newest, is ignored.
        state.generation += 1
        _open_link(state, given)
    _prescribe(state, prescribed)
    state.shown, state.is_cut_short = set(), False
    state.at_start = frozenset(state.linked), frozenset(state.waiting)
    state.running = True
    link_faults.show(state)
    return state


def _undo_reading(state: PageState) -> None:
    """Take what the run before read of its link as not read: it was cut off, perhaps before it used what it read."""
    linked, waiting = state.at_start
    state.linked |= linked
    state.waiting |= waiting


def _prescribe(state: PageState, prescribed: Prescribed | None) -> None:
    """Open the page as a step of a lesson says, unless it did so already; what the link sets besides stays."""
    name = prescribed.name if prescribed else ""
    if prescribed and name != state.step:
        given = {key: text for key, text in state.texts.items() if key in state.linked}
        state.start = prescribed.start
        if prescribed.start:
            state.generation += 1
            _open_link(state, {**prescribed.start, **given})
        state.facts = {}
    state.step = name
    state.texts |= state.fixed
    state.waiting |= state.fixed.keys() - state.shown


def _open_link(state: PageState, given: Url) -> None:
    forget(state)
    link_faults.clear(state)
    state.texts = dict(given)
    state.linked, state.waiting = set(given), set(given)
    state.is_opening = True
    state.seen.append(given)


def finish(state: PageState) -> None:
    """End a full run of the page: write the texts that it has used to the URL, and nothing else.

    What else a link sets (a misspelled key, a setting in a tab that is not open) leaves the URL, and is named; not
    where the page could not be drawn, for whoever loads it again.
    """
    url = page_url.of(state)
    if state.is_cut_short:
        url |= {key: text for key, text in state.texts.items() if key in state.linked and page_url.fits(text)}
    elif state.is_opening:
        _report_unused(sorted(state.linked - state.shown))
    state.is_opening &= state.is_cut_short
    state.running, state.opened_with = False, None
    page_url.send(state, url)
    if state.refused and state.refused_at is None:
        state.refused_at = state.url


def _report_unused(keys: Sequence[str]) -> None:
    """Report at the top of the page which settings of its link the page has not used."""
    if keys:
        names = ", ".join(map(quoted, keys[:MAX_NAMES])) + ", …" * (len(keys) > MAX_NAMES)
        query.report(f"The link also sets {names}: nothing that the page shows now uses it.", failed=False)


def cut_short() -> None:
    """Note that the rest of the page cannot be drawn: what its link sets there stays in the URL."""
    current().is_cut_short = True


def forget(state: PageState) -> None:
    """Drop the session's values under the page's keys: of widgets, and the page's own."""
    if state.prefix:
        for key in [key for key in st.session_state if isinstance(key, str) and key.startswith(state.prefix)]:
            del st.session_state[key]


def restart() -> None:
    """Reset the page's settings to a first visit. For callbacks."""
    state = current()
    forget(state)
    state.generation += 1
    link_faults.clear(state)
    state.texts = {**state.start, **state.fixed}
    state.linked, state.waiting = set(), set(state.texts)
    state.at_start = frozenset(), frozenset()
