"""The invariance page in Chromium, over the real networks: bars that move, a map that fills, phone, dark, axe."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from core.ui.views.invariance.networks import DIGITS

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
STARTING, WHOLE = 90_000, 120_000  # ms: the answering process imports torch; a map on a machine that is busy
NOT_STREAMLITS_OWN = {"exclude": [["[data-testid=stSidebarNavItems]"]]}


def opened(visit: Open, path: str, **how: object) -> Page:
    page = visit(path, **how)
    expect(page.locator(".predictions > div")).to_have_count(len(DIGITS), timeout=STARTING)
    return page


def bars(page: Page) -> list[str]:
    found: list[str] = page.locator(".predictions .bars i").evaluate_all("bars => bars.map(bar => bar.style.height)")
    return found


def test_a_slider_moves_every_networks_bars(visit: Open) -> None:
    page = opened(visit, "invariance?i_tab=affnist&i_aff_count=500")
    before = bars(page)
    slider = page.get_by_role("slider", name="Shift right (px)")
    slider.focus()
    for _ in range(6):
        slider.press("ArrowRight")
    expect(page.locator("figcaption").first).to_contain_text("shift right +6", timeout=STARTING)
    after = bars(page)
    assert len(before) == len(after) == 10 * len(DIGITS)
    for network in range(len(DIGITS)):
        assert before[10 * network : 10 * network + 10] != after[10 * network : 10 * network + 10]
    page.wait_for_function("location.search.includes('i_dx=6')")
    expect(page.locator(".predictions .now").first).to_have_attribute("title", re.compile(r"^\+6"))


def test_the_maps_fill_part_by_part(visit: Open) -> None:
    page = opened(visit, "invariance?i_count=200")
    progress = page.locator("[data-testid=stProgress]")
    maps = page.locator("[data-testid=stVegaLiteChart]")
    expect(maps).to_have_count(len(DIGITS), timeout=STARTING)
    expect(progress).to_have_count(0, timeout=WHOLE)
    cells = maps.first.locator("svg .mark-rect path")
    expect(cells).to_have_count(17 * 17)
    assert len(set(cells.evaluate_all("cells => cells.map(cell => cell.getAttribute('fill'))"))) > 20


def test_it_fits_a_phone_in_the_dark_and_axe_finds_nothing_serious(visit: Open) -> None:
    page = opened(visit, "invariance?i_tab=equivariance", width=390, scheme="dark")
    expect(page.locator(".i-planes img").first).to_be_visible(timeout=STARTING)
    assert page.evaluate("(m => m.scrollWidth - m.clientWidth)(document.querySelector('[data-testid=stMain]'))") == 0
    found = Axe().run(page, context=NOT_STREAMLITS_OWN).response["violations"]
    assert not [(f["id"], f["nodes"]) for f in found if f["impact"] in ("serious", "critical")]


def test_a_picture_of_ones_own_moves_too(visit: Open, tmp_path: Path) -> None:
    page = visit("invariance?i_take=own&i_tab=affnist&i_aff_count=500")
    expect(page.locator(".predictions > div")).to_have_count(1, timeout=STARTING)
    before = page.locator(".predictions").inner_html()
    Image.linear_gradient("L").save(tmp_path / "mine.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
    page.wait_for_function("before => document.querySelector('.predictions').innerHTML !== before", arg=before)
    expect(page.locator(".predictions .bars.horizontal b")).to_have_count(10)
    expect(page.locator("figcaption").first).to_contain_text("32 × 32 pixels, 3 channels")
    assert page.evaluate("(m => m.scrollWidth - m.clientWidth)(document.querySelector('[data-testid=stMain]'))") == 0
