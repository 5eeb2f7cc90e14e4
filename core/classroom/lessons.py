"""Read lessons from TOML files, with a sentence for whatever is wrong in one. docs/lessons.md says how to write one."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from core import app_paths
from core.classroom.conditions import RUN_FIGURES, Condition, ConditionError

MAX_BYTES = 64 * 1024
MAX_FILES = 100
MAX_STEPS = 20
MAX_TITLE, MAX_TEXT, MAX_CHOICE, MAX_VALUE = 60, 320, 60, 2_000  # characters
MIN_CHOICES, MAX_CHOICES = 2, 5
MAX_SETTINGS = 30  # of one step
MAX_CONDITIONS = 4
MAX_GRID = 60  # combinations of settings that are trained before class
_STEM = re.compile(r"(?:(\d{1,3})-)?([a-z0-9][a-z0-9-]{0,39})")  # of a file: its place among the lessons, its name
T = TypeVar("T")


class LessonError(ValueError):
    """Raised for a lesson that cannot be used; the message names the file and the field, and says what is wrong."""


@dataclass(frozen=True, slots=True)
class Poll:
    """A question that is asked before the next step shows the answer."""

    question: str
    choices: tuple[str, ...]
    answer: int | None  # index of the right choice; None if there is none


@dataclass(frozen=True, slots=True)
class Task:
    """Something to reach, and how it is checked."""

    text: str
    kind: Literal["runs", "page"]
    conditions: tuple[Condition, ...]
    data: str = ""  # of runs: the dataset's name
    best: str = "accuracy"  # of runs: the figure by which the class's best are ordered


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a lesson: a page as it opens, what is said about it, and what is asked."""

    page: str
    text: str
    start: Mapping[str, str] = field(default_factory=dict)  # settings that the page opens with, by key
    fixed: Mapping[str, str] = field(default_factory=dict)  # settings that cannot be changed: no control is drawn
    poll: Poll | None = None
    task: Task | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Settings of a page whose combinations are trained before class."""

    page: str
    settings: Mapping[str, tuple[str, ...]]  # the values of each key

    @property
    def size(self) -> int:
        """Return the number of combinations."""
        size = 1
        for values in self.settings.values():
            size *= len(values)
        return size


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson: steps in an order, each on a page of the app."""

    name: str  # of its file, without the number before it, and in its link
    title: str
    about: str  # what it is about, in one sentence
    order: int  # the number before the file's name; 0 for none
    minutes: int
    steps: tuple[Step, ...]
    grids: tuple[Grid, ...] = ()

    @property
    def pages(self) -> tuple[str, ...]:
        """Return the pages that it visits, each once."""
        return tuple(dict.fromkeys(step.page for step in self.steps))


def folder() -> Path:
    """Return the folder of the lessons that come with the app."""
    return app_paths.APP / "lessons"


def load_all(pages: Mapping[str, str], where: Path | None = None) -> tuple[dict[str, Lesson], list[str]]:
    """Read every lesson of a folder.

    Args:
        pages: The name of each page, and the first letters of its settings' keys.
        where: The folder; None for that of the app.

    Returns:
        The lessons by name, in their order; and a sentence for each file that cannot be used.
    """
    found, faults = [], []
    for file in sorted((where or folder()).glob("*.toml"))[:MAX_FILES]:
        try:
            found.append(load(file, pages))
        except LessonError as error:
            faults.append(str(error))
    return {lesson.name: lesson for lesson in sorted(found, key=lambda one: (one.order, one.name))}, faults


def load(file: Path, pages: Mapping[str, str]) -> Lesson:
    """Read one lesson. Raises LessonError."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise LessonError(f"{file.name} cannot be read: {error.strerror or error}.") from None
    if len(content) > MAX_BYTES:
        raise LessonError(f"{file.name} has more than {MAX_BYTES // 1024} kB: shorten it.")
    if not _STEM.fullmatch(file.stem):
        raise LessonError(f"{file.name}: a lesson's file is named with small letters, digits and hyphens, at most 40.")
    try:
        return read(file.stem, content.decode(), pages)
    except UnicodeDecodeError:
        raise LessonError(f"{file.name} is not UTF-8 text: save it as UTF-8.") from None


def read(stem: str, text: str, pages: Mapping[str, str]) -> Lesson:
    """Read the text of a lesson's file, whose name without ".toml" is `stem`: "3-mlp-against-cnn" is the third lesson.

    Raises:
        LessonError: With the line of a mistake in TOML, or the field of one in the lesson.
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LessonError(f"{stem}.toml is not TOML: {error}.") from None
    table = _Table(f"{stem}.toml", document)
    parts = _STEM.fullmatch(stem)
    assert parts is not None
    lesson = Lesson(
        name=parts[2],
        title=table.text("title", MAX_TITLE),
        about=table.text("about", MAX_TEXT),
        order=int(parts[1] or 0),
        minutes=table.whole("minutes", 1, 240),
        steps=tuple(_step(one, pages) for one in table.tables("steps", 1, MAX_STEPS)),
        grids=tuple(_grid(one, pages) for one in table.tables("grid", 0, 5)),
    )
    table.end()
    return lesson


def _step(table: "_Table", pages: Mapping[str, str]) -> Step:
    page = table.one_of("page", pages)
    start, fixed = (table.settings(name, pages[page]) for name in ("start", "fixed"))
    if both := sorted(start.keys() & fixed.keys()):
        table.refuse("start", f"also has {both[0]}, which is fixed: leave it out of one of them")
    poll, task = table.table("poll"), table.table("task")
    step = Step(
        page,
        table.text("text", MAX_TEXT),
        start,
        fixed,
        None if poll is None else _poll(poll),
        None if task is None else _task(task),
    )
    table.end()
    return step


def _poll(table: "_Table") -> Poll:
    choices = table.texts("choices", MIN_CHOICES, MAX_CHOICES, MAX_CHOICE)
    if len(set(choices)) < len(choices):
        table.refuse("choices", "has a choice twice")
    answer = table.whole("answer", 1, len(choices)) - 1 if "answer" in table else None
    poll = Poll(table.text("question", MAX_TEXT), choices, answer)
    table.end()
    return poll


def _task(table: "_Table") -> Task:
    text = table.text("text", MAX_TEXT)
    kinds: list[Literal["runs", "page"]] = [kind for kind in ("runs", "page") if kind in table]
    if len(kinds) != 1:
        table.refuse("", "needs one of runs or page: what is checked")
    inner = table.table(kinds[0])
    assert inner is not None
    data, best = "", "accuracy"
    if kinds[0] == "runs":
        data = inner.text("data", MAX_TITLE)
        best = inner.one_of("best", RUN_FIGURES) if "best" in inner else best
    conditions = inner.conditions(RUN_FIGURES if kinds[0] == "runs" else None)
    table.end()
    return Task(text, kinds[0], conditions, data, best)


def _grid(table: "_Table", pages: Mapping[str, str]) -> Grid:
    page = table.one_of("page", pages)
    grid = Grid(page, table.lists("settings", pages[page]))
    if grid.size > MAX_GRID:
        table.refuse("settings", f"has {grid.size:,} combinations; {MAX_GRID} are possible")
    table.end()
    return grid


class _Table:
    """A table of a lesson's file: each field is taken once, and what is left at the end is unknown."""

    def __init__(self, where: str, values: Mapping[str, Any]) -> None:
        self._where, self._values = where, dict(values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def refuse(self, name: str, why: str) -> None:
        """Raise LessonError for a field; the reason completes a sentence."""
        raise LessonError(f"{self._place(name)} {why}.")

    def end(self) -> None:
        """Refuse the fields that nobody took."""
        if self._values:
            self.refuse(next(iter(self._values)), "is not a field of a lesson here: leave it out, or correct its name")

    def text(self, name: str, most: int) -> str:
        found = self._take(name, str, "a text in quotation marks").strip()
        return self._checked_text(name, found, most)

    def texts(self, name: str, least: int, most: int, letters: int) -> tuple[str, ...]:
        found = self._list(name, least, most)
        return tuple(self._checked_text(name, one.strip() if isinstance(one, str) else "", letters) for one in found)

    def whole(self, name: str, low: int, high: int) -> int:
        found = self._take(name, int, "a whole number")
        if isinstance(found, bool) or not low <= found <= high:
            self.refuse(name, f"must be a whole number from {low} to {high}")
        return found

    def one_of(self, name: str, known: Mapping[str, Any] | Sequence[str]) -> str:
        found = self._take(name, str, "a text in quotation marks")
        if found not in known:
            self.refuse(name, f"is {found!r:.40}, which is not one of {', '.join(known)}")
        return found

    def settings(self, name: str, prefix: str) -> dict[str, str]:
        """Return settings of a page as texts, as in its links."""
        found = self._take(name, dict, "a table", optional=True) or {}
        if len(found) > MAX_SETTINGS:
            self.refuse(name, f"has {len(found)} settings; {MAX_SETTINGS} are possible")
        return {self._key(name, key, prefix): self._value(f"{name}.{key}", value) for key, value in found.items()}

    def lists(self, name: str, prefix: str) -> dict[str, tuple[str, ...]]:
        """Return lists of a page's settings; one value counts as a list of one."""
        found = self._take(name, dict, "a table")
        return {
            self._key(name, key, prefix): tuple(
                self._value(f"{name}.{key}", one) for one in (value if isinstance(value, list) else [value])
            )
            for key, value in found.items()
        }

    def conditions(self, known: Sequence[str] | None) -> tuple[Condition, ...]:
        """Return every field that is left as a condition: `accuracy = ">= 0.985"`."""
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

    def table(self, name: str) -> "_Table | None":
        found = self._take(name, dict, "a table", optional=True)
        return None if found is None else _Table(self._place(name), found)

    def tables(self, name: str, least: int, most: int) -> list["_Table"]:
        found = self._list(name, least, most) if least or name in self._values else []
        for one in found:
            if not isinstance(one, dict):
                self.refuse(name, f"must be tables: begin each with [[{name}]]")
        return [_Table(self._place(f"{name}[{number}]"), one) for number, one in enumerate(found, 1)]

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
