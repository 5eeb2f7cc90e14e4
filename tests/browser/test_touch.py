"""A finger drags what is a handle; beside it, the same swipe scrolls the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.browser.conftest import Server, kept, one_visitor
from tests.browser.waiting import settle


@pytest.fixture(scope="module")
def _kept_phone(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A phone whose first page stays, for the same reason as that of `kept_context`."""
    with kept(browser, server, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as context:
        yield context


@pytest.fixture
def phone(_kept_phone: BrowserContext) -> Iterator[Page]:
    """A page on the phone of somebody who has not been here."""
    with one_visitor(_kept_phone) as context:
        yield context.new_page()


def swipe(page: Page, at: tuple[float, float], by: tuple[float, float]) -> float:
    """Move a finger, and return how far the page scrolled."""
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    before = page.evaluate(scrolled)
    finger: CDPSession = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in places]})

    touch("touchStart", at)
    for part in range(1, 9):
        touch("touchMove", (at[0] + by[0] * part / 8, at[1] + by[1] * part / 8))
        page.wait_for_timeout(16)
    touch("touchEnd")
    page.wait_for_timeout(300)
    return float(page.evaluate(scrolled) - before)


def test_a_finger_drags_the_dot_of_a_wave_and_scrolls_beside_it(phone: Page, server: Server) -> None:
    phone.goto(f"{server.url}/frequency")
    spectrum, facts = phone.locator(".waves .spectrum .screen"), phone.locator(".facts")
    expect(facts).to_contain_text("10 cycles per image")
    settle(phone)
    spectrum.scroll_into_view_if_needed()
    box = spectrum.bounding_box()
    assert box
    cell = box["width"] / 129  # 64 cycles either way
    dot = (box["x"] + 72.5 * cell, box["y"] + 58.5 * cell)  # 8 across, 6 up
    assert swipe(phone, dot, (20 * cell, -20 * cell)) == 0
    expect(facts).not_to_contain_text("10 cycles per image")
    moved = facts.inner_text()
    assert swipe(phone, (box["x"] + 10, box["y"] + 20), (0, -100)) > 50
    expect(facts).to_have_text(moved, use_inner_text=True)


def test_a_finger_scrubs_a_number_and_scrolls_over_the_picture(phone: Page, server: Server) -> None:
    phone.goto(f"{server.url}/pooling")
    window = phone.get_by_role("spinbutton", name="Window F")
    expect(window).to_be_visible()
    settle(phone)
    window.scroll_into_view_if_needed()
    box = window.bounding_box()
    assert box
    assert box["height"] >= 44
    assert swipe(phone, (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), (0, -20)) == 0
    expect(window).to_have_attribute("aria-valuenow", "4")
    expect(phone.locator(".output figcaption")).to_contain_text("13 × 13")
    grid = phone.locator(".input .grid").bounding_box()
    assert grid
    assert swipe(phone, (grid["x"] + 60, grid["y"] + 60), (0, -100)) > 50
    phone.wait_for_function("location.search.includes('p_f=4')")


# Left out are the arrow in a select, as all of its field opens it, and question marks, touched beyond their edge.
SMALL = """(places) => {
  const found = [];
  const targets = "button:not([id^=react-aria]), summary, [role=spinbutton], [role=tab], " +
    "[data-testid=stCheckbox] label, [data-testid=stSidebarNavLink]";
  const walk = (node) => {
    for (const element of node.querySelectorAll("*")) {
      if (element.shadowRoot) walk(element.shadowRoot);
      if (!element.matches(targets) || !element.checkVisibility()) continue;
      if (element.closest("[data-testid=stTooltipIcon], [data-testid=stElementToolbar]")) continue;
      const { width, height } = element.getBoundingClientRect();
      const isSmall = width && Math.min(width, height) < 43.5;
      if (isSmall) found.push(`${width} x ${height}: ${element.outerHTML.slice(0, 120)}`);
    }
  };
  for (const place of document.querySelectorAll(places)) walk(place);
  return found;
}"""


STAGE = ".st-key-stage, .st-key-controls"
LARGE_KERNEL = "kernels?k_kernel=log&k_size_log=11"  # its cells are too small for a finger


def test_a_weight_of_a_large_kernel_is_chosen_by_a_tap_and_changed_below(phone: Page, server: Server) -> None:
    phone.goto(f"{server.url}/{LARGE_KERNEL}")
    editor = phone.locator(".one-weight")
    expect(editor.get_by_label("row 6, column 6")).to_be_visible()
    settle(phone)
    assert phone.evaluate(SMALL, STAGE) == []
    phone.get_by_title("weight, row 2, column 3", exact=True).tap()
    weight = editor.get_by_label("row 2, column 3")
    weight.fill("1.5")
    weight.press("Enter")
    phone.wait_for_function("location.search.includes('1.5')")
    editor.get_by_role("button", name="Next weight").tap()
    expect(editor.get_by_label("row 2, column 4")).to_be_visible()


def test_what_is_touched_of_a_small_kernel_is_44_px_wide_and_high(phone: Page, server: Server) -> None:
    phone.goto(f"{server.url}/kernels")
    expect(phone.locator(".st-key-stage [data-drawn]").first).to_be_attached()
    settle(phone)
    assert phone.evaluate(SMALL, STAGE) == []


def test_what_is_touched_of_a_layer_and_a_network_is_as_large(phone: Page, server: Server) -> None:
    phone.goto(f"{server.url}/layer_calculator")
    for tab, there in (("One layer", ".one-layer"), ("A whole network", ".layers")):
        phone.get_by_role("tab", name=tab).tap()
        phone.locator(there).wait_for()
        expect(phone.locator(".st-key-stage [data-drawn]").first).to_be_attached()
        settle(phone)
        assert phone.evaluate(SMALL, STAGE) == [], tab


def test_what_is_touched_of_filters_in_popovers_tabs_and_the_sidebar_is_as_large(phone: Page, server: Server) -> None:
    phone.goto(f"{server.url}/filters?l_size=7&l_tab=connectivity")
    expect(phone.locator(".st-key-stage [data-drawn]").first).to_be_attached()
    expect(phone.get_by_role("spinbutton").first).to_be_visible()
    settle(phone)
    assert phone.evaluate(SMALL, STAGE) == []
    phone.locator(".st-key-controls").get_by_role("button", name="Size").tap()
    expect(phone.get_by_test_id("stPopoverBody")).to_contain_text("Stride")
    assert phone.evaluate(SMALL, "[data-testid=stPopoverBody], [data-testid=stTabs], [data-testid=stHeader]") == []
    phone.keyboard.press("Escape")
    phone.get_by_test_id("stExpandSidebarButton").tap()
    expect(phone.get_by_test_id("stSidebarNavLink").first).to_be_in_viewport()
    assert phone.evaluate(SMALL, "[data-testid=stSidebar]") == []
