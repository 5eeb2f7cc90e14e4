"""Capsules by hand in Chromium: what dragging, turning, covering and swapping do to the numbers."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def row(page: Page, name: str) -> list[str]:
    """The cells of a row of the table of numbers, which is written once a move is at rest."""
    return (
        page.locator(".hand tbody tr", has=page.get_by_role("rowheader", name=name, exact=True))
        .locator("td")
        .all_text_contents()
    )


def numbers(page: Page) -> dict[str, list[float]]:
    page.wait_for_timeout(700)  # the table's rest
    texts = {name: row(page, name) for name in ("Length of the whole", "Max pooling's answer")}
    return {name: [float(text) for text in cells[-2:]] for name, cells in texts.items()}


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag from one place of the 300 x 200 stage to another."""
    box = page.locator(".hand .screen svg").bounding_box()
    assert box
    places = [(box["x"] + x * box["width"] / 300, box["y"] + y * box["height"] / 200) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=5)
    page.mouse.up()


def opened(visit: Open, query: str) -> Page:
    page = visit(f"capsules?{query}")
    page.get_by_text("The numbers as a table").click()
    return page


def test_swapping_mouth_and_nose_shortens_the_face_and_leaves_max_pooling(visit: Open) -> None:
    page = opened(visit, "v_scene=face")
    before = numbers(page)
    page.get_by_role("button", name="Swap mouth and nose").click()
    page.wait_for_url("**v_scene=swapped*")
    after = numbers(page)
    assert before["Length of the whole"][0] > 0.8
    assert after["Length of the whole"][0] < 0.5
    assert after["Max pooling's answer"] == before["Max pooling's answer"]
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url("**v_scene=face*")
    assert numbers(page) == before


def test_parts_are_dragged_turned_and_covered(visit: Open) -> None:
    page = opened(visit, "v_scene=house")
    house = numbers(page)["Length of the whole"][0]
    drag(page, (140, 75), (200, 75))  # the roof
    moved = numbers(page)["Length of the whole"][0]
    assert moved < 0.7 * house
    page.wait_for_url("**v_parts=300-*")

    stage = page.locator(".hand .screen svg")
    stage.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")  # 3 x 20 back
    assert numbers(page)["Length of the whole"][0] == house

    page.get_by_role("button", name="Everything").click()
    stage.focus()
    for _ in range(6):
        page.keyboard.press("]")
    assert numbers(page)["Length of the whole"][0] == house
    assert row(page, "Triangle")[0] == "30°"

    page.get_by_role("button", name="Rectangle").click()
    stage.focus()
    page.keyboard.press(" ")
    page.wait_for_timeout(700)
    _, seen, length, *_ = row(page, "Rectangle")
    assert float(length) < 0.5
    assert seen != "100\u202f%"

    page.get_by_role("slider", name="Routing iterations").fill("1")
    page.wait_for_timeout(700)
    assert row(page, "Triangle")[-2:] == ["0.50", "0.50"]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")], ids=["light", "dark phone"])
def test_it_fits_and_axe_finds_nothing_serious(visit: Open, width: int, scheme: str) -> None:
    page = visit("capsules?v_scene=swapped", width=width, scheme=scheme)
    expect(page.locator(".hand .part")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page, context={"exclude": [["[data-testid=stSidebarNavItems]"]]}).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not [(one["id"], one["nodes"][0]["html"][:200]) for one in serious]
