"""The augmentation page in Chromium: steps in the link, the animation, training with it; phone, dark, axe."""

import json
import urllib.parse
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
PATIENCE = 60_000  # ms: the first answer waits for the process that answers to start
NOT_STREAMLITS_OWN = {"exclude": [["[data-testid=stSidebarNavItems]"]]}


def drawn(page: Page) -> None:
    expect(page.locator(".draws img")).to_have_count(15, timeout=PATIENCE)


def test_a_step_is_added_tuned_and_trained_with(visit: Open) -> None:
    page = visit("augmentation?a_pipeline=none")
    drawn(page)
    before = page.locator(".draws .draw img").first.get_attribute("src")
    page.get_by_role("combobox", name="Add a step").click()
    page.get_by_role("option", name="Rotation").click()
    expect(page.locator(".draws .draw figcaption").first).to_contain_text("°", timeout=PATIENCE)
    assert page.locator(".draws .draw img").first.get_attribute("src") != before
    page.get_by_role("slider", name="Maximum angle (±°)").press("ArrowRight")
    expect(page.get_by_test_id("stExpander").get_by_text("rotation (degrees ±16°)")).to_be_visible()
    page.wait_for_function("location.search.includes('16.0')")
    query = urllib.parse.parse_qs(urllib.parse.urlparse(page.url).query)
    assert json.loads(query["a_pipeline"][0]) == [{"step": "Rotation", "degrees": 16.0}]
    page.get_by_role("link", name="Train with this on MNIST").click()
    expect(page.get_by_role("button", name="Settings: 1 step")).to_be_visible()


def test_the_animation_plays_unless_less_motion_is_asked_for(visit: Open) -> None:
    still = visit("augmentation?a_tab=sweep", motion="reduce")
    caption = still.locator(".flipbook figcaption")
    expect(caption).to_have_text("Shift: 0 px", timeout=PATIENCE)
    expect(still.get_by_role("button", name="Play")).to_be_visible()
    still.get_by_role("slider", name="while shift of affine grows").fill("24")
    expect(caption).to_have_text("Shift: 16 px")
    moving = visit("augmentation?a_tab=sweep", motion="no-preference")
    expect(moving.get_by_role("button", name="Pause")).to_be_visible(timeout=PATIENCE)
    shown = moving.locator(".flipbook figcaption")
    expect(shown).not_to_have_text("Shift: 0 px")
    moving.get_by_role("button", name="Pause").click()
    expect(moving.get_by_role("button", name="Play")).to_be_visible()


@pytest.mark.parametrize(("motion", "flies"), [("no-preference", True), ("reduce", False)])
def test_draws_fly_out_of_the_picture_on_draw_again(visit: Open, motion: str, flies: bool) -> None:
    page = visit("augmentation?a_pipeline=gentle", motion=motion)
    drawn(page)
    assert page.locator(".draws.flying").count() == 0
    page.evaluate("document.addEventListener('animationstart', (e) => { window.flown ||= e.animationName === 'fly'; })")
    page.get_by_role("button", name="Draw again").click()
    expect(page.locator(".draws.flying")).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(100)
    assert bool(page.evaluate("window.flown")) is flies


@pytest.mark.parametrize(
    ("width", "scheme", "query"),
    [
        (1440, "light", "?a_pipeline=strong&a_tab=draws"),
        (390, "dark", "?a_pipeline=standard&a_tab=sweep"),
    ],
    ids=["light", "dark phone"],
)
def test_the_page_fits_and_axe_finds_nothing_serious(visit: Open, width: int, scheme: str, query: str) -> None:
    page = visit(f"augmentation{query}", width=width, scheme=scheme)
    drawn(page)
    expect(page.locator(".flipbook canvas, [data-testid=stVegaLiteChart] svg").first).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page, context=NOT_STREAMLITS_OWN).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not [(one["id"], one["nodes"][0]["html"][:200]) for one in serious]
