"""Draw the widgets of a page's settings: each reads its value from the page's state and writes it back.

A widget's key is also its name in the URL, which holds the value, not its label: rewording an option breaks no link. A
value equal to the default is left out of the URL. Where a lesson fixes a setting, its widget is not drawn.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from core.ui.state import popover_values, query
from core.ui.state.popover_values import Widget
from core.ui.state.url_values import Choice, Field, Flag, Number, Several, Text

Width = int | Literal["stretch"]


def begin(key: str, setting: Field, default: Any) -> None:
    """Set the value of the widget `key` before it is drawn, from the link or the session, unless it has one.

    A value that a lesson fixes is set again each time.
    """
    if key not in st.session_state or query.is_fixed(key):
        st.session_state[key] = query.value(key, setting, default)


def end(key: str, setting: Field, default: Any, value: Any) -> None:
    """Keep the value of the widget `key`, and write it to the URL if it is not the default."""
    query.write(key, None if value == default else setting.write(value))


class Settings:
    """The settings of one page: each widget below takes its default from `defaults`, by its key."""

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        """Store `defaults`: each key of the page and its value on a first visit."""
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
        """Draw a slider for a number, a whole one if its default is an int. `width` in px, or of its container."""
        kind = type(self.defaults[key])
        setting = Number(label, kind(low), kind(high), kind(step))
        widget = self._begin(key, setting)
        if widget is None:
            return st.session_state[key]
        value = st.slider(
            label,
            kind(low),
            kind(high),
            self.defaults[key],
            kind(step),
            key=widget.key,
            on_change=widget.on_change,
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
        """Draw a slider over ordered values. `width` in px, or of its container."""
        setting = Choice(label, options, format)
        widget = self._begin(key, setting)
        if widget is None:
            return st.session_state[key]
        value = st.select_slider(
            label,
            options,
            self.defaults[key],
            format_func=format,
            key=widget.key,
            on_change=widget.on_change,
            help=help,
            width=width,
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
        """Draw a selectbox. `width` in px, or of its container."""
        setting = Choice(label, options, format)
        widget = self._begin(key, setting, on_change)
        if widget is None:
            return st.session_state[key]
        value = st.selectbox(
            label,
            options,
            options.index(self.defaults[key]),
            format_func=format,
            key=widget.key,
            help=help,
            label_visibility=label_visibility,
            on_change=widget.on_change,
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
        """Draw a segmented control: one of a few values."""
        setting = Choice(label, options, format)
        widget = self._begin(key, setting, on_change)
        if widget is None:
            return st.session_state[key]
        value = st.segmented_control(
            label,
            options,
            default=self.defaults[key],
            required=True,
            format_func=format,
            key=widget.key,
            help=help,
            label_visibility=label_visibility,
            on_change=widget.on_change or "rerun",
        )
        return self._end(key, setting, value)

    def pills(self, key: str, label: str, options: Sequence[Any], *, help: str, format: Callable[[Any], str]) -> Any:
        """Draw pills: any number of a few values."""
        setting = Several(Choice(label, options, format), len(options))
        widget = self._begin(key, setting)
        if widget is None:
            return st.session_state[key]
        value = st.pills(
            label,
            options,
            default=self.defaults[key],
            selection_mode="multi",
            format_func=format,
            key=widget.key,
            on_change=widget.on_change or "rerun",
            help=help,
        )
        return self._end(key, setting, value)

    def several(
        self, key: str, label: str, options: Sequence[Any], *, most: int, help: str, format: Callable[[Any], str]
    ) -> list[Any]:
        """Draw a multiselect: up to `most` values."""
        setting = Several(Choice(label, options, format), most)
        widget = self._begin(key, setting)
        if widget is None:
            return list(st.session_state[key])
        value = st.multiselect(
            label,
            options,
            self.defaults[key],
            format_func=format,
            key=widget.key,
            on_change=widget.on_change,
            max_selections=most,
            help=help,
        )
        return list(self._end(key, setting, value))

    def switch(self, key: str, label: str, *, help: str) -> bool:
        """Draw a toggle."""
        setting = Flag(label)
        widget = self._begin(key, setting)
        if widget is None:
            return bool(st.session_state[key])
        value = st.toggle(label, self.defaults[key], key=widget.key, on_change=widget.on_change, help=help)
        return bool(self._end(key, setting, value))

    def number(self, key: str, label: str, low: int, high: int, *, help: str) -> int:
        """Draw an input field for a whole number."""
        setting = Number(label, low, high)
        widget = self._begin(key, setting)
        if widget is None:
            return int(st.session_state[key])
        number = st.number_input(
            label, low, high, self.defaults[key], key=widget.key, on_change=widget.on_change, help=help
        )
        return int(self._end(key, setting, self.defaults[key] if number is None else number))

    def held(self, key: str, label: str, low: int, high: int) -> int:
        """Return a whole number that a component of the page draws and, in a callback, writes to the session."""
        setting = Number(label, low, high)
        begin(key, setting, self.defaults[key])
        _clamp(key, setting)
        value = int(st.session_state[key])
        end(key, setting, self.defaults[key], value)
        return value

    def text(self, key: str, label: str, *, most: int, help: str) -> str:
        """Draw an input field for a line of at most `most` characters."""
        setting = Text(label, most)
        widget = self._begin(key, setting)
        if widget is None:
            return str(st.session_state[key])
        text = st.text_input(
            label, self.defaults[key], max_chars=most, key=widget.key, on_change=widget.on_change, help=help
        )
        return str(self._end(key, setting, text or ""))

    def set(self, values: Mapping[str, Any]) -> None:
        """Reset every setting to its default except those in `values`, before the widgets are drawn. For callbacks."""
        for key, default in self.defaults.items():
            st.session_state[key] = values.get(key, default)

    def _begin(self, key: str, setting: Field, on_change: Callable[[], None] | None = None) -> Widget | None:
        """Set the widget's value; return what to draw it with, or None where a lesson fixes it: nothing is drawn."""
        begin(key, setting, self.defaults[key])
        if query.is_fixed(key):
            return None
        if isinstance(setting, Number):
            _clamp(key, setting)
        return popover_values.begin(key, on_change)

    def _end(self, key: str, setting: Field, value: Any) -> Any:
        end(key, setting, self.defaults[key], value)
        popover_values.end(key, value)
        return value


def _clamp(key: str, setting: Number) -> None:
    """Limit an earlier value to the current range, which another setting may have made smaller."""
    value = st.session_state[key]
    if value is not None and not setting.low <= value <= setting.high:
        st.session_state[key] = min(max(value, setting.low), setting.high)
