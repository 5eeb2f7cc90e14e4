"""Tabs of which only the open one does any work."""

from collections.abc import Callable, Mapping
from typing import Literal

import streamlit as st


def show(key: str, contents: Mapping[str, Callable[[], None]], *, linked: bool = True) -> None:
    """Draw a tab a name, and what the open one holds; where it is `linked` the URL says which that is."""
    bind: Literal["query-params"] | None = "query-params" if linked else None
    for place, draw in zip(
        st.tabs(list(contents), key=key, on_change="rerun", bind=bind), contents.values(), strict=True
    ):
        if place.open:
            with place:
                draw()
