"""How long a page is, in the window of a desk and in that of a phone."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.waiting import settle

DESK, PHONE = (1440, 900), (390, 844)  # windows in px
SCREENS = {DESK: 2.2, PHONE: 3.5}  # how many of a window's heights a page may have
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


def is_short_enough(found: dict[str, Any], window: tuple[int, int]) -> bool:
    """Return whether what is `shown` in this window is no longer than any page may be."""
    return bool(found["high"] <= SCREENS[window] * window[1])


def keeps_its_length(page: Page) -> None:
    """Assert that the page, with the tab that is open now, is no longer than any page may be."""
    for window in SCREENS:
        assert is_short_enough(shown(page, *window), window), (page.url, window)
