"""The widgets of a page's settings: each takes its value from the page's state, and writes it there.

A key is a setting's name in the URL too; its value stands there, not its name on the screen: rewording an option breaks
no link. A value equal to the default is left out of the URL.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from core.ui.state import query
from core.ui.state.fields import Choice, Field, Flag, Number, Several, Text

Width = int | Literal["stretch"]


def begin(key: str, setting: Field, default: Any) -> None:
    """Give the widget `key` its value before it is drawn: the link's or the session's where it has none of its own."""
    if key not in st.session_state:
        st.session_state[key] = query.value(key, setting, default)


def end(key: str, setting: Field, default: Any, value: Any) -> None:
    """Keep the value of the widget `key`, and write it into the URL where it is not the default."""
    query.write(key, None if value == default else setting.write(value))


class Settings:
    """The settings of one page: each widget below takes its default from `defaults`, by its key."""

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        """Take `defaults`: every key of the page and its value on a first visit."""
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
        """Draw a number on a line; a whole one when its default is whole. `width` in px, or that of its place."""
        kind = type(self.defaults[key])
        setting = Number(label, kind(low), kind(high), kind(step))
        self._begin(key, setting)
        _clamp(key, setting)
        value = st.slider(
            label,
            kind(low),
            kind(high),
            self.defaults[key],
            kind(step),
            key=key,
            help=help,
            disabled=disabled,
            width=width,
        )
        return self._end(key, setting, value)

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
        """Draw one of some values in their order. `width` in px, or that of its place."""
        setting = Choice(label, options, format)
        self._begin(key, setting)
        value = st.select_slider(
            label, options, self.defaults[key], format_func=format, key=key, help=help, width=width
        )
        return self._end(key, setting, value)

    def choice(
        self,
        key: str,
        label: str,
        options: Sequence[Any],
        *,
        help: str,
        format: Callable[[Any], str] = str,
        label_visibility: Literal["visible", "hidden", "collapsed"] = "visible",
        on_change: Callable[[], None] | None = None,
        width: Width = "stretch",
    ) -> Any:
        """Draw one of some values, from a list that opens. `width` in px, or that of its place."""
        setting = Choice(label, options, format)
        self._begin(key, setting)
        value = st.selectbox(
            label,
            options,
            options.index(self.defaults[key]),
            format_func=format,
            key=key,
            help=help,
            label_visibility=label_visibility,
            on_change=on_change,
            width=width,
        )
        return self._end(key, setting, value)

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
        """Draw one of a few values, all in sight."""
        setting = Choice(label, options, format)
        self._begin(key, setting)
        value = st.segmented_control(
            label,
            options,
            default=self.defaults[key],
            required=True,
            format_func=format,
            key=key,
            help=help,
            label_visibility=label_visibility,
            on_change=on_change or "rerun",
        )
        return self._end(key, setting, value)

    def pills(self, key: str, label: str, options: Sequence[Any], *, help: str, format: Callable[[Any], str]) -> Any:
        """Draw any number of a few values, all in sight."""
        setting = Several(Choice(label, options, format), len(options))
        self._begin(key, setting)
        value = st.pills(
            label,
            options,
            default=self.defaults[key],
            selection_mode="multi",
            format_func=format,
            key=key,
            help=help,
        )
        return self._end(key, setting, value)

    def several(
        self, key: str, label: str, options: Sequence[Any], *, most: int, help: str, format: Callable[[Any], str]
    ) -> list[Any]:
        """Draw up to `most` of some values, from a list that opens."""
        setting = Several(Choice(label, options, format), most)
        self._begin(key, setting)
        value = st.multiselect(
            label,
            options,
            self.defaults[key],
            format_func=format,
            key=key,
            max_selections=most,
            help=help,
        )
        return list(self._end(key, setting, value))

    def switch(self, key: str, label: str, *, help: str) -> bool:
        """Draw a switch."""
        setting = Flag(label)
        self._begin(key, setting)
        return bool(self._end(key, setting, st.toggle(label, self.defaults[key], key=key, help=help)))

    def number(self, key: str, label: str, low: int, high: int, *, help: str) -> int:
        """Draw a whole number to be typed."""
        setting = Number(label, low, high)
        self._begin(key, setting)
        _clamp(key, setting)
        number = st.number_input(label, low, high, self.defaults[key], key=key, help=help)
        return int(self._end(key, setting, self.defaults[key] if number is None else number))

    def text(self, key: str, label: str, *, most: int, help: str, check: Callable[[str], object] = str) -> str:
        """Draw a line to be typed or pasted, of at most `most` characters; `check` refuses a link's by ValueError."""
        setting = Text(label, most, check)
        self._begin(key, setting)
        text = st.text_input(label, self.defaults[key], max_chars=most, key=key, help=help)
        return str(self._end(key, setting, text or ""))

    def set(self, values: Mapping[str, Any]) -> None:
        """Put every setting at its default but those in `values`. For callbacks: before the widgets are drawn."""
        for key, default in self.defaults.items():
            st.session_state[key] = values.get(key, default)

    def _begin(self, key: str, setting: Field) -> None:
        begin(key, setting, self.defaults[key])

    def _end(self, key: str, setting: Field, value: Any) -> Any:
        end(key, setting, self.defaults[key], value)
        return value


def _clamp(key: str, setting: Number) -> None:
    """Hold a value from before to the range of now, which another setting may have made smaller."""
    value = st.session_state[key]
    if value is not None and not setting.low <= value <= setting.high:
        st.session_state[key] = min(max(value, setting.low), setting.high)
