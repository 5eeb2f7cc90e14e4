"""The first screen of a page, in two windows: everything stands where core/ui/layout/page_frame.py says."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.waiting import settle

WINDOWS = [(1440, 900), (1280, 720)]
TITLE_TOP, ROW, STAGE_TOP = 24, 56, 150  # px, as in core/ui/layout/page_frame.py
SCREENS = 2.2  # that a page may be high at 1440 x 900, with the tab that it opens with
PHONE, PHONE_SCREENS = (390, 844), 3.5
STILL = 20  # half seconds that a page may take until nothing moves
MEASURE = """() => {
  const box = (element) => element && element.getBoundingClientRect().toJSON();
  const first = (selector) => box(document.querySelector(selector));
  return {
    title: first('.st-key-title_line'), controls: first('.st-key-controls'), stage: first('.st-key-stage'),
    high: document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight,
    wide: document.documentElement.scrollWidth - window.innerWidth,
  };
}"""


def shown(page: Page, width: int, height: int) -> dict[str, Any]:
    """Return what MEASURE finds in a window of this size, once nothing moves any more."""
    page.set_viewport_size({"width": width, "height": height})
    found: dict[str, Any] = {}
    for _ in range(STILL):
        before = found
        settle(page)
        page.wait_for_timeout(500)  # components lay themselves out anew
        found = page.evaluate(MEASURE)
        if found == before:
            break
    return found


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
        if (width, height) == WINDOWS[0]:
            assert found["high"] <= SCREENS * height
    found = shown(page, *PHONE)
    assert found["wide"] <= 0
    assert found["high"] <= PHONE_SCREENS * PHONE[1]
