"""Take the pictures of the pages for README.md, in Chromium: python docs/draw_pages.py [PAGE ...] [--into FOLDER].

Writes pages/PAGE.webp beside this file, each the first screen at 1280 x 720 px with the digits that the project embeds,
and for home the moving pages/home.webp: what a visitor sees in the first seconds.
"""

import argparse
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from core.ui.layout import navigation  # noqa: E402  (the project is not installed where its documents are drawn)

PICTURES = ROOT / "docs" / "pages"
WINDOW, SHOWN = (1280, 720), (960, 540)  # px: of the window, and of its picture
FRAMES, EVERY = 24, 0.15  # of the moving picture; seconds
STILL = (
    "!document.querySelector('[data-testid=stStatusWidget]') && !document.querySelector('[data-stale=true]') && "
    "!document.querySelector('[data-testid=stSkeleton]')"
)


def main() -> None:
    """Draw the pages that the command line names, by default all of them."""
    parser = argparse.ArgumentParser(description="Take the pictures of the pages for README.md.")
    parser.add_argument("pages", nargs="*", default=[page.name for page in navigation.PAGES], metavar="PAGE")
    parser.add_argument("--into", type=Path, default=PICTURES, metavar="FOLDER")
    arguments = parser.parse_args()
    folder: Path = arguments.into
    folder.mkdir(parents=True, exist_ok=True)
    with _app() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for name in arguments.pages:
            frames = _frames(browser, url, name)
            frames[0].save(
                folder / f"{name}.webp",
                save_all=True,
                append_images=frames[1:],
                duration=int(EVERY * 1000),
                loop=0,
                quality=80,
                method=6,
            )
        browser.close()


def _frames(browser: Browser, url: str, name: str) -> list[Image.Image]:
    """Return the page's first screen: one picture, or those of the first seconds for home."""
    moves = name == navigation.PAGES[0].name
    page = browser.new_page(
        viewport={"width": WINDOW[0], "height": WINDOW[1]},
        color_scheme="light",
        reduced_motion="no-preference" if moves else "reduce",
    )
    page.goto(f"{url}/{'' if moves else name}")
    page.wait_for_selector("[data-testid=stMain] h1")
    page.wait_for_function(STILL, timeout=120_000)
    frames = []
    for number in range(FRAMES if moves else 1):
        page.wait_for_timeout(EVERY * 1000 if number else 1000)
        frames.append(_shot(page))
    page.close()
    return frames


def _shot(page: Page) -> Image.Image:
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return shot.resize(SHOWN, Image.Resampling.LANCZOS)


@contextmanager
def _app() -> Iterator[str]:
    """Run the app on a home of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    run = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={url.rsplit(':', 1)[1]}"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        app = subprocess.Popen(
            [*run, "--server.headless=true"],
            cwd=ROOT,
            env={**os.environ, "CNNLAB_HOME": home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(f"{url}/_stcore/health")
            yield url
        finally:
            app.terminate()
            app.wait(30)


def _wait(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the app did not answer within a minute")


if __name__ == "__main__":
    main()
