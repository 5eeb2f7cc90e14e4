"""Capsules by hand in Chromium: what dragging, turning, covering and swapping do to the numbers."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import does_not_scroll_sideways, serious_findings
from tests.browser.visits import PHONE, move_to

Open = Callable[..., Page]


WHOLES, POOLING = "Length of the whole", "Max pooling's answer"


def cell(page: Page, name: str, place: int) -> Locator:
    """A cell of the table of numbers, which is written once a move is at rest; the last two are the wholes'."""
    row = page.locator(".hand tbody tr", has=page.get_by_role("rowheader", name=name, exact=True))
    return row.locator("td").nth(place)


def number(page: Page, name: str, place: int) -> float:
    return float(cell(page, name, place).text_content() or "")


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


def test_swapping_mouth_and_nose_shortens_the_face_leaves_max_pooling_and_fits_two_screens(visit: Open) -> None:
    page = opened(visit, "v_scene=face")
    face, pooled = cell(page, WHOLES, -2), cell(page, POOLING, -2)
    before, answer = face.text_content() or "", pooled.text_content() or ""
    assert float(before) > 0.8
    page.get_by_role("button", name="Swap mouth and nose").click()
    expect(face).not_to_have_text(before)
    assert number(page, WHOLES, -2) < 0.5
    expect(pooled).to_have_text(answer)
    page.wait_for_url("**v_scene=swapped*")
    for screen in ((1280, "light"), PHONE):
        move_to(page, screen)
        expect(page.locator(".hand .part")).to_have_count(4)
        does_not_scroll_sideways(page)
        assert not serious_findings(page), screen
    page.get_by_role("button", name="Undo").click()
    expect(face).to_have_text(before)
    page.wait_for_url("**v_scene=face*")


def test_parts_are_dragged_turned_and_covered(visit: Open) -> None:
    page = opened(visit, "v_scene=house")
    stage, house = page.locator(".hand .screen svg"), cell(page, WHOLES, -2)
    before = house.text_content() or ""
    drag(page, (140, 75), (200, 75))  # the roof
    expect(house).not_to_have_text(before)
    assert number(page, WHOLES, -2) < 0.7 * float(before)
    page.wait_for_url("**v_parts=300-*")

    for _ in range(3):  # back by 3 x 20
        stage.press("Shift+ArrowLeft")
    expect(house).to_have_text(before)

    page.get_by_role("button", name="Everything").click()
    for _ in range(6):
        stage.press("]")
    expect(cell(page, "Triangle", 0)).to_have_text("30°")
    expect(house).to_have_text(before)

    page.get_by_role("button", name="Rectangle").click()
    stage.press(" ")
    expect(house).not_to_have_text(before)
    assert number(page, "Rectangle", 2) < 0.8 < number(page, "Triangle", 2)

    page.get_by_role("slider", name="Routing iterations").fill("1")
    expect(cell(page, "Triangle", -1)).to_have_text("0.50")
    expect(cell(page, "Rectangle", -1)).to_have_text("0.50")
