"""Tabs of which only the open one does any work, and the like of them for pages that redraw themselves."""

from collections.abc import Callable, Mapping
from typing import Literal

import streamlit as st

from core.ui.state import settings


def show(key: str, contents: Mapping[str, Callable[[], None]], *, linked: bool = True) -> None:
    """Draw a tab a name, and what the open one holds; where it is `linked` the URL says which that is."""
    bind: Literal["query-params"] | None = "query-params" if linked else None
    for place, draw in zip(
        st.tabs(list(contents), key=key, on_change="rerun", bind=bind), contents.values(), strict=True
    ):
        if place.open:
            with place:
                draw()


def pick(key: str, label: str, contents: Mapping[str, Callable[[], None]], *, help: str, linked: bool = True) -> None:
    """As `show`, with names to press instead of tabs: for a page on which something trains and is drawn anew.

    At every tick a tab walks through all that it holds, to see what of it takes the focus: what that costs stands in
    docs/performance.md.
    """
    bind = settings.binding(key) if linked else None
    names = list(contents)
    name = st.pills(
        label, names, default=names[0], required=True, key=key, help=help, bind=bind, label_visibility="collapsed"
    )
    contents[name]()
