"""The augmentation page in Chromium: steps in the link, the animation, training with it; phone, dark, axe."""

import json
import urllib.parse
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.accessibility import does_not_scroll_sideways, serious_findings
from tests.browser.visits import PHONE, move_to, reopened

Open = Callable[..., Page]
PATIENCE = 60_000  # ms: the first answer waits for the process that answers to start


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


def fits_and_axe_finds_nothing_serious(page: Page) -> None:
    drawn(page)
    expect(page.locator(".flipbook canvas, [data-testid=stVegaLiteChart] svg").first).to_be_visible(timeout=PATIENCE)
    does_not_scroll_sideways(page)
    assert not serious_findings(page)


def test_the_animation_plays_unless_less_motion_is_asked_for(visit: Open) -> None:
    page = visit("augmentation?a_tab=sweep", motion="reduce")
    caption = page.locator(".flipbook figcaption")
    expect(caption).to_have_text("Shift: 0 px", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_role("slider", name="while shift of affine grows").fill("24")
    expect(caption).to_have_text("Shift: 16 px")
    move_to(page, PHONE)
    fits_and_axe_finds_nothing_serious(page)
    page.emulate_media(reduced_motion="no-preference")
    reopened(page)
    expect(page.get_by_role("button", name="Pause")).to_be_visible(timeout=PATIENCE)
    expect(caption).not_to_have_text("Shift: 0 px")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_draws_fly_out_of_the_picture_on_draw_again_unless_less_motion_is_asked_for(visit: Open) -> None:
    page = visit("augmentation?a_pipeline=strong&a_tab=draws")
    fits_and_axe_finds_nothing_serious(page)
    assert page.locator(".draws.flying").count() == 0
    page.evaluate("document.addEventListener('animationstart', (e) => { window.flown ||= e.animationName === 'fly'; })")
    for motion, flies in (("reduce", False), ("no-preference", True)):
        page.emulate_media(reduced_motion=motion)
        first = page.locator(".draws .draw img").first
        before = first.get_attribute("src")
        page.get_by_role("button", name="Draw again").click()
        expect(first).not_to_have_attribute("src", before or "", timeout=PATIENCE)
        expect(page.locator(".draws.flying")).to_be_visible(timeout=PATIENCE)
        page.wait_for_timeout(100)
        assert bool(page.evaluate("window.flown")) is flies
