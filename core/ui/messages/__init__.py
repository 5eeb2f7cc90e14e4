"""Messages and lines of text on the page, safe for text that came by a link, an upload or a paste.

Streamlit renders what it is given as Markdown, which can load a picture from anywhere and make links. Here a plain
string is shown letter by letter; only a `Markdown` is rendered, and what is formatted into one is escaped.
"""

import re
from typing import Any

import streamlit as st

from core.ui.messages import hosting

LONGEST = 2_000  # characters of one message
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_JOINER = "\u2060"  # no width and no line break: it ends what looks like an address or a shortcode, unseen
_MARKS = re.compile(
    r"[\\`*\[\]~$|]|(?<=\])\(|(?<!\w)_|_(?!\w)|<(?=\S)|&(?=[#\w])"
)  # an underscore inside a word is only itself
_BEGINNINGS = re.compile(r"^(?:[#>+=-]|\d+(?=[.)](?:\s|$)))")  # a heading, a quotation, a list
_ADDRESSES = re.compile(r"(?<=:)(?=\S)|(?<=www)(?=\.)|(?<=@)(?=\w)", re.IGNORECASE)  # a link even where escaped


class Markdown(str):
    """Text of the app's own in which Markdown is meant. `format` escapes every string that it puts in."""

    __slots__ = ()

    def format(self, *args: object, **kwargs: object) -> "Markdown":
        """Fill the braces as `str.format` does; a `Markdown` goes in as it is, a number with its format."""
        safe = {name: _filling(value) for name, value in kwargs.items()}
        return Markdown(str.format(self, *map(_filling, args), **safe))


def escaped(text: object) -> Markdown:
    """Return `text` as one line of Markdown that renders as exactly its letters; a `Markdown` as it is."""
    if isinstance(text, Markdown):
        return text
    whole = str(text).encode("utf-8", "replace").decode()  # half a character, as JSON can hold, cannot be sent
    line = _SPACES.sub(" ", hosting.without_paths(whole)).strip()
    line = line if len(line) <= LONGEST else f"{line[:LONGEST]} …"
    line = _ADDRESSES.sub(_JOINER, _MARKS.sub(r"\\\g<0>", line))
    return Markdown(_BEGINNINGS.sub(_opened, line))


def error(text: object, *, icon: str = ":material/error:") -> None:
    """Show what went wrong and what to do."""
    st.error(escaped(text), icon=icon)


def warning(text: object, *, icon: str = ":material/warning:") -> None:
    """Show what may surprise."""
    st.warning(escaped(text), icon=icon)


def info(text: object, *, icon: str = ":material/info:") -> None:
    """Show what is good to know now."""
    st.info(escaped(text), icon=icon)


def line(text: object) -> None:
    """Show a line of text."""
    st.markdown(escaped(text))


def caption(text: object) -> None:
    """Show a line of small text."""
    st.caption(escaped(text))


def _filling(value: object) -> Any:
    return value if isinstance(value, int | float) else escaped(value)


def _opened(start: re.Match[str]) -> str:
    return start[0] + "\\" if start[0].isdecimal() else "\\" + start[0]
