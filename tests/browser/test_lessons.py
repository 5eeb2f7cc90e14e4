"""A lesson in two browsers: the instructor reveals, a student sees it; and the bar leaves the stage on the screen."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.classroom import lessons
from core.classroom.classroom import Classroom
from core.runs.database import Database
from core.runs.person import Person
from core.ui.state.lesson_state import PAGES
from tests.browser.conftest import Server, running
from tests.browser.waiting import settle

pytestmark = pytest.mark.browser

TEACHER = Person("teacher", "T", "instructor", "browser")
LESSON = lessons.load_all(PAGES)[0]["layers"]
SEEN_SECONDS = 2.0  # from the reveal to the student's screen
STAGE_TOP = 270  # px, with the largest bar: a step, its task and a poll
WINDOWS = [(1440, 900), (1280, 720)]


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Server]:
    """An app that other machines can reach: who opens it is a student."""
    with running(tmp_path / "home", "--server.address=0.0.0.0") as app:
        yield app


def opened(browser: Browser, server: Server, path: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{server.url}/{path}")
    page.wait_for_selector("[data-testid=stMain] h1")
    settle(page)
    return page


def test_a_student_sees_what_is_revealed_and_the_class_s_answers(browser: Browser, hosted: Server) -> None:
    room = Classroom(Database(hosted.home))
    room.teach(TEACHER, LESSON.name)
    room.reveal(TEACHER, LESSON, 2)
    student = opened(browser, hosted, f"filters?lesson={LESSON.name}")
    other = opened(browser, hosted, f"filters?lesson={LESSON.name}")
    poll = LESSON.steps[1].poll
    assert poll
    following = student.locator(".st-key-lesson_next").get_by_role("button")
    expect(following).to_be_disabled()
    for page, choice in ((student, 3), (other, 0)):
        page.locator(".st-key-lesson_poll").get_by_role("radio", name=poll.choices[choice]).click()
    asked = time.monotonic()
    while len(room.answers(LESSON, 2)) < 2:
        assert time.monotonic() - asked < 20
        time.sleep(0.1)
    expect(student.locator(".poll-result")).to_have_count(0)

    revealed = time.monotonic()
    room.reveal(TEACHER, LESSON, 3)
    expect(following).to_be_enabled(timeout=10_000)
    assert time.monotonic() - revealed < SEEN_SECONDS
    expect(student.locator(".poll-result span")).to_have_count(len(poll.choices))
    expect(student.locator(".poll-result .right")).to_contain_text("50 %")
    expect(student.locator(".poll-result .right")).to_contain_text("yours")

    room.announce(TEACHER, "Five minutes <b>left</b>")
    expect(student.locator(".st-key-class_notice")).to_contain_text("Five minutes <b>left</b>", timeout=10_000)
    student.context.close()
    other.context.close()


def test_the_bar_leaves_the_stage_on_the_first_screen(browser: Browser, server: Server) -> None:
    page = opened(browser, server, f"pooling?lesson={LESSON.name}&step=8")
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        bar, stage = (page.locator(f".st-key-{name}").bounding_box() for name in ("lesson_bar", "stage"))
        assert bar
        assert stage
        assert bar["y"] < stage["y"] <= STAGE_TOP
        assert stage["height"] >= 300
    page.context.close()
