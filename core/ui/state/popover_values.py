"""Values of settings in a popover, which the browser would put back.

While a popover is closed, the browser keeps the values that its widgets had when it was open, does not see the values
that Python sets (undo, a preset, a loaded file), and sends its own again with the next change anywhere. So a value set
by Python gets a new widget, with a key of its own: the browser knows no earlier value of it. The setting's own key then
holds the widget's value, for all that read or set it there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator_singletons import get_last_dg_added_to_context_stack

from core.ui.state import kept_page
from core.ui.state.kept_page import FoldedValue


@dataclass(frozen=True, slots=True)
class Widget:
    """What the widget of a setting is drawn with."""

    key: str
    on_change: Callable[[], None] | None


def begin(key: str, on_change: Callable[[], None] | None) -> Widget:
    """Return what to draw the widget of the setting `key` with. Its value is in the session."""
    if not _is_in_popover():
        return Widget(key, on_change)
    value = st.session_state[key]
    folded = kept_page.current().folded.setdefault(key, FoldedValue(value, value))
    if value not in (folded.drawn, folded.sent):
        for name in (key, folded.widget_key(key)):
            st.session_state.pop(name, None)  # with what the browser may still send
        folded.generation += 1
        st.session_state[key] = value
    name = folded.widget_key(key)
    if name not in st.session_state:
        st.session_state[name] = value
    return Widget(name, partial(_changed, key, folded.generation, on_change))


def end(key: str, value: Any) -> None:
    """Note the value that the widget of `key` was drawn with."""
    if _is_in_popover():
        folded = kept_page.current().folded[key]
        folded.drawn = folded.sent = value
        if folded.generation:
            st.session_state[key] = value


def _is_in_popover() -> bool:
    """Return whether what is drawn now lies in a popover, at any depth. Streamlit has no public way to ask."""
    block = get_last_dg_added_to_context_stack()
    return block is not None and "popover" in block._ancestor_block_types


def _changed(key: str, generation: int, then: Callable[[], None] | None) -> None:
    """Take the value that was chosen in the browser; not one of a widget that is no longer drawn."""
    folded = kept_page.current().folded.get(key)
    if folded is None or folded.generation != generation:
        return
    folded.sent = st.session_state[folded.widget_key(key)]
    if generation:
        st.session_state[key] = folded.sent
    if then:
        then()
