"""Read lessons from TOML files, with a sentence for whatever is wrong in one. docs/lessons.md says how to write one."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from core import app_paths
from core.classroom.lesson_table import LessonError, LessonTable
from core.classroom.task_conditions import RUN_FIGURES, Condition

MAX_BYTES = 64 * 1024
MAX_FILES = 100
MAX_STEPS = 20
MAX_TITLE, MAX_TEXT, MAX_CHOICE = 60, 320, 60  # characters
MIN_CHOICES, MAX_CHOICES = 2, 5
MAX_GRID = 60  # combinations of settings that are trained before class
_STEM = re.compile(r"(?:(\d{1,3})-)?([a-z0-9][a-z0-9-]{0,39})")  # of a file: its place among the lessons, its name


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
    table = LessonTable(f"{stem}.toml", document)
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


def _step(table: LessonTable, pages: Mapping[str, str]) -> Step:
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


def _poll(table: LessonTable) -> Poll:
    choices = table.texts("choices", MIN_CHOICES, MAX_CHOICES, MAX_CHOICE)
    if len(set(choices)) < len(choices):
        table.refuse("choices", "has a choice twice")
    answer = table.whole("answer", 1, len(choices)) - 1 if "answer" in table else None
    poll = Poll(table.text("question", MAX_TEXT), choices, answer)
    table.end()
    return poll


def _task(table: LessonTable) -> Task:
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


def _grid(table: LessonTable, pages: Mapping[str, str]) -> Grid:
    page = table.one_of("page", pages)
    grid = Grid(page, table.lists("settings", pages[page]))
    if grid.size > MAX_GRID:
        table.refuse("settings", f"has {grid.size:,} combinations; {MAX_GRID} are possible")
    table.end()
    return grid
