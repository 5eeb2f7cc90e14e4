"""A lesson in three browsers: the instructor reveals, students see it; and the bar leaves the stage on the screen."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.classroom import lessons
from core.ui.state.lesson_state import PAGES
from tests.browser.conftest import Server, running
from tests.browser.waiting import settle

CODES = {"CNNLAB_CLASS_CODE": "blue heron", "CNNLAB_INSTRUCTOR_CODE": "gray-owl-7"}
LESSON = lessons.load_all(PAGES)[0]["layers"]
SEEN_SECONDS = 2.0  # from the press of the button to the student's screen
STAGE_TOP = 270  # px, with the largest bar: a step, its task and a poll
WINDOWS = [(1440, 900), (1280, 720)]


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Server]:
    """An app that other machines can reach."""
    names = [f"--server.allowedHosts={name}" for name in ("127.0.0.1", "class.test")]
    with running(tmp_path / "home", *names, **CODES) as app:
        yield app


def joined(browser: Browser, server: Server, path: str, code: str, name: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{server.url}/{path}")
    page.get_by_role("textbox", name="Class code").fill(code)
    page.get_by_role("textbox", name="First name or nickname").fill(name)
    page.get_by_role("button", name="Join the class").click()
    page.wait_for_selector(".st-key-title_line")
    settle(page)
    return page


def test_students_see_what_the_instructor_reveals_and_the_answers(browser: Browser, hosted: Server) -> None:
    class_code, instructor_code = CODES.values()
    teacher = joined(browser, hosted, "instructor?t_tab=lesson", instructor_code, "Grace")
    teacher.get_by_role("combobox", name="The class's lesson").click()
    teacher.get_by_role("option", name=LESSON.title).click()
    reveal = teacher.get_by_role("button", name="Reveal the next step")
    reveal.click()
    expect(teacher.get_by_text(f"Step 2 of {len(LESSON.steps)}")).to_be_visible()

    link = f"filters?lesson={LESSON.name}"
    ann, ben = (joined(browser, hosted, link, class_code, name) for name in ("Ann", "Ben"))
    poll = LESSON.steps[1].poll
    assert poll
    following = ann.locator(".st-key-lesson_next").get_by_role("button")
    expect(following).to_be_disabled()
    for page, choice in ((ann, 3), (ben, 0)):
        page.locator(".st-key-lesson_poll").get_by_text(poll.choices[choice], exact=True).click()
    expect(teacher.locator(".class-histogram b")).to_have_text(["1", "0", "0", "1"])
    expect(ann.locator(".poll-result")).to_have_count(0)

    reveal.click()
    pressed = time.monotonic()
    expect(following).to_be_enabled(timeout=10_000)
    assert time.monotonic() - pressed < SEEN_SECONDS
    right = ann.locator(".poll-result .right")
    expect(right).to_contain_text("50 %")
    expect(right).to_contain_text("yours")

    teacher.get_by_role("textbox", name="Announcement").fill("Five minutes <b>left</b>")
    teacher.get_by_role("button", name="Announce", exact=True).click()
    expect(ben.locator(".st-key-class_notice")).to_contain_text("Five minutes <b>left</b>", timeout=10_000)
    for page in (teacher, ann, ben):
        page.context.close()


def test_the_bar_leaves_the_stage_on_the_first_screen(browser: Browser, server: Server) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{server.url}/pooling?lesson={LESSON.name}&step=8")
    page.wait_for_selector(".st-key-lesson_bar")
    settle(page)
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        bar, stage = (page.locator(f".st-key-{name}").bounding_box() for name in ("lesson_bar", "stage"))
        assert bar
        assert stage
        assert bar["y"] < stage["y"] <= STAGE_TOP
    page.context.close()
