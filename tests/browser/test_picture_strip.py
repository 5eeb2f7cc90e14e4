"""The strip of pictures in Chromium: a click, keys, another ten."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.waiting import settle


def test_a_picture_is_picked_by_looking(visit: Open) -> None:
    page = visit("filters")
    strip = page.get_by_role("radiogroup", name="Picture")
    chosen = strip.get_by_role("radio", checked=True)
    expect(chosen).to_have_attribute("title", "Cat")
    strip.get_by_role("radio").nth(2).click()
    expect(page).to_have_url(re.compile("l_picture=coffee"))
    expect(chosen).to_have_count(1)
    chosen.press("ArrowRight")  # moves the focus alone
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("l_picture=rocket"))

    page.get_by_role("button", name="Digits", exact=True).click()  # loaded now
    expect(strip.get_by_role("radio")).to_have_count(10)
    seven = strip.get_by_role("radio").nth(7)
    expect(seven).to_have_attribute("aria-label", re.compile("7"))
    seven.click()
    expect(page).to_have_url(re.compile("l_picture=mnist"))
    expect(seven).to_have_attribute("aria-checked", "true")
    settle(page)
    before = page.url
    page.get_by_role("button", name="Another ten").click()
    expect(page).not_to_have_url(before)
    expect(seven).to_have_attribute("aria-checked", "true")  # another seven


def test_the_field_for_an_own_picture_stands_in_the_control_row(visit: Open) -> None:
    """Augmentation's row is the fullest; below it begins the stage."""
    page = visit("augmentation?a_picture=upload", width=1280)
    field = page.locator(".st-key-controls").get_by_role("button", name="Your picture", exact=True)
    expect(field).to_be_visible()
    row, beside = page.locator(".st-key-controls").bounding_box(), field.bounding_box()
    assert row
    assert beside
    assert row["y"] <= beside["y"] < beside["y"] + beside["height"] <= row["y"] + row["height"] + 1
