"""The pooling page in Chromium: which value won, what the controls change and keep in the link; phone, dark, axe."""

import itertools
import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import does_not_scroll_sideways, tabs_on_two_screens
from tests.browser.visits import reopened

Open = Callable[..., Page]
TABS = (
    "Lost detail",
    "Output size",
    "Shift sensitivity",
    "Alternatives",
    "Blur pooling",
    "Global pooling",
    "Limitations",
)


def step(page: Page, label: str, key: str, times: int = 1) -> None:
    number = page.get_by_role("spinbutton", name=label)
    for _ in range(times):
        number.press(key)


def frames(page: Page) -> Locator:
    return page.locator(".frames figcaption")


def test_the_window_slides_until_a_hand_takes_over_which_shows_the_values_and_the_winner(visit: Open) -> None:
    page = visit("pooling?p_picture=Step+edge&p_side=32", motion="no-preference")
    the_window_slides_by_itself_until_a_hand_takes_over(page)
    page.emulate_media(reduced_motion="reduce")
    hovering_shows_the_values_and_the_winner(page)


def hovering_shows_the_values_and_the_winner(page: Page) -> None:
    output = page.locator(".output canvas").first
    expect(output).to_be_visible()
    box = output.bounding_box()
    assert box
    sentence = page.locator(".sentence").first
    output.hover(position={"x": box["width"] * 0.25, "y": box["height"] * 0.5})
    expect(sentence).to_have_text(re.compile(r"column [45]: the largest of 4 values: 0\.2\."))
    output.hover(position={"x": box["width"] * 0.75, "y": box["height"] * 0.5})
    expect(sentence).to_have_text(re.compile(r"the largest of 4 values: 0\.8\."))
    lost = page.locator(".lost .words")
    expect(lost).to_have_text("All its pixels come back as they were.")
    page.locator(".lost .grid").focus()
    page.keyboard.press("End")
    expect(sentence).to_have_text(re.compile(r"column 16: the largest of 4 values: 0\.8\."))
    step(page, "Window F", "ArrowUp")  # a window of 3 stands over the edge: its dark side comes back bright
    expect(page.locator(".lost .planes canvas")).to_have_attribute("width", "96")
    page.locator(".lost .grid").focus()
    page.keyboard.press("Home")
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    expect(lost).to_have_text(re.compile(r"^\d of its 9 pixels do not come back as they were"))


def the_window_slides_by_itself_until_a_hand_takes_over(page: Page) -> None:
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    sentence = page.locator(".sentence").first
    before = sentence.inner_text()
    expect(sentence).not_to_have_text(before)
    page.locator(".input canvas").first.hover()
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_controls_change_the_page_and_the_link_reopens_it(visit: Open) -> None:
    page = visit("pooling")
    expect(frames(page).nth(1)).to_have_text(re.compile("Pooled: 14"))
    page.get_by_role("radio", name="L2").or_(page.get_by_role("button", name="L2")).first.click()
    step(page, "Window F", "ArrowUp", 2)
    expect(page.locator(".sentence").first).to_have_text(re.compile("the sum of 16 squares"))
    expect(page.locator(".output figcaption").first).to_have_text(re.compile("13 × 13"))
    step(page, "Padding P", "ArrowUp", 2)
    expect(page.locator(".output figcaption").first).to_have_text(re.compile("15 × 15"))
    step(page, "Window F", "ArrowDown", 1)  # F = 3 allows a padding of 1
    expect(page.locator(".output figcaption").first).to_have_text(re.compile("14 × 14"))
    page.wait_for_function("location.search.includes('p_f=3') && location.search.includes('p_p=1')")
    page.get_by_role("tab", name="Shift sensitivity").click()
    expect(page.locator(".strip")).to_be_visible()
    page.wait_for_function("location.search.includes('p_tab=')")
    again = reopened(page)
    expect(again.get_by_role("tab", name="Shift sensitivity")).to_have_attribute("aria-selected", "true")
    expect(again.locator(".sentence").first).to_have_text(re.compile("the sum of 9 squares"))
    expect(again.locator(".output figcaption").first).to_have_text(re.compile("14 × 14"))


def test_every_tab_fits_and_axe_finds_nothing_serious(visit: Open) -> None:
    page = visit("pooling")
    for tab in tabs_on_two_screens(page, TABS):
        expect(page.get_by_role("tabpanel").locator("p, figcaption").first).to_be_visible()
        assert page.locator("[data-testid=stException]").count() == 0
        does_not_scroll_sideways(page)
        if tab == "Output size":
            assert page.locator(".katex-display").evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def test_the_curves_have_labels_at_their_ends(visit: Open) -> None:
    page = visit("pooling?p_tab=When+it+moves&p_f=4&p_s=4")
    labels = page.locator(".stVegaLiteChart svg .mark-text.role-mark text")
    expect(labels).to_have_count(4)
    assert set(labels.all_text_contents()) == {"Max", "Average", "Blur max", "Subsampling"}
    heights = sorted(box["y"] for label in labels.all() if (box := label.bounding_box()))
    assert min(b - a for a, b in itertools.pairwise(heights)) > 10  # px: none lies on another
    assert page.locator(".strip img").count() == 9 * 5
