"""A browser is one person in all its tabs; another browser is another person."""

from playwright.sync_api import Browser, BrowserContext

from core.ui.backend import identity
from tests.browser.conftest import Server
from tests.browser.waiting import settle


def name_in(context: BrowserContext, server: Server, *, other_than: str = "") -> str:
    page = context.new_page()
    page.goto(f"{server.url}/pooling")
    page.wait_for_selector("[data-testid=stMain] h1")
    settle(page)
    page.wait_for_function(
        "([cookie, old]) => document.cookie.split('; ').some((one) => one.startsWith(cookie) && one !== cookie + old)",
        arg=[f"{identity.COOKIE}=", other_than],
        timeout=10_000,
    )
    (cookie,) = [one for one in context.cookies() if one["name"] == identity.COOKIE]
    assert cookie["sameSite"] == "Lax"
    return str(cookie["value"])


def test_all_tabs_of_a_browser_are_one_person_and_a_made_up_name_is_replaced(
    browser: Browser, person: BrowserContext, server: Server
) -> None:
    name = name_in(person, server)
    assert name_in(person, server) == name, "a second tab"
    other = browser.new_context()
    try:
        made_up = "0" * 24 + "." + "A" * 43
        other.add_cookies([{"name": identity.COOKIE, "value": made_up, "url": server.url}])
        assert name_in(other, server, other_than=made_up) not in (made_up, name)
    finally:
        other.close()
