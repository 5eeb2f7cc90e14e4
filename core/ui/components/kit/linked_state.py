"""A component's state as a frozen dataclass: read from the link or the browser's reports, and written to both."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

import streamlit as st

from core.ui.state import page_state, query
from core.ui.state.url_values import Field, Refused, plain


class State(Protocol):
    """A frozen dataclass whose fields are named as their keys in the URL, all with defaults."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Return the state in `values`; missing or invalid fields have their defaults."""


S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class LinkedComponent(Generic[S]):
    """A component whose browser side reports {"settings": ..., "serial": ...} once the settings are at rest.

    One that needs Python's answers meanwhile adds "moving": true to such a report, and the URL waits.

    Attributes:
        key: Its key in the session.
        kind: The state's class.
        fields: The state's fields, by their names: a link's texts are checked by them.
    """

    key: str
    kind: type[S]
    fields: Mapping[str, Field]

    def show(self, mount: Any, data: Mapping[str, Any]) -> S:
        """Draw the component with `data` and its settings, write these to the URL, and return them."""
        key, state = page_state.key(self.key), self.current()
        settings = {name: getattr(state, name) for name in to_query(state)}
        mount(key=key, data={"settings": settings, "serial": _serial(key), **data}, on_settings_change=lambda: None)
        return state

    def current(self) -> S:
        """Return the settings and write them to the URL, also where the component is not drawn."""
        report = self._report()
        # a report from before the settings were replaced does not count
        is_valid = report is not None and report.get("serial", 0) == _serial(page_state.key(self.key))
        state = self.kind.read(report) if report is not None and is_valid else self._linked()
        if not (report or {}).get("moving"):
            for name, text in to_query(state).items():
                query.write(name, text)
        return state

    @property
    def has_reported(self) -> bool:
        """Return whether the browser has reported since the page was opened."""
        return self._report() is not None

    def _report(self) -> Mapping[str, Any] | None:
        """Return what the browser last reported; None before its first report."""
        report: Mapping[str, Any] | None = (st.session_state.get(page_state.key(self.key)) or {}).get("settings")
        return report

    def restore(self, state: S) -> None:
        """Replace the current settings. For callbacks: before the component is drawn."""
        key = page_state.key(self.key)
        st.session_state[f"{key}_serial"] = _serial(key) + 1
        for name, text in to_query(state).items():
            query.write(name, text)

    def _linked(self) -> S:
        """Return the state from the link or the session; report invalid values of a link at the top of the page."""
        linked = {name for name in self.fields if query.is_linked(name)}
        texts = {name: text for name in to_query(self.kind()) if (text := query.read(name)) is not None}
        state = self.kind.read(texts)
        for name in linked & texts.keys():
            used = getattr(state, name)
            if not means(texts[name], used):
                field = self.fields[name]
                query.refuse(field.label, texts[name], why_not(field, texts[name]), plain(used) or "nothing")
        return state


def _serial(key: str) -> int:
    """Return how often a component's settings were replaced; earlier reports do not count."""
    return int(st.session_state.get(f"{key}_serial", 0))


def why_not(field: Field, text: str) -> str:
    """Return why a link's text is not the value of a field: "is more than 182"."""
    try:
        field.read(text)
    except Refused as reason:
        return str(reason)
    return "does not fit the other settings"


def means(text: str, value: object) -> bool:
    """Return whether a link's text is this value."""
    if isinstance(value, str):
        return text == value
    try:
        return float(text) == value
    except ValueError:
        return False


def to_query(state: State) -> dict[str, str | None]:
    """Return the URL parameters of a state; None for a field at its default, which is not in the URL."""
    default = type(state)()
    parameters: dict[str, str | None] = {}
    for field in fields(state):
        value = getattr(state, field.name)
        text = f"{value:g}" if isinstance(value, float) else str(value)
        parameters[field.name] = None if value == getattr(default, field.name) else text
    return parameters
