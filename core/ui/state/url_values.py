"""Convert settings to short text for the URL, and text from a link back to a value or a reason for refusing it.

Pure: no Streamlit here. `read` must handle any text.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

MAX_LENGTH = 20_000  # characters of one value in a link
_RUN = re.compile(r"[0-9a-f]{4,15}")  # the first digits of a run's id
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d*)(\.\d*)?(e[+-]?\d+)?", re.IGNORECASE)
MAX_QUOTED = 40  # characters of a refused value that are quoted


class Refused(ValueError):
    """Raised for an invalid value of a setting. The message completes a sentence: "is more than 20"."""


class Field(Protocol):
    """One setting: its label, and its values as text."""

    @property
    def label(self) -> str:
        """Return the setting's label on the page."""

    def read(self, text: str) -> Any:
        """Return the value of `text`. Raises Refused."""

    def write(self, value: Any) -> str:
        """Return the canonical text of a value."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high`, in steps of `step` (0: any); a whole number if `low` is an int."""

    label: str
    low: float
    high: float
    step: float = 1

    def read(self, text: str) -> float:
        """Return the number, an int if `low` is one. Raises Refused."""
        number = _number(text)
        if number is None:
            raise Refused("is not a number")
        if number < self.low:
            raise Refused(f"is less than {plain(self.low)}")
        if number > self.high:
            raise Refused(f"is more than {plain(self.high)}")
        if isinstance(self.low, int) and not number.is_integer():
            raise Refused("is not a whole number")
        steps = (number - self.low) / self.step if self.step else 0.0
        if abs(steps - round(steps)) > 1e-6 * max(1.0, abs(steps)):
            raise Refused(f"is not in steps of {plain(self.step)}")
        if self.step:
            number = round(self.low + round(steps) * self.step, 10)
        return int(number) if isinstance(self.low, int) else float(number)

    def write(self, value: Any) -> str:
        """Return the number without separators: "5000", "0.5"."""
        return plain(value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values. A link may also hold a value's label, as old links did."""

    label: str
    options: Sequence[Any]
    format: Callable[[Any], str] = str

    def read(self, text: str) -> Any:
        """Return the option. Raises Refused."""
        for option in self.options:
            if self.write(option) == text:
                return option
        for option in self.options:
            if self.format(option) == text or _same_number(option, text):
                return option
        known = [option for option in self.options if _RUN.fullmatch(text) and str(option).startswith(text)]
        if len(known) == 1:
            return known[0]
        raise Refused("is not one of the choices")

    def write(self, value: Any) -> str:
        """Return the option itself, not its label."""
        return plain(value)


@dataclass(frozen=True, slots=True)
class Several:
    """Up to `most` of several values, in the order in which they were chosen."""

    choice: Choice
    most: int

    @property
    def label(self) -> str:
        """Return the setting's label on the page."""
        return self.choice.label

    def read(self, text: str) -> list[Any]:
        """Return the options. Raises Refused."""
        options = [self.choice.read(part) for part in text.split(",")] if text else []
        if len(set(options)) < len(options):
            raise Refused("names a choice twice")
        if len(options) > self.most:
            raise Refused(f"has more than {self.most} choices")
        return options

    def write(self, value: Any) -> str:
        """Return the options, joined by commas."""
        return ",".join(map(self.choice.write, value))


@dataclass(frozen=True, slots=True)
class Flag:
    """On or off."""

    label: str

    def read(self, text: str) -> bool:
        """Return whether it is on. Raises Refused."""
        match text.lower():
            case "true" | "1":
                return True
            case "false" | "0":
                return False
        raise Refused("is neither true nor false")

    def write(self, value: Any) -> str:
        """Return "true" or "false"."""
        return plain(bool(value))


@dataclass(frozen=True, slots=True)
class Text:
    """A line of at most `most` characters."""

    label: str
    most: int

    def read(self, text: str) -> str:
        """Return the line. Raises Refused."""
        if len(text) > self.most:
            raise Refused(f"is longer than {self.most:,} characters")
        return text

    def write(self, value: Any) -> str:
        """Return the line itself."""
        return str(value)


def plain(value: object) -> str:
    """Return a value as short text: 5000.0 as "5000", True as "true", strings unchanged."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = round(value, 10)
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def quoted(text: str) -> str:
    """Return a refused text for a message: shortened, or a note that it is empty."""
    if not text.strip():
        return "(empty)"
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"


def _same_number(option: object, text: str) -> bool:
    """Return whether `text` is the number `option` in another notation."""
    return isinstance(option, int | float) and not isinstance(option, bool) and _number(text) == option


def _number(text: str) -> float | None:
    """Return the finite number that `text` is: "5,000", "1e2", "−0.5"; None if it is none, as "0,5" and "1_0"."""
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    try:
        number = float(text.replace(",", "")) if _NUMBER.fullmatch(text) else math.nan
    except ValueError:
        return None
    return number + 0.0 if math.isfinite(number) else None  # -0 becomes 0
