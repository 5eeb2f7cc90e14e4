"""Tabs of which only the open one is computed, and segments that do the same for the views within a tab."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.ui.state import query, settings
from core.ui.state.url_values import Choice


def show(
    key: str, contents: Mapping[str, Callable[[], None]], names: Sequence[str], default: str | None = None
) -> None:
    """Draw a tab for each title of `contents`, and the contents of the open one; where a lesson fixes it, only these.

    Args:
        key: The tabs' key, also in the URL.
        contents: By a tab's title, the function that draws it.
        names: The tabs' names in the URL, in the same order. They stay when a title is reworded.
        default: The name of the tab that opens without one in the URL; the first by default.
    """
    titles = list(contents)
    setting = _Titles("Tab", titles, names)
    first = setting.read(default or names[0])
    settings.begin(key, setting, first)
    if query.is_fixed(key):
        contents[st.session_state[key]]()
        return
    drawn_tabs = st.tabs(titles, key=key, on_change="rerun")
    settings.end(key, setting, first, st.session_state[key])
    for tab, draw in zip(drawn_tabs, contents.values(), strict=True):
        if tab.open:
            with tab:
                draw()


def pick(key: str, label: str, contents: Mapping[str, Callable[[], None]], names: Sequence[str], *, help: str) -> None:
    """Do the same as `show` with segments instead of tabs: the views of one thing, within a tab."""
    titles = list(contents)
    setting = _Titles(label, titles, names)
    settings.begin(key, setting, titles[0])
    if query.is_fixed(key):
        contents[st.session_state[key]]()
        return
    title = st.segmented_control(
        label, titles, default=titles[0], required=True, key=key, help=help, label_visibility="collapsed"
    )
    settings.end(key, setting, titles[0], title)
    contents[title]()


@dataclass(frozen=True, slots=True)
class _Titles:
    """A choice of titles, each with its name in the URL."""

    label: str
    titles: Sequence[str]
    names: Sequence[str]

    def read(self, text: str) -> str:
        """Return the title for the text of a link. Raises Refused."""
        return dict(zip(self.names, self.titles, strict=True))[Choice(self.label, self.names).read(text)]

    def write(self, title: str) -> str:
        """Return a title's name in the URL."""
        return self.names[self.titles.index(title)]
