"""Visits that go on in an open page: opening one afresh takes 1.2 s of processor time, and in a new browser 2.7."""

from urllib.parse import urljoin

from playwright.sync_api import Page

from tests.browser.waiting import settle

Screen = tuple[int, str]  # the width in px and the color scheme
DESK, PHONE = (1440, "light"), (390, "dark")
REST = 600  # ms: the last change is in the link by then
SHOWS = "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme"


def reopened(page: Page) -> Page:
    """Open the page's link again as somebody who has not been here does, once it is at rest, and return the page."""
    link = ""
    while link != page.url:
        link = page.url
        page.wait_for_timeout(REST)
        settle(page)
    page.goto(urljoin(link, "/_stcore/health"))  # of the same site, and empty
    page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.context.clear_cookies()
    page.goto(link)
    page.wait_for_selector("[data-testid=stMain] h1")
    settle(page)
    return page


def move_to(page: Page, screen: Screen) -> None:
    """Show an open page on another screen, and wait until it is laid out and colored for it."""
    width, scheme = screen
    page.set_viewport_size({"width": width, "height": 1000})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(SHOWS, arg=scheme)
    settle(page)
