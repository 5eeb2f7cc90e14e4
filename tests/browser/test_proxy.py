"""The app behind deploy/'s proxy in Chromium: the headers that it adds stop nothing that a page needs."""

from pathlib import Path
from urllib.parse import urlparse

from playwright.sync_api import Browser

from tests.browser.conftest import Server
from tests.browser.waiting import settle
from tests.deploy.conftest import proxied


def test_pages_are_whole_behind_the_proxy(browser: Browser, server: Server, tmp_path: Path) -> None:
    """A page with a picture that moves and one with charts: nothing is refused by the content security policy."""
    port = urlparse(server.url).port
    assert port
    with proxied(tmp_path, ["127.0.0.1"], port) as proxy:
        context = browser.new_context(ignore_https_errors=True)
        said: list[str] = []
        try:
            page = context.new_page()
            page.set_default_timeout(30_000)
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(f"refused: {error}"))
            for path in ("kernels", "mnist", "layer_calculator"):
                page.goto(f"{proxy.url}/{path}")
                page.wait_for_selector("[data-testid=stMain] h1")
                settle(page)
                part = page.locator(".stBidiComponent, [data-testid=stBidiComponentRegular]").first
                part.wait_for(state="attached")  # it is drawn after what is text
                assert page.evaluate("window.isSecureContext")
            names = {cookie["name"] for cookie in context.cookies()}
        finally:
            context.close()
    assert not [text for text in said if "refused" in text.lower() or "content security policy" in text.lower()]
    assert {"cnnlab_replica", "cnnlab_person"} <= names
