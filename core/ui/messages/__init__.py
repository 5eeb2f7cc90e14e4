"""Show messages and lines of text, safe for text from a link, an upload or a paste.

Streamlit renders strings as Markdown, which can make links and load pictures from anywhere. Here a plain string is
shown literally; only a `Markdown` is rendered, and values formatted into it are escaped.
"""

import re
import unicodedata
from typing import Any

import streamlit as st

from core.ui.messages import hosting

MAX_LENGTH = 2_000  # characters of one message
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_JOINER = "\u2060"  # invisible, without a line break: it breaks up what looks like an address or a shortcode
_MARKS = re.compile(
    r"[\\`*\[\]~$|]|(?<=\])\(|(?<!\w)_|_(?!\w)|<(?=\S)|&(?=[#\w])"
)  # an underscore inside a word needs no escape
_BEGINNINGS = re.compile(r"^(?:[#>+=-]|\d+(?=[.)](?:\s|$)))")  # a heading, a quotation, a list
_ADDRESSES = re.compile(r"(?<=:)(?=\S)|(?<=www)(?=\.)|(?<=@)(?=\w)", re.IGNORECASE)  # a link even where escaped


class Markdown(str):
    """The app's own text, to be rendered as Markdown. `format` escapes every string that it inserts."""

    __slots__ = ()

    def format(self, *args: object, **kwargs: object) -> "Markdown":
        """Fill the braces like `str.format`; a `Markdown` is inserted unchanged, a number with its format."""
        safe = {name: _filling(value) for name, value in kwargs.items()}
        return Markdown(str.format(self, *map(_filling, args), **safe))


def escaped(text: object) -> Markdown:
    """Return `text` as one line of Markdown that renders literally; a `Markdown` unchanged."""
    if isinstance(text, Markdown):
        return text
    valid = str(text).encode("utf-8", "replace").decode()  # half a surrogate pair, as JSON can hold, cannot be sent
    line = _SPACES.sub(" ", hosting.without_paths(valid)).strip()
    line = line if len(line) <= MAX_LENGTH else f"{line[:MAX_LENGTH]} …"
    line = _ADDRESSES.sub(_JOINER, _MARKS.sub(r"\\\g<0>", line))
    return Markdown(_isolated(_BEGINNINGS.sub(_opened, line)))


def _isolated(line: str) -> str:
    """Return a line so that Hebrew or Arabic in it leaves the order of what stands around it as it is."""
    is_ltr = line.isascii() or not any(unicodedata.bidirectional(one) in ("R", "AL") for one in line)
    return line if is_ltr else f"\u2068{line}\u2069"


def error(text: object, *, icon: str = ":material/error:") -> None:
    """Show an error: what went wrong and what to do."""
    st.error(escaped(text), icon=icon)


def warning(text: object, *, icon: str = ":material/warning:") -> None:
    """Show a warning."""
    st.warning(escaped(text), icon=icon)


def info(text: object, *, icon: str = ":material/info:") -> None:
    """Show a piece of information."""
    st.info(escaped(text), icon=icon)


def line(text: object) -> None:
    """Show a line of text."""
    st.markdown(escaped(text))


def caption(text: object, help: object = None) -> None:
    """Show a line of small text, as wide as it is where it has a tooltip."""
    if help is None:
        st.caption(escaped(text))
    else:
        st.caption(escaped(text), help=escaped(help), width="content")


def _filling(value: object) -> Any:
    return value if isinstance(value, int | float) else escaped(value)


def _opened(start: re.Match[str]) -> str:
    return start[0] + "\\" if start[0].isdecimal() else "\\" + start[0]
