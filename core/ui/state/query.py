"""Hold each page's settings as text by key: read them from the URL, keep them for the session, write them back.

Every key of a page begins with the page's prefix ("m_" for mnist), in the URL and in the session. A key's text is its
value, canonical and short; defaults are left out. The session keeps the texts of each page, so that a page opened with
a bare URL is as it was left; the URL holds the texts of the settings that the page shows now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.ui.messages import Markdown
from core.ui.state import link_faults
from core.ui.state.kept_page import SCRIPT, PageState, Prescribed, Url
from core.ui.state.old_links import translated
from core.ui.state.url_values import MAX_LENGTH, Choice, Field, Number, Refused, plain, quoted

MAX_LENGTH_IN_URL = 6_000  # characters of one value; a longer one is kept only in the session
MAX_SEEN = 50  # URLs of one visit
MAX_NAMES = 5  # of a link's settings that are not used, in one message
_STATES, _NOW = "page_states", "page_now"  # in the session


def current() -> PageState:
    """Return the state of the running page, or of a script that is not a page."""
    name = st.session_state.get(_NOW)
    if name is None:
        enter(SCRIPT).running = False
        name = SCRIPT
    state: PageState = st.session_state[_STATES][name]
    return state


def state_of(name: str) -> PageState:
    """Return a page's state in this session."""
    state: PageState = st.session_state.setdefault(_STATES, {}).setdefault(name, PageState(name))
    return state


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
    is_opened = st.session_state.get(_NOW) != name
    own = [key for key in st.query_params if key not in state.fixed and (name == SCRIPT or state.owns(key))]
    given = translated({key: st.query_params.get_all(key) for key in own})
    written = [_free(state, url) for url in (state.url, *state.seen)]
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
        st.session_state[_NOW] = name  # last: a run that is cut off before has opened nothing
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
    url = _url(state)
    if state.is_cut_short:
        url |= {key: text for key, text in state.texts.items() if key in state.linked and _fits(text)}
    elif state.is_opening:
        _report_unused(sorted(state.linked - state.shown))
    state.is_opening &= state.is_cut_short
    state.running, state.opened_with = False, None
    _send(state, url)
    if state.refused and state.refused_at is None:
        state.refused_at = state.url


def _report_unused(keys: Sequence[str]) -> None:
    """Report at the top of the page which settings of its link the page has not used."""
    if keys:
        names = ", ".join(map(quoted, keys[:MAX_NAMES])) + ", …" * (len(keys) > MAX_NAMES)
        report(f"The link also sets {names}: nothing that the page shows now uses it.", failed=False)


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


def is_fixed(key: str) -> bool:
    """Return whether a lesson fixes the text of `key`: its control is not drawn."""
    return key in current().fixed


def note_fact(name: str, value: float) -> None:
    """Note a figure of what the page shows now, by which a lesson's task is checked."""
    current().facts[name] = float(value)


def read(key: str) -> str | None:
    """Return the text of `key`; None without one."""
    state = current()
    state.shown.add(key)
    state.linked.discard(key)
    state.waiting.discard(key)
    return state.texts.get(key)


def take(key: str) -> str | None:
    """Return the text of `key` once after the page was opened with it; None afterwards."""
    state = current()
    state.shown.add(key)
    if key not in state.waiting:
        return None
    return read(key)


def keep_waiting(key: str) -> None:
    """Let `take` return the text of `key` once more, in the next run of the page: it could not be used now."""
    current().waiting.add(key)


def is_linked(key: str) -> bool:
    """Return whether the text of `key` came in a link and has not been read."""
    return key in current().linked


def write(key: str, text: str | None) -> None:
    """Keep the text of `key` and write it to the URL; None removes it. A text too long for a URL is only kept."""
    state = current()
    state.shown.add(key)
    state.linked.discard(key)
    state.waiting.discard(key)
    linked, waiting = state.at_start
    state.at_start = linked - {key}, waiting - {key}
    if key in state.fixed:
        return
    if text is None:
        state.texts.pop(key, None)
    else:
        state.texts[key] = text
    if not state.running:
        url = {name: known for name, known in state.url.items() if name != key}
        _send(state, url | ({key: text} if text is not None and _fits(text) else {}))


def texts_of(keys: Iterable[str]) -> Url:
    """Return the texts of the given keys that have one."""
    texts = current().texts
    return {key: texts[key] for key in keys if key in texts}


def put_back(keys: Iterable[str], texts: Mapping[str, str]) -> None:
    """Restore the texts that `texts_of` returned, before the widgets are drawn. For callbacks."""
    state = current()
    for key in keys:
        if key in state.fixed:
            continue
        st.session_state.pop(key, None)
        state.texts.pop(key, None)
        if key in texts:
            state.texts[key] = texts[key]


def value(key: str, setting: Field, default: Any) -> Any:
    """Return the value of `key`; where its text is invalid, report that and return `default`."""
    linked = is_linked(key)
    text = read(key)
    if text is None:
        return default
    if not linked and isinstance(setting, Number):
        setting = replace(
            setting, step=0
        )  # written by the page itself: a loaded experiment's value may lie between steps
    try:
        if len(text) > MAX_LENGTH:
            raise Refused(f"is longer than {MAX_LENGTH:,} characters")
        known = setting.read(text)
    except Refused as reason:
        write(key, None)
        if linked:
            used = setting.format(default) if isinstance(setting, Choice) else plain(default)
            refuse(setting.label, text, str(reason), used or "nothing")
        return default
    canonical = None if known == default else setting.write(known)
    if linked and canonical != text:
        write(key, canonical)
    return known


def refuse(label: str, text: str, reason: str, used: str) -> None:
    """Report at the top of the page that a link's value is invalid, and which value is used instead."""
    report(Markdown("{} {} {}: {} is used.").format(label, quoted(text), reason, used), failed=False)


def report(text: object, *, failed: bool = True) -> None:
    """Report at the top of the page what is wrong with its link; `failed` if it is more than a single setting."""
    link_faults.add(current(), text, failed=failed)


def string() -> str:
    """Return the query string that reproduces the page as it is now: "?k_kernel=box", or empty."""
    state = current()
    url = _url(state) | state.beside
    return f"?{urlencode(url)}" if url else ""


def address() -> str:
    """Return the whole link that reproduces the page as it is now."""
    return f"{(st.context.url or '').split('?')[0]}{string()}"


def link_to(page: str, **changes: str) -> Url:
    """Return the parameters of a link to another page: its settings in this session, with `changes`."""
    return {key: text for key, text in state_of(page).texts.items() if _fits(text)} | changes


def _fits(text: str) -> bool:
    return len(text) <= MAX_LENGTH_IN_URL


def _url(state: PageState) -> Url:
    """Return the page's part of the URL: what it shows now, without what a lesson fixes."""
    texts = _free(state, state.texts)
    return {key: text for key, text in texts.items() if key in state.shown and _fits(text)}


def _free(state: PageState, texts: Url) -> Url:
    """Return the texts that no lesson fixes."""
    return {key: text for key, text in texts.items() if key not in state.fixed}


def _send(state: PageState, url: Url) -> None:
    """Write `url` to the browser's address bar, in one message and only if it changed."""
    state.url = url
    if url not in state.seen:
        state.seen = [*state.seen[1 - MAX_SEEN :], url]
    url = url | state.beside
    if {key: st.query_params.get_all(key) for key in st.query_params} != {key: [text] for key, text in url.items()}:
        st.query_params.from_dict(url)
