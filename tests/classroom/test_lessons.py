"""Lesson files: the six that come with the app, and what is said about those that cannot be used."""

import re
from pathlib import Path

import pytest

from core.classroom import lessons
from core.classroom.lesson_table import LessonError
from core.classroom.task_conditions import RUN_FIGURES, Condition, ConditionError
from core.training.ablation_results import measured
from core.ui.state.kept_page import PREFIXES
from core.ui.state.lesson_state import PAGES

PERFORMANCE = Path(__file__).parents[2] / "docs" / "performance.md"
STEP = '[[steps]]\npage = "kernels"\ntext = "Look."\n'
HEAD = 'title = "T"\nabout = "A"\nminutes = 5\n'


def test_the_six_lessons_cover_the_course() -> None:
    found, faults = lessons.load_all(PAGES)
    assert not faults
    assert [lesson.order for lesson in found.values()] == [1, 2, 3, 4, 5, 6]
    visited = {page for lesson in found.values() for page in lesson.pages}
    assert visited == PREFIXES.keys() - {"runs", "instructor"}
    assert sum(lesson.minutes for lesson in found.values()) == 120, "a course of two hours"
    asked = [step for lesson in found.values() for step in lesson.steps]
    assert sum(step.poll is not None for step in asked) >= 6
    assert sum(step.task is not None for step in asked) >= 4
    for lesson in found.values():
        assert not lesson.steps[-1].poll, "the answer to a poll is on the step after it"


def test_the_figures_that_a_lesson_quotes_are_those_that_were_measured() -> None:
    told = " ".join(step.text for step in lessons.load_all(PAGES)[0]["cifar"].steps)
    for name, words in (("nesterov", "points for Muon"), ("whitening", "for whitening"), ("views", "for the mirrored")):
        row = measured().row(name)
        assert row
        assert f"{round(-2 * row.difference) / 2:g} {words}" in told
    low, high = re.findall(
        r"^\| cifar-70 \| 5 \| \S+ % \((\S+) to (\S+)\)", PERFORMANCE.read_text(encoding="utf-8"), re.MULTILINE
    )[0]
    assert f"Over five seeds this network reached {float(low):.1f} to {float(high):.1f} %." in told


def refused(text: str) -> str:
    with pytest.raises(LessonError) as caught:
        lessons.read("mine", text, PAGES)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("title = \n\n", "line 1"),
        (HEAD, "mine.toml: steps"),
        (HEAD.replace('"T"', '""') + STEP, "mine.toml: title"),
        (HEAD.replace("minutes = 5", "minutes = 0") + STEP, "mine.toml: minutes"),
        ("order = 1\n" + HEAD + STEP, "mine.toml: order"),
        (HEAD + "more = 1\n" + STEP, "mine.toml: more"),
        (HEAD + STEP.replace("kernels", "nowhere"), "mine.toml: steps[1].page"),
        (HEAD + STEP + f'[[steps]]\npage = "mnist"\ntext = "{"a" * 321}"', "mine.toml: steps[2].text"),
        (HEAD + STEP + "start = { m_epochs = 1 }", "mine.toml: steps[1].start.m_epochs"),
        (HEAD + STEP + "start = { k_x = [1] }", "mine.toml: steps[1].start.k_x"),
        (HEAD + STEP + "start = { k_x = 1 }\nfixed = { k_x = 2 }", "mine.toml: steps[1].start"),
        (HEAD + STEP + '[steps.poll]\nquestion = "Q"\nchoices = ["one"]', "mine.toml: steps[1].poll.choices"),
        (HEAD + STEP + '[steps.poll]\nquestion = "Q"\nchoices = ["a", "a"]', "mine.toml: steps[1].poll.choices"),
        (HEAD + STEP + '[steps.poll]\nquestion = "Q"\nchoices = ["a", "b"]\nanswer = 3', "steps[1].poll.answer"),
        (HEAD + STEP + '[steps.task]\ntext = "T"', "mine.toml: steps[1].task"),
        (HEAD + STEP + '[steps.task]\ntext = "T"\npage = { sum = "about 0" }', "steps[1].task.page.sum"),
        (HEAD + STEP + '[steps.task]\ntext = "T"\nruns = { data = "mnist", loss = "< 1" }', "steps[1].task.runs.loss"),
        (HEAD + STEP + '[[grid]]\npage = "mnist"\nsettings = { m_seed = [' + "1," * 61 + "] }", "grid[1].settings"),
    ],
)
def test_a_broken_lesson_is_named_by_its_field(text: str, place: str) -> None:
    assert place in refused(text)


def test_broken_files_leave_the_others_usable(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(HEAD + STEP)
    (tmp_path / "bad.toml").write_text("title = 1")
    (tmp_path / "Big Name.toml").write_text(HEAD + STEP)
    (tmp_path / "large.toml").write_bytes(b"#" * (lessons.MAX_BYTES + 1))
    (tmp_path / "latin.toml").write_bytes(HEAD.replace("T", "é").encode("latin-1"))
    found, faults = lessons.load_all(PAGES, tmp_path)
    assert list(found) == ["good"]
    assert len(faults) == 4
    assert all(any(name in fault for fault in faults) for name in ("bad", "Big Name", "large", "latin"))


def test_settings_become_the_texts_of_links() -> None:
    step = lessons.read("mine", HEAD + STEP + 'start = { k_a = true, k_b = 0.5, k_c = 7, k_d = "x" }', PAGES).steps[0]
    assert step.start == {"k_a": "true", "k_b": "0.5", "k_c": "7", "k_d": "x"}


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        (">= 0.985", 0.985, True),
        (">= 0.985", 0.9849, False),
        ("< 30_000", 29_999, True),
        ("< 30000", 30_000, False),
        ("= 0", 1e-12, True),
        ("= 0", 0.01, False),
        ("> -1", -1, False),
    ],
)
def test_conditions(text: str, value: float, holds: bool) -> None:
    assert Condition.read("accuracy", text).holds({"accuracy": value}) is holds
    assert not Condition.read("accuracy", text).holds({}), "an unknown figure fulfills nothing"


@pytest.mark.parametrize("text", ["0.9", "~ 1", ">= ", ">= 1 or 2", "", 5, None])
def test_other_texts_are_no_conditions(text: object) -> None:
    with pytest.raises(ConditionError):
        Condition.read(RUN_FIGURES[0], text)
