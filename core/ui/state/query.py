"""Read and write the running page's settings as text, by key.

Every key of a page begins with the page's prefix ("m_" for mnist), in the URL and in the session. A key's text is its
value, canonical and short; defaults are left out. The session keeps the texts of each page, so that a page opened with
a bare URL is as it was left; the URL holds the texts of the settings that the page shows now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from core.ui.messages import Markdown
from core.ui.state import link_faults, page_url
from core.ui.state.kept_page import Url, current
from core.ui.state.url_values import MAX_LENGTH, Choice, Field, Number, Refused, plain, quoted


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
        page_url.send(state, url | ({key: text} if text is not None and page_url.fits(text) else {}))


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
