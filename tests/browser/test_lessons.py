"""The bar of a lesson in Chromium: it leaves the stage on the screen. What a class sees is in test_hosted_app.py."""

from core.classroom import lessons
from core.ui.state.lesson_state import PAGES
from tests.browser.conftest import Open

LESSON = lessons.load_all(PAGES)[0]["layers"]
STAGE_TOP = 270  # px, with the largest bar: a step, its task and a poll
WINDOWS = [(1440, 900), (1280, 720)]


def test_the_bar_leaves_the_stage_on_the_first_screen(visit: Open) -> None:
    page = visit(f"pooling?lesson={LESSON.name}&step=8")
    page.wait_for_selector(".st-key-lesson_bar")
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        bar, stage = (page.locator(f".st-key-{name}").bounding_box() for name in ("lesson_bar", "stage"))
        assert bar
        assert stage
        assert bar["y"] < stage["y"] <= STAGE_TOP
