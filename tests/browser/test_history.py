"""The browser's Back and Forward lead from page to page, each as it was left."""

import re

import numpy as np
from playwright.sync_api import Page, expect

from core.images.rendering import to_png
from tests.browser.conftest import Open
from tests.browser.waiting import settle

WINDOW = "[role=spinbutton][aria-label='Window F']"


def go(page: Page, name: str) -> None:
    """Go to a page by the app's own navigation."""
    page.locator(f'[data-testid="stSidebarNav"] a[href$="/{name}"]').click()
    expect(page).to_have_url(re.compile(rf"/{name}(\?|$)"))
    settle(page)


def window(page: Page) -> str:
    """Return F as the pooling page's stage holds it."""
    return str(page.locator(WINDOW).first.get_attribute("aria-valuenow"))


def test_back_and_forward_walk_through_two_pages_as_they_were_left(visit: Open) -> None:
    page = visit("pooling")
    page.locator(WINDOW).first.press("ArrowUp")
    expect(page).to_have_url(re.compile(r"/pooling\?p_f=3$"))
    settle(page)
    go(page, "kernels")
    page.get_by_role("button", name="Settings").click()
    page.locator(".st-key-k_colors").get_by_text("Each channel").click()
    expect(page).to_have_url(re.compile(r"/kernels\?k_colors=channels$"))
    settle(page)

    page.go_back()
    expect(page).to_have_url(re.compile(r"/pooling\?p_f=3$"))
    settle(page)
    assert window(page) == "3"

    page.go_forward()
    expect(page).to_have_url(re.compile(r"/kernels\?k_colors=channels$"))
    settle(page)
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("radio", name="Each channel")).to_be_checked()
    page.keyboard.press("Escape")

    go(page, "pooling")  # a bare URL: the session has kept it
    expect(page).to_have_url(re.compile(r"/pooling\?p_f=3$"))
    assert window(page) == "3"
    page.go_back()
    expect(page).to_have_url(re.compile(r"/kernels\?k_colors=channels$"))


def test_a_link_clicked_right_after_a_change_leads_on_and_keeps_it(visit: Open) -> None:
    page = visit("kernels")
    go(page, "pooling")
    page.locator(WINDOW).first.press("ArrowUp")
    page.locator('[data-testid="stSidebarNav"] a[href$="/kernels"]').click(delay=60)  # ms that a finger is down
    expect(page).to_have_url(re.compile("/kernels$"))
    expect(page.get_by_label("weight, row 1, column 1")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/pooling\?p_f=3$"))
    expect(page.locator(WINDOW).first).to_have_attribute("aria-valuenow", "3")


def test_what_was_made_in_components_and_an_upload_are_there_again(visit: Open) -> None:
    page = visit("kernels?k_picture=upload")
    picture = to_png(np.full((40, 60), 200, np.uint8))
    page.locator(".st-key-k_upload input[type=file]").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": picture}
    )
    expect(page.get_by_text("mine.png")).to_be_visible()
    settle(page)
    page.get_by_label("weight, row 1, column 1").fill("7")
    page.get_by_label("weight, row 1, column 1").press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]k=7%2C0%2C1"))
    edited = page.url
    settle(page)
    go(page, "frequency")
    go(page, "kernels")
    expect(page).to_have_url(edited)
    expect(page.get_by_label("weight, row 1, column 1")).to_have_value("7")
    expect(page.get_by_text("mine.png", exact=False)).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page).to_have_url(edited)
    settle(page)
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("mine.png", exact=False)).to_have_count(0)
    settle(page)
    page.get_by_role("button", name="Start afresh").click()
    expect(page).to_have_url(re.compile(r"/kernels$"))
    expect(page.get_by_label("weight, row 1, column 1")).not_to_have_value("7")


def test_parameters_that_come_too_late_are_not_the_next_pages(visit: Open) -> None:
    page = visit()
    page.wait_for_function("Object.hasOwn(history, 'pushState')")  # it is watched
    home = page.url
    for write in (
        "pushState",
        "replaceState",
    ):  # as Streamlit's page writes what the server sends; after Back the second
        page.evaluate(f"history.{write}({{}}, '', '?k_kernel=box')")
        assert page.url == home
    go(page, "kernels")
    page.evaluate("history.pushState({}, '', '?a_seed=4')")
    expect(page).to_have_url(re.compile("/kernels$"))
    page.evaluate("history.pushState({}, '', '?k_kernel=box')")
    expect(page).to_have_url(re.compile(r"/kernels\?k_kernel=box$"))
    page.evaluate("history.pushState({}, '', 'pooling?k_kernel=box&p_f=3')")  # they came just before the other page did
    expect(page).to_have_url(re.compile(r"/pooling\?p_f=3$"))


def test_a_page_that_was_passed_and_is_drawn_late_is_no_entry_of_its_own(visit: Open) -> None:
    page = visit("pooling")
    go(page, "kernels")
    go(page, "frequency")
    pages = page.evaluate("history.length")
    page.go_back()
    page.go_back()
    expect(page).to_have_url(re.compile("/pooling$"))
    page.evaluate("history.pushState({}, '', 'kernels')")  # as Streamlit's page does once it hears of what was passed
    assert page.url.endswith("/pooling")
    settle(page)
    page.go_forward()
    page.go_forward()
    expect(page).to_have_url(re.compile("/frequency$"))
    assert page.evaluate("history.length") == pages
    go(page, "kernels")  # by a click it is no such page
