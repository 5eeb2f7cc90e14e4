"""What axe finds wrong with a page of the app, and with each of its tabs on two screens."""

from collections.abc import Iterator, Sequence
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.visits import DESK, PHONE, Screen, move_to
from tests.browser.waiting import settle

# Streamlit puts the sections' headings of the navigation straight into its list.
NOT_STREAMLITS_OWN = {"exclude": [["[data-testid=stSidebarNavItems]"]]}
IN_TABS = "[data-testid=stTabs]"
REST = 500  # ms: charts are drawn after the page has settled

SIDEWAYS = """() => { const main = document.querySelector('[data-testid=stMain]'), whole = document.documentElement;
  return main.scrollWidth === main.clientWidth && whole.scrollWidth === whole.clientWidth; }"""


def violations(page: Page, within: str | None = None) -> list[dict[str, Any]]:
    """Return all that axe finds on the page, or within the parts that a selector names, at once."""
    if not page.evaluate("'axe' in window"):  # its script takes as long as to look at a tab
        page.evaluate(AXE_SCRIPT)
    run = "([within, options]) => axe.run(within, options).then(({ violations }) => violations)"
    found: list[dict[str, Any]] = page.evaluate(run, [within or NOT_STREAMLITS_OWN, {"resultTypes": ["violations"]}])
    return found


def serious_findings(page: Page, within: str | None = None) -> list[tuple[str, list[str]]]:
    """Return what is serious or critical there, with the elements, once the page is at rest."""
    settle(page)
    page.wait_for_timeout(REST)
    found = violations(page, within)
    return [(f["id"], [n["html"] for n in f["nodes"]]) for f in found if f["impact"] in ("serious", "critical")]


def tabs_on_two_screens(
    page: Page, tabs: Sequence[str], screens: tuple[Screen, Screen] = (DESK, PHONE), *, all_on_both: bool = False
) -> Iterator[str]:
    """Open every second tab on one screen and the rest on the other, or all on both, as axe looks at them.

    Each is yielded there, and again in the width of the other screen. In between, axe must find nothing serious: on the
    whole page the first time on a screen, and then in the tabs, as nothing else changes with them.
    """
    parts = (tabs, tabs) if all_on_both else (tabs[::2], tabs[1::2])
    for screen, (other_width, _), opened in zip(screens, screens[::-1], parts, strict=True):
        for tab in opened:
            move_to(page, screen)
            page.get_by_role("tab", name=tab).click()
            settle(page)
            yield tab
            found = serious_findings(page, None if tab == opened[0] else IN_TABS)
            assert not found, (tab, screen, found)
            page.set_viewport_size({"width": other_width, "height": 1000})
            yield tab


def does_not_scroll_sideways(page: Page) -> None:
    """Wait until the page is laid out for its screen, and no wider than it."""
    page.wait_for_function(SIDEWAYS, timeout=10_000)


def scrolls_down_only(page: Page) -> None:
    """Wait until a phone's screen is not wider than it may be."""
    page.set_viewport_size({"width": 390, "height": 1000})
    page.wait_for_function(SIDEWAYS)
