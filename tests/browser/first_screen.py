"""The first screen of a page, in two windows: everything stands where core/ui/layout/page_frame.py says."""

import pytest
from playwright.sync_api import Page

from tests.browser.lengths import DESK, PHONE, keeps_its_length, shown

WINDOWS = [DESK, (1280, 720)]
TITLE_TOP, ROW, STAGE_TOP = 24, 56, 150  # px, as in core/ui/layout/page_frame.py


def check(page: Page) -> None:
    """Hold what is shown of an opened page to its place, in two windows and on a phone."""
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
