"""One table of a lesson's TOML file, whose fields are taken one by one, with a sentence for whatever is wrong."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from core.classroom.task_conditions import Condition, ConditionError

MAX_VALUE = 2_000  # characters
MAX_SETTINGS = 30  # of one step
MAX_CONDITIONS = 4
T = TypeVar("T")


class LessonError(ValueError):
    """Raised for a lesson that cannot be used; the message names the file and the field, and says what is wrong."""


class LessonTable:
    """A table of a lesson's file: each field is taken once, and what is left at the end is unknown.

    Every method that takes a field raises LessonError for one that is missing or wrong.
    """

    def __init__(self, where: str, values: Mapping[str, Any]) -> None:
        """Take the fields of a table; `where` is its place in the file, for messages."""
        self._where, self._values = where, dict(values)

    def __contains__(self, name: str) -> bool:
        """Return whether the table has a field that nobody has taken."""
        return name in self._values

    def refuse(self, name: str, why: str) -> None:
        """Raise LessonError for a field; the reason completes a sentence."""
        raise LessonError(f"{self._place(name)} {why}.")

    def end(self) -> None:
        """Refuse the fields that nobody took."""
        if self._values:
            self.refuse(next(iter(self._values)), "is not a field of a lesson here: leave it out, or correct its name")

    def text(self, name: str, most: int) -> str:
        """Take a text of at most so many characters."""
        found = self._take(name, str, "a text in quotation marks").strip()
        return self._checked_text(name, found, most)

    def texts(self, name: str, least: int, most: int, letters: int) -> tuple[str, ...]:
        """Take a list of texts, each of at most so many characters."""
        found = self._list(name, least, most)
        return tuple(self._checked_text(name, one.strip() if isinstance(one, str) else "", letters) for one in found)

    def whole(self, name: str, low: int, high: int) -> int:
        """Take a whole number from `low` to `high`."""
        found = self._take(name, int, "a whole number")
        if isinstance(found, bool) or not low <= found <= high:
            self.refuse(name, f"must be a whole number from {low} to {high}")
        return found

    def one_of(self, name: str, known: Mapping[str, Any] | Sequence[str]) -> str:
        """Take a text that is one of those known."""
        found = self._take(name, str, "a text in quotation marks")
        if found not in known:
            self.refuse(name, f"is {found!r:.40}, which is not one of {', '.join(known)}")
        return found

    def settings(self, name: str, prefix: str) -> dict[str, str]:
        """Take settings of a page as texts, as in its links."""
        found = self._take(name, dict, "a table", optional=True) or {}
        if len(found) > MAX_SETTINGS:
            self.refuse(name, f"has {len(found)} settings; {MAX_SETTINGS} are possible")
        return {self._key(name, key, prefix): self._value(f"{name}.{key}", value) for key, value in found.items()}

    def lists(self, name: str, prefix: str) -> dict[str, tuple[str, ...]]:
        """Take lists of a page's settings; one value counts as a list of one."""
        found = self._take(name, dict, "a table")
        return {
            self._key(name, key, prefix): tuple(
                self._value(f"{name}.{key}", one) for one in (value if isinstance(value, list) else [value])
            )
            for key, value in found.items()
        }

    def conditions(self, known: Sequence[str] | None) -> tuple[Condition, ...]:
        """Take every field that is left as a condition: `accuracy = ">= 0.985"`."""
        found = []
        for name, text in list(self._values.items()):
            if known is not None and name not in known:
                self.refuse(name, f"is not a figure of a run; these are {', '.join(known)}")
            try:
                found.append(Condition.read(name, text))
            except ConditionError as error:
                self.refuse(name, str(error))
        if not 1 <= len(found) <= MAX_CONDITIONS:
            self.refuse("", f"has {len(found)} conditions; 1 to {MAX_CONDITIONS} are possible")
        self._values.clear()
        return tuple(found)

    def table(self, name: str) -> "LessonTable | None":
        """Take a table inside this one; None if there is none."""
        found = self._take(name, dict, "a table", optional=True)
        return None if found is None else LessonTable(self._place(name), found)

    def tables(self, name: str, least: int, most: int) -> list["LessonTable"]:
        """Take a list of tables."""
        found = self._list(name, least, most) if least or name in self._values else []
        for one in found:
            if not isinstance(one, dict):
                self.refuse(name, f"must be tables: begin each with [[{name}]]")
        return [LessonTable(self._place(f"{name}[{number}]"), one) for number, one in enumerate(found, 1)]

    def _list(self, name: str, least: int, most: int) -> list[Any]:
        found = self._take(name, list, "a list")
        if not least <= len(found) <= most:
            self.refuse(name, f"has {len(found)} entries; {least} to {most} are possible")
        return found

    def _take(self, name: str, kind: type[T], what: str, *, optional: bool = False) -> T:
        if name not in self._values and not optional:
            self.refuse(name, "is missing")
        found = self._values.pop(name, None)
        if found is not None and not isinstance(found, kind):
            self.refuse(name, f"must be {what}")
        return cast(T, found)  # None only where it is optional

    def _checked_text(self, name: str, text: str, most: int) -> str:
        if not text:
            self.refuse(name, "must be a text that is not empty")
        if len(text) > most:
            self.refuse(name, f"has {len(text)} characters; {most} are possible")
        return text

    def _key(self, name: str, key: str, prefix: str) -> str:
        if not (prefix and key.startswith(prefix)):
            self.refuse(f"{name}.{key}", f"is not a setting of this page: those begin with {prefix or 'nothing'}")
        return key

    def _value(self, name: str, value: object) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, str | int | float):
            self.refuse(name, "must be a text, a number, true or false")
        text = str(value)
        if not text or len(text) > MAX_VALUE:
            self.refuse(name, f"must have 1 to {MAX_VALUE:,} characters")
        return text

    def _place(self, name: str) -> str:
        separator = ": " if self._where.endswith(".toml") else "."
        return f"{self._where}{separator}{name}" if name else self._where
