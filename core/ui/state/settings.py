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


def binding(key: str) -> Literal["query-params"] | None:
    """Return how a widget that always has a value is bound to the URL: not at all while the URL holds none for it.

    Streamlit's number field fails on an infinite number there, and its choices are None where there is nothing; what
    else a widget cannot be, it leaves aside itself. The URL loses such a value, and the page starts over.
    """
    value = st.query_params.get(key)
    if value is None or not _is_none(value):
        return "query-params"
    with suppress(StreamlitAPIException):  # the widget is bound: the person went back to this URL
        del st.query_params[key]
        st.rerun()
    return None


def _is_none(value: str) -> bool:
    """Whether this is empty, or a number that is infinite or none."""
    try:
        return not math.isfinite(float(value))
    except ValueError:  # a word
        return not value


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
            bind=binding(key),
            label_visibility=label_visibility,
            on_change=on_change or "rerun",
        )

    def switch(self, key: str, label: str, *, help: str) -> bool:
        """On or off."""
        return st.toggle(label, self.defaults[key], key=key, help=help, bind="query-params")

    def number(self, key: str, label: str, low: int, high: int, *, help: str) -> int:
        """A whole number to be typed."""
        number = st.number_input(label, low, high, self.defaults[key], key=key, help=help, bind=binding(key))
        return cast(int, self.defaults[key] if number is None else number)

    def text(self, key: str, label: str, *, most: int, help: str) -> str:
        """A line to be typed or pasted, of at most so many characters."""
        text = st.text_input(label, self.defaults[key], max_chars=most, key=key, help=help, bind="query-params")
        return text or ""

    def set(self, values: Mapping[str, Any]) -> None:
        """Put every setting at its default but those in `values`. For callbacks: before the widgets are drawn."""
        for key, default in self.defaults.items():
            st.session_state[key] = values.get(key, default)
