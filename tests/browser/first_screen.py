"""The first screen of a page, in two windows: everything stands where core/ui/layout/page_frame.py says."""

import pytest
from playwright.sync_api import Page

from tests.browser.lengths import DESK, PHONE, is_short_enough, shown

NOTEBOOK = (1280, 720)  # px
TITLE_TOP, ROW, STAGE_TOP = 24, 56, 150  # px, as in core/ui/layout/page_frame.py


def check(page: Page) -> None:
    """Hold what is shown of an opened page to its place, in two windows and on a phone."""
    page.locator(".st-key-stage").wait_for(timeout=5_000)
    for window in (DESK, NOTEBOOK):
        found = shown(page, *window)
        assert found["title"]["top"] == pytest.approx(TITLE_TOP, abs=1)
        assert found["title"]["height"] <= ROW
        if found["controls"]:
            assert found["controls"]["height"] <= ROW
        assert found["stage"]["top"] <= STAGE_TOP
        notice = page.locator(".st-key-notice, .notice").first.bounding_box()  # also inside a component
        assert notice
        assert notice["y"] + notice["height"] <= window[1]
        assert window == NOTEBOOK or is_short_enough(found, window)
    found = shown(page, *PHONE)
    assert is_short_enough(found, PHONE)
    assert found["wide"] <= 0
