"""What a page holds, as text by key: read from the URL, kept for the session, and written back to the URL.

Every key of a page begins with the page's letters ("m_" for mnist), in the URL as in the session. A key's text is its
value, canonical and short; a default is left out. The session keeps the texts of each page, so that a page that comes
up with a bare URL is as it was left; the URL holds those that the page shows now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.ui import messages
from core.ui.messages import Markdown
from core.ui.state.fields import LONGEST, Choice, Field, Number, Refused, plain, quoted
from core.ui.state.old_links import translated

PREFIXES = {
    "kernels": "k_",
    "frequency": "f_",
    "filters": "l_",
    "layer_calculator": "c_",
    "pooling": "p_",
    "mnist": "m_",
    "augmentation": "a_",
    "invariance": "i_",
    "anatomy": "n_",
    "cifar": "ci_",
}
LONGEST_IN_URL = 6_000  # characters of one value; a longer one is kept in the session alone
MOST_LINES = 5  # of refused values on the screen
MOST_SEEN = 50  # URLs of one visit
_STATES, _NOW = "page_states", "page_now"  # in the session
SCRIPT = ""  # what a script is called that is no page of the app, as in a test
Url = dict[str, str]


@dataclass(slots=True)
class PageState:
    """One page in one session."""

    name: str
    texts: Url = field(default_factory=dict)  # by key; a default is left out
    linked: set[str] = field(default_factory=set)  # keys whose text came in a link and was not read yet
    waiting: set[str] = field(default_factory=set)  # keys that the page came up with and has not used yet
    shown: set[str] = field(default_factory=set)  # keys that the page has used since it last ran whole
    refused: list[Markdown] = field(default_factory=list)  # sentences, on the screen until a setting is changed
    failed: bool = False  # whether one of them is of a whole network or pipeline
    refused_at: Url | None = None  # the URL when they came up
    url: Url = field(default_factory=dict)  # as last written
    seen: list[Url] = field(default_factory=list)  # URLs of this visit, the newest last
    generation: int = 0  # how often the page was started afresh: a component with a new key forgets
    top: DeltaGenerator | None = None  # the place for what is refused
    running: bool = False  # whether the whole page runs, so that the URL is written at its end

    @property
    def prefix(self) -> str:
        """Return the first letters of the page's keys; none for a script that is no page."""
        return PREFIXES.get(self.name, "")


def current() -> PageState:
    """Return the state of the page that runs; a script that is no page of the app has one too."""
    name = st.session_state.get(_NOW)
    if name is None:
        enter(SCRIPT).running = False
        name = SCRIPT
    found: PageState = st.session_state[_STATES][name]
    return found


def state_of(name: str) -> PageState:
    """Return a page's state in this session."""
    found: PageState = st.session_state.setdefault(_STATES, {}).setdefault(name, PageState(name))
    return found


def enter(name: str, top: DeltaGenerator | None = None) -> PageState:
    """Begin a run of the whole page `name`: take its texts from a link, or from the session where there is none.

    What a link cannot bring is said in `top`.
    """
    state = state_of(name)
    state.top = top
    comes_up = st.session_state.get(_NOW) != name
    st.session_state[_NOW] = name
    own = [key for key in st.query_params if name == SCRIPT or (state.prefix and key.startswith(state.prefix))]
    given = translated({key: st.query_params.get_all(key) for key in own})
    if comes_up:
        state.seen = []
        _clear_refused(state)
        if given and given != state.url:
            _open_link(state, given)
        else:
            state.waiting = set(state.texts)
    elif state.refused_at not in (None, state.url):
        _clear_refused(state)
    if not comes_up and given != state.url and given not in state.seen:
        # A link to the page from itself. A URL of before comes with a click that overtook the newest: it is behind.
        state.generation += 1
        _open_link(state, given)
    state.shown = set()
    state.running = True
    _show_refused(state)
    return state


def _open_link(state: PageState, given: Url) -> None:
    forget(state)
    _clear_refused(state)
    state.texts = dict(given)
    state.linked, state.waiting = set(given), set(given)
    state.seen.append(given)


def finish(state: PageState) -> None:
    """End a run of the whole page: the URL holds what the page has used, and nothing else."""
    state.running = False
    _send(state, {key: state.texts[key] for key in state.texts if key in state.shown and _fits(state.texts[key])})
    if state.refused and state.refused_at is None:
        state.refused_at = state.url


def forget(state: PageState) -> None:
    """Drop what the session holds under the page's keys: widgets' values, and what the page put there itself."""
    if state.prefix:
        for key in [key for key in st.session_state if isinstance(key, str) and key.startswith(state.prefix)]:
            del st.session_state[key]


def restart() -> None:
    """Put the page's settings back to a first visit. For callbacks."""
    state = current()
    forget(state)
    state.generation += 1
    _clear_refused(state)
    state.texts = {}
    state.linked, state.waiting = set(), set()


def read(key: str) -> str | None:
    """Return the text of `key`; None where it has none."""
    state = current()
    state.shown.add(key)
    state.linked.discard(key)
    state.waiting.discard(key)
    return state.texts.get(key)


def take(key: str) -> str | None:
    """Return the text of `key` when the page has just come up with it, once; None afterwards."""
    state = current()
    state.shown.add(key)
    if key not in state.waiting:
        return None
    return read(key)


def is_linked(key: str) -> bool:
    """Return whether the text of `key` came in a link and was not read yet."""
    return key in current().linked


def write(key: str, text: str | None) -> None:
    """Keep the text of `key` and put it in the URL; None leaves it out. A text too long for a URL is only kept."""
    state = current()
    state.shown.add(key)
    state.linked.discard(key)
    state.waiting.discard(key)
    if text is None:
        state.texts.pop(key, None)
    else:
        state.texts[key] = text
    if not state.running:
        url = {name: known for name, known in state.url.items() if name != key}
        _send(state, url | ({key: text} if text is not None and _fits(text) else {}))


def texts_of(keys: Iterable[str]) -> Url:
    """Return the texts of those keys that have one."""
    texts = current().texts
    return {key: texts[key] for key in keys if key in texts}


def put_back(keys: Iterable[str], texts: Mapping[str, str]) -> None:
    """Give widgets the values that `texts_of` returned for their keys. For callbacks: before they are drawn."""
    state = current()
    for key in keys:
        st.session_state.pop(key, None)
        state.texts.pop(key, None)
        if key in texts:
            state.texts[key] = texts[key]


def value(key: str, setting: Field, default: Any) -> Any:
    """Return the value of `key`, or `default` where its text is none of the setting's values, which is said."""
    linked = is_linked(key)
    text = read(key)
    if text is None:
        return default
    if not linked and isinstance(setting, Number):
        setting = replace(setting, step=0)  # the page itself wrote it: a loaded experiment's value may be off the step
    try:
        if len(text) > LONGEST:
            raise Refused(f"is longer than {LONGEST:,} characters")
        return setting.read(text)
    except Refused as reason:
        write(key, None)
        if linked:
            used = setting.format(default) if isinstance(setting, Choice) else plain(default)
            refuse(setting.label, text, str(reason), used or "nothing")
        return default


def refuse(label: str, text: str, reason: str, used: str) -> None:
    """Say at the top of the page that a link's value cannot be, and what is used in its place."""
    report(Markdown("{} {} {}: {} is used.").format(label, quoted(text), reason, used), failed=False)


def report(text: object, *, failed: bool = True) -> None:
    """Say at the top of the page what is wrong with its link; `failed` where it is not a single setting."""
    sentence = messages.escaped(text)
    state = current()
    state.failed |= failed
    if sentence not in state.refused:
        state.refused.append(sentence)
        _show_refused(state)


def _clear_refused(state: PageState) -> None:
    state.refused, state.refused_at, state.failed = [], None, False


def _show_refused(state: PageState) -> None:
    """Draw the sentences about values that cannot be."""
    if state.top is None or not state.refused:
        return
    more = len(state.refused) - MOST_LINES
    lines = [*state.refused[:MOST_LINES], *([Markdown(f"And {more} more.")] if more > 0 else [])]
    show = messages.error if state.failed else messages.warning
    with state.top:
        show(Markdown("  \n".join(lines)), icon=":material/link_off:")


def string() -> str:
    """Return the URL's part that reproduces the page as it is now: "?k_kernel=box", or empty."""
    state = current()
    url = {key: text for key, text in state.texts.items() if key in state.shown and _fits(text)}
    return f"?{urlencode(url)}" if url else ""


def address() -> str:
    """Return the whole link that reproduces the page as it is now."""
    return f"{(st.context.url or '').split('?')[0]}{string()}"


def link_to(page: str, **changes: str) -> Url:
    """Return the parameters of a link to another page that keep what the person has set there, but for `changes`."""
    return {key: text for key, text in state_of(page).texts.items() if _fits(text)} | changes


def _fits(text: str) -> bool:
    return len(text) <= LONGEST_IN_URL


def _send(state: PageState, url: Url) -> None:
    """Put `url` in the browser's address bar, in one message and only where it is another."""
    state.url = url
    if url not in state.seen:
        state.seen = [*state.seen[1 - MOST_SEEN :], url]
    if {key: st.query_params.get_all(key) for key in st.query_params} != {key: [text] for key, text in url.items()}:
        st.query_params.from_dict(url)
