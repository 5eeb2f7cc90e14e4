"""Tabs of which only the open one does any work; the URL says which that is."""

from collections.abc import Callable, Mapping

import streamlit as st


def show(key: str, contents: Mapping[str, Callable[[], None]]) -> None:
    """Draw a tab a name, and what the open one holds."""
    for place, draw in zip(
        st.tabs(list(contents), key=key, on_change="rerun", bind="query-params"), contents.values(), strict=True
    ):
        if place.open:
            with place:
                draw()
