"""One Chromium and one app for all browser tests: the app on a home of its own, with the digits it embeds."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.waiting import EXPECT_MS, PAGE_MS, settle

ROOT = Path(__file__).parents[2]
# The same engine; without the windows of a desktop it takes a fifth less processor time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = [
    *["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--process-per-site"],
    "--font-render-hinting=none",  # letters as wide as on a desktop: the shell rounds them to whole pixels
]
Open = Callable[..., Page]

expect.set_options(timeout=EXPECT_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one the tests are skipped, and fail where CI=true."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("the browser tests want a chromium on the PATH")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


class Server:
    """`streamlit run app.py` on a free port."""

    def __init__(self, home: Path, *options: str, port: int = 0, **variables: str) -> None:
        """Start it, with these options of the command line and these variables beside those of this process."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", port))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.home = home
        self.log = home.parent / "app.log"
        nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")  # the embedded digits stay in use
        environment = {**os.environ, **nowhere, "CNNLAB_HOME": str(home), **variables}
        command = ["streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true", *options]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1)
                return
            except OSError:
                time.sleep(0.1)
        pytest.fail(f"the app did not answer: {self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()


@contextmanager
def running(home: Path, *options: str, port: int = 0, **variables: str) -> Iterator[Server]:
    """An app on this home, ended at the end, also when the tests are terminated."""
    app = Server(home, *options, port=port, **variables)
    before = signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated"))
    try:
        app.wait()
        yield app
    finally:
        signal.signal(signal.SIGTERM, before)
        app.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The one app of this process."""
    with running(tmp_path_factory.mktemp("browser") / "home") as app:
        yield app


@pytest.fixture
def fresh_server(server: Server, tmp_path: Path) -> Iterator[Server]:
    """An app that nobody has visited yet: the one of this process, if it keeps nothing of a visit so far."""
    if not server.home.exists():
        yield server
        return
    with running(tmp_path / "home") as app:
        yield app


@pytest.fixture(scope="session")
def kept_context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A browser whose first page stays: it keeps Chromium's process of the app's site, with the compiled scripts.

    A page then opens for 1.2 s of processor time, and else for 2.0.
    """
    with kept(browser, server) as context:
        yield context


@contextmanager
def kept(browser: Browser, server: Server, **options: Any) -> Iterator[BrowserContext]:
    """A browser with these options whose first page stays on this server."""
    context = browser.new_context(accept_downloads=True, **({"viewport": {"width": 1440, "height": 1000}} | options))
    context.new_page().goto(f"{server.url}/_stcore/health")
    yield context
    context.close()


@pytest.fixture
def person(kept_context: BrowserContext) -> Iterator[BrowserContext]:
    """The browser of somebody who has not been here, with one page that is none of the app's; its cache is kept."""
    with one_visitor(kept_context) as context:
        yield context


@contextmanager
def one_visitor(context: BrowserContext) -> Iterator[BrowserContext]:
    """Lend a kept context to somebody; afterward its first page is left, and nothing that they left in the browser."""
    yield context
    _, *opened = context.pages
    for page in opened:
        if page.url.startswith("http"):
            page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.close()
    context.clear_cookies()


@pytest.fixture
def visit(browser: Browser, person: BrowserContext, server: Server) -> Iterator[Open]:
    """Opens a path of the app, each time as somebody else; errors on its console fail the test at the end."""
    others: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(
        path: str = "",
        *,
        width: int = 1440,
        scheme: str = "light",
        motion: str = "reduce",
        url: str = server.url,
    ) -> Page:
        if len(person.pages) > 1:
            others.append(browser.new_context(accept_downloads=True))
        page = (others or [person])[-1].new_page()
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=scheme, reduced_motion=motion)
        page.set_default_timeout(PAGE_MS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{url}/{path}")
        page.wait_for_selector("[data-testid=stMain] h1")
        settle(page)
        return page

    yield open_page
    for context in others:
        context.close()
    assert not wrong, wrong


@pytest.fixture(scope="session")
def _kept_blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.context.close()


@pytest.fixture
def blank(browser: Browser, _kept_blank: Page) -> Iterator[Open]:
    """Opens an empty page, for a component without a server; an error that it throws fails the test at the end.

    A page that stays opens it, in its own process of Chromium: a process for each takes 0.7 s of processor time. Only
    one with something of its own (a finger, another density of pixels) has a process too.
    """
    opened: list[Page] = []
    wrong: list[str] = []

    def open_page(width: int, height: int, *, motion: str = "no-preference", **own: Any) -> Page:
        if own:
            page = browser.new_page(**own)
        else:
            with _kept_blank.expect_popup() as popup:
                _kept_blank.evaluate("void open('about:blank')")
            page = popup.value
        opened.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(reduced_motion=motion)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return page

    yield open_page
    for page in opened:
        (page if page.context is _kept_blank.context else page.context).close()
    assert not wrong, wrong
