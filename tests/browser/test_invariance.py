"""The invariance page in Chromium, over the real networks: bars that move, phone, dark, axe.

Its maps, which fill part by part, are in test_design_rules.py's visit.
"""

import re
from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from core.ui.views.invariance.networks import DIGITS

Open = Callable[..., Page]
STARTING = 90_000  # ms: the answering process imports torch
NOT_STREAMLITS_OWN = {"exclude": [["[data-testid=stSidebarNavItems]"]]}


def opened(page: Page, networks: int = len(DIGITS)) -> Page:
    expect(page.locator(".net")).to_have_count(networks)
    expect(page.locator("[data-shown]")).to_have_count(1, timeout=STARTING)
    return page


def said(page: Page) -> list[str]:
    found: list[str] = page.locator(".net .sure").all_inner_texts()
    return found


def test_the_digit_is_the_handle(visit: Open) -> None:
    page = opened(visit("invariance?i_tab=training"))
    before = said(page)
    pad = page.get_by_role("slider", name="Shift: arrow keys")
    box = pad.bounding_box()
    assert box
    x, y, pixel = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 28
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 6.2 * pixel, y - 1.9 * pixel, steps=4)
    page.mouse.up()
    shown = page.locator("[data-shown]")
    expect(shown).to_have_attribute("data-shown", "6 -2 0 1 0 0", timeout=STARTING)
    expect(page.locator(".net .now").first).to_have_attribute("title", re.compile(r"^\+6"))
    expect(page.locator(".notice")).to_contain_text("Shift right +6")
    assert all(old != new for old, new in zip(before, said(page), strict=True))
    page.wait_for_function("location.search.includes('i_dx=6') && location.search.includes('i_dy=-2')")

    pad.press("Shift+ArrowLeft")  # a tenth of a pixel
    pad.press("]")
    expect(shown).to_have_attribute("data-shown", "5.9 -2 5 1 0 0", timeout=STARTING)
    page.get_by_role("slider", name="Scale", exact=True).press("ArrowUp")
    page.get_by_role("slider", name="Rotate", exact=True).press("ArrowDown")
    expect(shown).to_have_attribute("data-shown", "5.9 -2 0 1.1 0 0", timeout=STARTING)
    page.get_by_role("button", name="Put it back").click()
    expect(shown).to_have_attribute("data-shown", "0 0 0 1 0 0", timeout=STARTING)
    assert said(page) == before


def test_it_fits_a_phone_in_the_dark_and_axe_finds_nothing_serious(visit: Open) -> None:
    page = opened(visit("invariance?i_tab=equivariance", width=390, scheme="dark"))
    expect(page.locator(".i-planes img").first).to_be_visible(timeout=STARTING)
    assert page.evaluate("(m => m.scrollWidth - m.clientWidth)(document.querySelector('[data-testid=stMain]'))") == 0
    found = Axe().run(page, context=NOT_STREAMLITS_OWN).response["violations"]
    assert not [(f["id"], f["nodes"]) for f in found if f["impact"] in ("serious", "critical")]


def test_a_picture_of_ones_own_moves_too(visit: Open, tmp_path: Path) -> None:
    page = opened(visit("invariance?i_take=own&i_tab=affnist&i_aff_count=500"), 1)
    before = said(page)
    Image.linear_gradient("L").save(tmp_path / "mine.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
    expect(page.locator(".net .sure")).not_to_have_text(before[0])
    expect(page.locator(".net .bars.words small")).to_have_count(10)
    expect(page.locator(".caption")).to_contain_text("32 × 32 px, 3 channels")
    assert page.evaluate("(m => m.scrollWidth - m.clientWidth)(document.querySelector('[data-testid=stMain]'))") == 0
