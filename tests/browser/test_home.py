"""Home in a real browser: a digit goes through the network, a drawn one too, and every block leads to its page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import scrolls_down_only, serious_findings
from tests.browser.conftest import Open
from tests.browser.waiting import settle

SEVEN = [(0.2, 0.2), (0.7, 0.2), (0.4, 0.85)]  # of the square's side


def draw(page: Page, points: list[tuple[float, float]]) -> None:
    """Draw a line through these points of the square."""
    box = page.locator("canvas.pad").bounding_box()
    assert box
    page.mouse.move(box["x"] + points[0][0] * box["width"], box["y"] + points[0][1] * box["height"])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=12)
    page.mouse.up()


def test_a_digit_goes_through_until_it_is_paused_and_a_page_it_leads_to_is_ticked_then(visit: Open) -> None:
    page = visit("home", motion="no-preference")
    page.wait_for_url(re.compile(r":\d+/$"))
    planes = page.locator("canvas.planes")
    page.get_by_role("button", name="Another digit").click()
    first = planes.screenshot()
    page.wait_for_timeout(500)
    assert planes.screenshot() != first
    expect(page.locator(".verdict")).to_have_text(re.compile(r"^\d, \d+.%$"))
    page.get_by_role("button", name="Pause").click()
    still = planes.screenshot()
    page.wait_for_timeout(500)
    assert planes.screenshot() == still
    page.get_by_role("link", name=re.compile("^Pooling: ")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("pooling")
    expect(page).to_have_url(re.compile("/pooling$"))
    settle(page)
    page.goto(page.url.replace("pooling", ""))  # another session
    expect(page.locator(".st-key-map_pooling")).to_contain_text("✓")
    settle(page)
    page.locator(".st-key-map_kernels .vignette").click(force=True)  # the card is a link as a whole
    expect(page).to_have_url(re.compile("/kernels$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("kernel")


def test_a_digit_drawn_by_hand_or_by_keys_is_read_without_the_server_and_its_answer_is_told(visit: Open) -> None:
    page = visit("")
    expect(page.locator(".verdict")).to_have_text(re.compile(r"^7, "))  # the first test digit, still as is asked for
    sent: list[object] = []
    page.on("websocket", lambda _: sent.append("socket"))
    page.on("request", lambda request: sent.append(request.url))
    page.get_by_role("button", name="Draw a digit").click()
    expect(page.locator(".notice")).to_contain_text("Draw a digit from 0 to 9")
    draw(page, SEVEN)
    expect(page.locator(".verdict")).to_have_text(re.compile(r"^7, "))
    expect(page.locator(".notice")).to_contain_text("It reads your digit as 7")
    page.get_by_role("button", name="Clear and draw again").press("Enter")
    for key in [" ", *["ArrowDown"] * 11, " "]:
        page.keyboard.press(key)
    expect(page.locator(".verdict")).to_have_text(re.compile(r"^1, "))
    assert not [url for url in sent if "_stcore/metrics" not in str(url)]
    link = page.get_by_test_id("stSidebarNavLink").first
    link.focus()  # after a key, as by Tab
    expect(link).to_have_css("outline-style", "solid")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_a_phone_scrolls_down_only(visit: Open, scheme: str) -> None:
    page = visit("", scheme=scheme)
    expect(page.get_by_role("button", name="Play")).to_be_visible()  # nothing moves where less motion is asked for
    page.get_by_text("This machine").click()
    expect(page.get_by_text("MNIST").first).to_be_visible()
    assert not serious_findings(page)
    scrolls_down_only(page)
