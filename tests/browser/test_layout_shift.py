"""Nothing on a page jumps while it loads, from the moment on at which its title is there (docs/design.md)."""

import pytest
from playwright.sync_api import Browser, BrowserContext

from core.ui.layout import navigation
from tests.browser.conftest import Server
from tests.browser.waiting import settle

pytestmark = pytest.mark.browser

MOST = 0.05  # of web.dev's score of layout shift: "good" is 0.1
# Before the title there is nothing of ours: Streamlit draws gray bars over the whole width, then its sidebar beside it.
WATCH = """
  window.titleAt = Infinity;
  const seen = new MutationObserver(() => {
    if (!document.querySelector("[data-testid=stMain] h1")) return;
    window.titleAt = performance.now();
    seen.disconnect();
  });
  seen.observe(document, { childList: true, subtree: true });
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, startTime, hadRecentInput } of list.getEntries())
      if (!hadRecentInput) window.shifts.push([startTime, value]);
  }).observe({ type: "layout-shift", buffered: true });
"""
SCORE = "() => [titleAt, shifts.filter(([at]) => at >= titleAt).reduce((sum, [, value]) => sum + value, 0)]"


@pytest.fixture(scope="module")
def visited(browser: Browser, server: Server) -> Server:
    """An app that somebody has visited: on the first link to one, Streamlit draws the sidebar twice."""
    page = browser.new_page()
    page.goto(f"{server.url}/pooling")
    page.wait_for_selector("[data-testid=stMain] h1", timeout=30_000)
    settle(page)
    page.context.close()
    return server


@pytest.mark.parametrize("name", [page.name for page in navigation.PAGES])
def test_nothing_jumps_while_a_page_loads(person: BrowserContext, visited: Server, name: str) -> None:
    page = person.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.add_init_script(WATCH)
    page.goto(f"{visited.url}/{'' if name == 'home' else name}")
    page.wait_for_selector("[data-testid=stMain] h1", timeout=30_000)
    settle(page)
    page.wait_for_timeout(2_000)  # components lay themselves out
    title_at, score = page.evaluate(SCORE)
    assert 0 < title_at < 1e6
    assert score < MOST
