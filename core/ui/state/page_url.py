"""The URL of a page: the texts of the settings that it shows, in the address bar and in links to it."""

from urllib.parse import urlencode

import streamlit as st

from core.ui.state.kept_page import PageState, Url, current, state_of

MAX_LENGTH = 6_000  # characters of one value
MAX_SEEN = 50  # URLs of one visit


def address() -> str:
    """Return the whole link that reproduces the page as it is now."""
    state = current()
    url = of(state) | state.beside
    return f"{(st.context.url or '').split('?')[0]}{f'?{urlencode(url)}' if url else ''}"


def link_to(page: str, **changes: str) -> Url:
    """Return the parameters of a link to another page: its settings in this session, with `changes`."""
    return {key: text for key, text in state_of(page).texts.items() if fits(text)} | changes


def fits(text: str) -> bool:
    """Return whether a URL holds the text of a setting; a longer one is kept only in the session."""
    return len(text) <= MAX_LENGTH


def of(state: PageState) -> Url:
    """Return the page's part of the URL: what it shows now, without what a lesson fixes."""
    texts = free(state, state.texts)
    return {key: text for key, text in texts.items() if key in state.shown and fits(text)}


def free(state: PageState, texts: Url) -> Url:
    """Return the texts that no lesson fixes."""
    return {key: text for key, text in texts.items() if key not in state.fixed}


def send(state: PageState, url: Url) -> None:
    """Write `url` to the browser's address bar, in one message and only if it changed."""
    state.url = url
    if url not in state.seen:
        state.seen = [*state.seen[1 - MAX_SEEN :], url]
    url = url | state.beside
    if {key: st.query_params.get_all(key) for key in st.query_params} != {key: [text] for key, text in url.items()}:
        st.query_params.from_dict(url)
