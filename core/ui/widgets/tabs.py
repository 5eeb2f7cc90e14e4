"""Tabs of which only the open one does any work, and the like of them for pages that redraw themselves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.ui.state import settings
from core.ui.state.fields import Choice


def show(key: str, contents: Mapping[str, Callable[[], None]], names: Sequence[str]) -> None:
    """Draw a tab for each title of `contents`, and what the open one holds.

    Args:
        key: Of the tabs, in the URL too.
        contents: By a tab's title: what draws it.
        names: Of the tabs in the URL, in their order. They never change, whatever the titles become.
    """
    titles = list(contents)
    setting = _Titles("Tab", titles, names)
    settings.begin(key, setting, titles[0])
    places = st.tabs(titles, key=key, on_change="rerun")
    settings.end(key, setting, titles[0], st.session_state[key])
    for place, draw in zip(places, contents.values(), strict=True):
        if place.open:
            with place:
                draw()


def pick(key: str, label: str, contents: Mapping[str, Callable[[], None]], names: Sequence[str], *, help: str) -> None:
    """As `show`, with names to press instead of tabs: for a page on which something trains and is drawn anew.

    At every tick a tab walks through all that it holds, to see what of it takes the focus: what that costs stands in
    docs/performance.md.
    """
    titles = list(contents)
    setting = _Titles(label, titles, names)
    settings.begin(key, setting, titles[0])
    title = st.pills(label, titles, default=titles[0], required=True, key=key, help=help, label_visibility="collapsed")
    settings.end(key, setting, titles[0], title)
    contents[title]()


@dataclass(frozen=True, slots=True)
class _Titles:
    """One of some titles, each with its name in the URL."""

    label: str
    titles: Sequence[str]
    names: Sequence[str]

    def read(self, text: str) -> str:
        """Return the title that a link's text names. Raises Refused."""
        return dict(zip(self.names, self.titles, strict=True))[Choice(self.label, self.names).read(text)]

    def write(self, title: str) -> str:
        """Return a title's name in the URL."""
        return self.names[self.titles.index(title)]
