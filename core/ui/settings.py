"""Widgets whose value is in the URL: a page's settings, their defaults in one table, so that a link reproduces a page.

A key is a setting's name in the URL too. Names are app-wide, so each page has its own first letters ("m_" for mnist).
A value equal to the default is left out of the URL. Of a choice the URL holds what is shown, as in
"m_budget=Same+parameters": who rewords an option breaks the links to it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, cast

import streamlit as st
from streamlit.errors import StreamlitAPIException

Width = int | Literal["stretch"]


def clean_link() -> None:
    """Take out of the URL every number that is infinite or none, before any widget is drawn.

    Streamlit's number field fails on them; what else a widget cannot be, it leaves aside itself.
    """
    cleaned = False
    for name in [name for name in st.query_params if not _can_be(name)]:
        with suppress(StreamlitAPIException):  # it belongs to a widget already: the person went back to this URL
            del st.query_params[name]
            cleaned = True
    if cleaned:
        st.rerun()  # the widgets read the URL as it was when the run began


def _can_be(key: str) -> bool:
    """Whether what the URL holds under `key` is a finite number, a word or nothing."""
    try:
        return math.isfinite(float(st.query_params.get(key, "")))
    except ValueError:
        return True


class Settings:
    """The settings of one page: each widget below takes its default from `defaults`, by its key."""

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        """`defaults`: every key of the page and its value on a fresh visit."""
        self.defaults = dict(defaults)

    def slider(
        self,
        key: str,
        label: str,
        low: float,
        high: float,
        *,
        step: float = 1,
        help: str,
        disabled: bool = False,
        width: Width = "stretch",
    ) -> Any:
        """A number on a line; a whole one when its default is whole. `width` in px, or that of its place."""
        kind = type(self.defaults[key])
        return st.slider(
            label,
            kind(low),
            kind(high),
            self.defaults[key],
            kind(step),
            key=key,
            help=help,
            disabled=disabled,
            bind="query-params",
            width=width,
        )

    def steps(
        self,
        key: str,
        label: str,
        options: Sequence[Any],
        *,
        help: str,
        format: Callable[[Any], str] = str,
        width: Width = "stretch",
    ) -> Any:
        """One of some values in their order. `width` in px, or that of its place."""
        return st.select_slider(
            label, options, self.defaults[key], format_func=format, key=key, help=help, bind="query-params", width=width
        )

    def choice(
        self,
        key: str,
        label: str,
        options: Sequence[str],
        *,
        help: str,
        format: Callable[[str], str] = str,
        label_visibility: Literal["visible", "hidden", "collapsed"] = "visible",
        on_change: Callable[[], None] | None = None,
    ) -> str:
        """One of some names, from a list that opens."""
        chosen = st.selectbox(
            label,
            options,
            options.index(self.defaults[key]),
            format_func=format,
            key=key,
            help=help,
            bind="query-params",
            label_visibility=label_visibility,
            on_change=on_change,
        )
        return chosen

    def segments(
        self,
        key: str,
        label: str,
        options: Sequence[Any],
        *,
        help: str,
        format: Callable[[Any], str] = str,
        label_visibility: Literal["visible", "hidden", "collapsed"] = "visible",
        on_change: Callable[[], None] | None = None,
    ) -> Any:
        """One of a few values, all in sight."""
        return st.segmented_control(
            label,
            options,
            default=self.defaults[key],
            required=True,
            format_func=format,
            key=key,
            help=help,
            bind="query-params",
            label_visibility=label_visibility,
            on_change=on_change or "rerun",
        )

    def switch(self, key: str, label: str, *, help: str) -> bool:
        """On or off."""
        return st.toggle(label, self.defaults[key], key=key, help=help, bind="query-params")

    def number(self, key: str, label: str, low: int, high: int, *, help: str) -> int:
        """A whole number to be typed."""
        bind: Literal["query-params"] | None = "query-params" if _can_be(key) else None
        number = st.number_input(label, low, high, self.defaults[key], key=key, help=help, bind=bind)
        return cast(int, self.defaults[key] if number is None else number)

    def text(self, key: str, label: str, *, most: int, help: str) -> str:
        """A line to be typed or pasted, of at most so many characters."""
        text = st.text_input(label, self.defaults[key], max_chars=most, key=key, help=help, bind="query-params")
        return text or ""

    def set(self, values: Mapping[str, Any]) -> None:
        """Put every setting at its default but those in `values`. For callbacks: before the widgets are drawn."""
        for key, default in self.defaults.items():
            st.session_state[key] = values.get(key, default)
