"""README.md shows every page, by pictures that a script takes."""

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from core.ui.layout import navigation

ROOT = Path(__file__).parents[2]


def test_the_script_takes_a_pages_picture(browser: Browser, tmp_path: Path) -> None:
    """`browser` says whether there is a Chromium; the script starts its own."""
    run = [sys.executable, "docs/draw_pages.py", "pooling", "--into", str(tmp_path)]
    done = subprocess.run(
        run, cwd=ROOT, env={**os.environ, "CNNLAB_HOME": ""}, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    picture = Image.open(tmp_path / "pooling.webp").convert("L")
    assert picture.size == (960, 540)
    assert len(picture.getcolors()) > 50  # not an empty page


def test_readme_shows_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in navigation.PAGES:
        assert f"](docs/pages/{page.name}.webp)" in readme
        assert page is navigation.PAGES[0] or page.question in readme
        frames = getattr(Image.open(ROOT / "docs" / "pages" / f"{page.name}.webp"), "n_frames", 1)
        assert (frames > 1) == (page is navigation.PAGES[0])  # home moves
