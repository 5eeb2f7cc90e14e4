"""The kit's number in Chromium: dragged, turned, stepped, written, pasted and reset, with what a screen reader gets."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from core.ui.components import kit
from core.ui.components.kit.bundle import bundle
from tests.browser.conftest import Open

FOLDER = Path(kit.__file__).parent
WEIGHT = {"label": "weight", "help": "A weight.", "low": -5, "high": 5, "step": 0.1, "digits": 2, "initial": 1}
STRIDE = {"label": "stride S", "help": "Pixels from one window to the next.", "low": 1, "high": 8, "step": 1}
Show = Callable[..., Page]


@pytest.fixture
def show(blank: Open) -> Show:
    """Opens a page with one number; `window.values` are what it was set to."""
    module = bundle(FOLDER / "lab.js", 'import { number } from "./number.js";\n')
    style = "body { --st-primary-color: #2b4a6f; margin: 100px }" + (FOLDER / "number.css").read_text(encoding="utf-8")

    def open_page(settings: dict[str, Any], value: float, **own: Any) -> Page:
        page = blank(1280, 720, **own)
        given = json.dumps({**settings, "value": value})
        page.set_content(
            f'<!doctype html><html lang="en"><title>A number</title><style>{style}</style>'
            f'<main><h1>A number</h1><div id="host"></div></main><script type="module">{module}'
            f"window.values = []; window.made = number({{...{given}, set: (v) => values.push(v)}});"
            'document.getElementById("host").append(made.field);</script>'
        )
        page.wait_for_function("window.made")
        return page

    return open_page


def drag(page: Page, field: Locator, up: float, *, shift: bool = False) -> None:
    box = field.bounding_box()
    assert box
    x, y = box["x"] + 10, box["y"] + 10
    page.mouse.move(x, y)
    page.mouse.down()
    if shift:
        page.keyboard.down("Shift")
    page.mouse.move(x, y - up, steps=7)
    page.mouse.up()
    page.keyboard.up("Shift")


def test_it_is_dragged_turned_and_reset(show: Show) -> None:
    page = show(WEIGHT, 1)
    field = page.get_by_role("spinbutton", name="weight")
    expect(field).to_have_value("1.00")
    drag(page, field, -40)  # two pixels a step of 0.1
    expect(field).to_have_value("−1.00")
    drag(page, field, 20, shift=True)
    expect(field).to_have_value("−0.90")
    drag(page, field, 500)
    expect(field).to_have_value("5.00")
    field.hover()
    page.mouse.wheel(0, 100)
    expect(field).to_have_value("4.90")
    field.dblclick()
    expect(field).to_have_value("1.00")
    assert page.evaluate("values.at(-1)") == 1
    assert min(page.evaluate("values")) == -1


def test_the_page_scrolls_over_a_number_without_the_focus(show: Show) -> None:
    page = show(WEIGHT, 1)
    page.get_by_role("spinbutton").hover()
    page.mouse.wheel(0, 100)
    page.wait_for_timeout(50)
    assert page.evaluate("values") == []


def test_every_key_and_what_is_said(show: Show) -> None:
    page = show(STRIDE, 2)
    page.keyboard.press("Tab")
    field = page.get_by_role("spinbutton", name="stride S")
    expect(field).to_be_focused()
    for key, value in (("ArrowUp", 3), ("ArrowDown", 2), ("PageUp", 8), ("Home", 1), ("End", 8), ("ArrowUp", 8)):
        page.keyboard.press(key)
        expect(field).to_have_value(str(value))
        assert field.get_attribute("aria-valuenow") == str(value)
    assert [field.get_attribute(f"aria-value{end}") for end in ("min", "max")] == ["1", "8"]
    assert page.evaluate("values") == [3, 2, 8, 1, 8]
    assert not [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    other = show(WEIGHT, -0.5)
    assert other.get_by_role("spinbutton").get_attribute("aria-valuetext") == "minus 0.50"


def test_what_is_written_is_used_at_once_and_never_beyond_the_limits(show: Show) -> None:
    page = show(WEIGHT, 1)
    field = page.get_by_role("spinbutton")
    field.click()
    page.keyboard.type("-1/4")
    expect(field).to_have_value("-1/4")
    assert page.evaluate("values.at(-1)") == -0.25
    page.evaluate("made.show(-0.25)")  # as a page does that draws it again
    expect(field).to_have_value("-1/4")
    page.keyboard.press("Enter")
    expect(field).to_have_value("−0.25")
    field.fill("9")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert page.evaluate("values.at(-1)") == -0.25
    field.blur()
    expect(field).to_have_value("5.00")
    for text in ("left", "", "NaN"):
        field.fill(text)
        field.press("Escape")
        expect(field).to_have_value("5.00")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    field.fill("0.0625")
    field.blur()
    expect(field).to_have_value("0.06")
    field.focus()
    expect(field).to_have_value("0.0625")  # all its digits where it is written


def test_a_finger_finds_it(show: Show) -> None:
    page = show(WEIGHT, 1, has_touch=True, is_mobile=True)
    box = page.get_by_role("spinbutton").bounding_box()
    assert box
    assert box["height"] >= 44
    assert box["width"] >= 44
