"""The first screen of every page, in two windows: everything stands where core/ui/layout/page_frame.py says."""

import pytest

from core.ui.layout import navigation
from tests.browser.conftest import Open
from tests.browser.lengths import DESK, PHONE, keeps_its_length, shown

pytestmark = pytest.mark.browser

WINDOWS = [DESK, (1280, 720)]
TITLE_TOP, ROW, STAGE_TOP = 24, 56, 150  # px, as in core/ui/layout/page_frame.py


@pytest.mark.parametrize("name", [page.name for page in navigation.PAGES])
def test_the_picture_is_the_page(visit: Open, name: str) -> None:
    page = visit("" if name == "home" else name)
    page.locator(".st-key-stage").wait_for(timeout=5_000)
    for width, height in WINDOWS:
        found = shown(page, width, height)
        assert found["title"]["top"] == pytest.approx(TITLE_TOP, abs=1)
        assert found["title"]["height"] <= ROW
        if found["controls"]:
            assert found["controls"]["height"] <= ROW
        assert found["stage"]["top"] <= STAGE_TOP
        notice = page.locator(".st-key-notice, .notice").first.bounding_box()  # also inside a component
        assert notice
        assert notice["y"] + notice["height"] <= height
    keeps_its_length(page)
    assert shown(page, *PHONE)["wide"] <= 0
