"""Settings in a popover, in Chromium: a value that Python sets while it is closed stays."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.waiting import settle

Open = Callable[..., Page]


def test_an_undone_setting_of_a_closed_popover_stays(visit: Open) -> None:
    page = visit("filters?l_size=5")
    button, stride = page.get_by_role("button", name="Size"), page.get_by_role("radiogroup", name="Stride S, px")

    def choose(text: str) -> None:
        button.click()
        stride.get_by_role("radio", name=text).click()
        page.wait_for_function(f"location.search.includes('l_stride={text}')")
        page.keyboard.press("Escape")
        expect(stride).to_be_hidden()

    def undo_and_change(name: str) -> None:
        page.get_by_role("button", name="Undo").click()
        page.wait_for_function("!location.search.includes('l_stride')")
        page.get_by_text("ReLU", exact=True).first.click()
        page.wait_for_function(f"location.search.includes('l_relu') === {name}")
        settle(page)
        assert "l_stride" not in page.url
        assert "l_size=5" in page.url

    choose("2")
    undo_and_change("true")
    choose("3")  # the new widget works as the first did
    undo_and_change("false")
    button.click()
    expect(stride.get_by_role("radio", name="1")).to_be_checked()
