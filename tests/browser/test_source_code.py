"""The dialog with a page's source in Chromium: it opens at the foot and leads from function to function, and back."""

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from core.ui.layout import source_index
from tests.browser.accessibility import serious_findings
from tests.browser.visits import DESK, PHONE, move_to

Open = Callable[..., Page]
DIALOG = "[role=dialog]"


def test_the_source_of_a_page_leads_to_what_it_calls_and_back(visit: Open) -> None:
    page = visit("pooling")
    index = source_index.parts("pooling")
    page.get_by_role("button", name="Source code of this page").click()
    dialog = page.locator(DIALOG)
    code = dialog.locator("[data-testid=stCode] code")
    expect(code).to_contain_text('page_frame.onward("pooling")')
    _picture(page, "page")
    dialog.get_by_role("button", name="controls.show", exact=True).click()
    expect(code).to_contain_text(index["core.ui.views.pooling.controls.show"].source.splitlines()[0])
    dialog.get_by_role("button", name="figures.Plane", exact=True).click()
    expect(code).to_contain_text("class Plane")
    expect(dialog.locator("[data-testid=stCaptionContainer]")).to_contain_text("pooling/figures.py, lines")
    for width, scheme in (DESK, PHONE):
        move_to(page, (width, scheme))
        _picture(page, f"function-{width}-{scheme}")
        page.wait_for_function("document.querySelector('[role=dialog]').scrollWidth <= innerWidth", timeout=10_000)
        assert not serious_findings(page, DIALOG), scheme
    callers = dialog.locator(".st-key-source_called_by")
    callers.get_by_role("button", name="controls.show", exact=True).click()
    expect(code).to_contain_text("def show(")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def _picture(page: Page, name: str) -> None:
    """Keep a picture to be looked at, in the folder PICTURES where one is given."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")
