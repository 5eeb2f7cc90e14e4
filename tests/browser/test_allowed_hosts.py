"""Safe by default: who may connect, and which hosts a page asks, whatever its link says."""

import socket
from pathlib import Path
from urllib.parse import urlencode, urlparse

import pytest
from playwright.sync_api import BrowserContext, expect

from core.ui.layout import navigation
from core.ui.state.kept_page import PREFIXES
from tests.browser.conftest import Server
from tests.browser.waiting import settle
from tests.pages.hostile import HOST, VALUES, keys


def handshake(server: Server, host: str, origin: str) -> int:
    """The status of the answer to a WebSocket that is opened under this name."""
    port = urlparse(server.url).port
    request = (
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request.encode())
        return int(connection.recv(4096).split()[1])


def test_a_name_that_only_leads_here_is_refused(server: Server) -> None:
    """DNS rebinding: a page's own name, made to point to this machine, must not reach the app."""
    port = urlparse(server.url).port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", "localhost"):
        assert handshake(server, host, f"http://{host}") == 101
    for host in (HOST, f"{HOST}:{port}", f"localhost.{HOST}:{port}", f"127.0.0.1.{HOST}", "192.168.0.7", "0.0.0.0"):
        assert handshake(server, host, f"http://{host}") == 403
    assert handshake(server, f"localhost:{port}", f"http://{HOST}") == 403, "a page of another name"


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads the listening sockets from Linux")
def test_only_this_machine_can_connect(server: Server) -> None:
    port = urlparse(server.url).port
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = {row[1].split(":")[0] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}
    assert listening
    assert listening <= {"0100007F", "00000000000000000000000001000000"}  # 127.0.0.1 and ::1


def test_no_page_asks_another_host_whatever_its_link_says(person: BrowserContext, server: Server) -> None:
    """Every key of a page at once holds a picture of a foreign host, every other one within JSON; home has no keys."""
    pictures = [VALUES["a picture"], VALUES["a picture in JSON"]]
    links = {page: {key: pictures[place % 2] for place, key in enumerate(keys(page))} for page in PREFIXES}
    watch(person, server, links | {"home": {}})


@pytest.mark.nightly
@pytest.mark.parametrize("what", ["a picture", "a picture in JSON", "Markdown"])
@pytest.mark.parametrize("page", PREFIXES)
def test_a_page_asks_no_other_host_whatever_all_its_keys_say(
    person: BrowserContext, server: Server, page: str, what: str
) -> None:
    watch(person, server, {page: dict.fromkeys(keys(page), VALUES[what])})


# As the browser's Forward to another page's link does: a page that is not opened afresh takes half the time.
GO = """link => { history.pushState({}, '', link); dispatchEvent(new PopStateEvent('popstate')); }"""
STANDS = """question => document.querySelector('[data-testid=stMain] h1')?.innerText === question
  && document.querySelector('[data-test-script-state=notRunning]')"""

# A link to another page of the app has that page's settings, encoded, and nothing else of a link.
PAGE = "[data-testid=stPageLink-NavLink]"
FOREIGN = f"[href*='{HOST}']:not({PAGE}), {PAGE}[href*='//{HOST}'], [src*='{HOST}']"


def watch(person: BrowserContext, server: Server, links: dict[str, dict[str, str]]) -> None:
    """Open one page after the other and hold each to the hosts that it asks, and to what stands on it."""
    asked: list[str] = []
    tab = person.new_page()
    tab.emulate_media(reduced_motion="reduce")
    tab.on("request", lambda request: asked.append(request.url))
    tab.set_default_timeout(30_000)
    own = urlparse(server.url).netloc
    for page, query in links.items():
        link = f"/{'' if page == 'home' else page}?{urlencode(query)}"
        if asked:
            tab.evaluate(GO, link)
        else:
            tab.goto(server.url + link)
        tab.wait_for_function(STANDS, arg=navigation.find(page).question)
        settle(tab)
        assert not query or tab.get_by_test_id("stAlert").count(), page  # it has read the link
        assert not tab.locator("[data-testid=stException]").count(), page
        assert asked
        others = {url for url in asked if urlparse(url).scheme not in ("data", "blob") and urlparse(url).netloc != own}
        assert not others, page
        expect(tab.locator(FOREIGN)).to_have_count(0)
        assert tab.locator("link[rel*=icon]").first.get_attribute("href").startswith("data:image/svg+xml"), page
