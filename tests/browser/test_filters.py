"""The page "How do filters become a layer?" in Chromium: its planes' numbers, lifting, drawing, the keyboard, axe.

Numbers are compared in the component alone, loaded into an empty page; the rest is the app.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.images.filter_layer import convolution_layer
from core.insight.pretrained import read_first_layer
from core.ui.components import filter_layer
from core.ui.components.kit import encode_pixels
from tests.browser.accessibility import does_not_scroll_sideways, tabs_on_two_screens
from tests.browser.visits import reopened

Open = Callable[..., Page]
LEARNED = "Filters+that+were+learned"
TABS = {"Shapes": ".katex-display", "Learned": ".twins", "Connectivity": ".wiring canvas"}


def harness() -> str:
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Stack</title>
<style>{filter_layer.ASSETS.css}</style><div id="host"></div>
<script type="module">{filter_layer.ASSETS.js}
const parentElement = document.getElementById("host");
window.blocks = (cases) => cases.map((data) => {{
  const stack = new FilterLayer(parentElement);
  stack.update(data, () => {{}});
  const made = stack.filters.map((filter) => {{
    const {{ height, width, values }} = filter.plane;
    return [height, width, [...values.map((v) => stack.answer(filter, v))]];
  }});
  stack.dispose();
  return made;
}});
window.show = (data) => mount({{ parentElement, data, setStateValue: () => {{}} }});
</script>"""


def given(image: np.ndarray, weights: np.ndarray, biases: np.ndarray, **settings: Any) -> dict[str, Any]:
    """What Python sends to the component: K filters (K, D, F, F)."""
    filters = [
        {"key": str(k), "title": "", "why": "", "weights": w.tolist(), "bias": float(b), "base": None, "mix": ""}
        for k, (w, b) in enumerate(zip(weights, biases, strict=True))
    ]
    plain = {
        "image": encode_pixels(image),
        "filters": filters,
        "selected": "0",
        "edits": {},
        "relu": False,
        "stride": 1,
        "border": 0,
        "normalize": None,
        "mixes": {},
        "editable": False,
        "notice": [],
        "alt": "",
        "serial": 0,
        "version": 0,
    }
    return plain | settings


def test_the_planes_are_those_of_the_layer(blank: Open) -> None:
    random = np.random.default_rng(11)
    cases, expected = [], []
    for number in range(24):
        depth, size = (1, 3)[number % 2], (1, 3, 5, 7)[number % 4]
        shape = (*random.integers(size, 20, 2), *((3,) if depth == 3 else ()))
        image = random.uniform(size=shape).astype(np.float32)
        weights, biases = random.normal(size=(4, depth, size, size)), random.normal(size=4)
        padding, stride, relu = ("zero", "valid")[number % 2], int(random.integers(1, 4)), number % 3 == 0
        filters = [np.moveaxis(w, 0, 2) if depth == 3 else w[0] for w in weights]
        expected.append(
            convolution_layer(image.astype(np.float64), filters, biases, relu=relu, stride=stride, padding=padding)
        )
        border = size // 2 if padding == "zero" else 0
        cases.append(given(image, weights, biases, stride=stride, border=border, relu=relu))
    # a network's own first layer: normalized, strided, padded
    layer = read_first_layer("cifar-cnn")
    photo = random.uniform(size=(32, 32, 3)).astype(np.float32)
    seen = (photo.astype(np.float64) - layer.mean) / layer.std
    filters = list(np.moveaxis(layer.weights, 1, 3).astype(np.float64))
    expected.append(convolution_layer(seen, filters, layer.biases.tolist(), stride=2))
    normalize = {"mean": layer.mean, "std": layer.std}
    cases.append(given(photo, layer.weights, layer.biases, stride=2, border=3, normalize=normalize))
    page = blank(1280, 720)
    page.set_content(harness())
    for made, theirs in zip(page.evaluate("cases => blocks(cases)", cases), expected, strict=True):
        ours = np.stack([np.array(values).reshape(height, width) for height, width, values in made], axis=2)
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def title(page: Page, place: int = 0) -> Locator:
    return page.locator(".stack").nth(place).locator(".words h3").first


def planes_of(page: Page, place: int = 0) -> Locator:
    return page.locator(".stack").nth(place).locator(".hit")


def top(page: Page, plane: int) -> float:
    page.wait_for_timeout(60)
    return page.locator(".stack").first.locator(".planes .plane").nth(plane).bounding_box()["y"]  # type: ignore[index]


def test_a_plane_is_reached_by_hovering_and_a_click_and_by_the_keyboard(visit: Open) -> None:
    page = visit("filters")
    hovering_lifts_a_plane_and_a_click_selects_it(page)
    page.mouse.move(0, 0)
    planes_of(page).nth(2).press("Home")
    expect(title(page)).to_have_text("Plane 1 of 5: Sobel x")
    the_keyboard_reaches_every_plane(page)


def hovering_lifts_a_plane_and_a_click_selects_it(page: Page) -> None:
    expect(title(page)).to_have_text("Plane 1 of 5: Sobel x")
    box = planes_of(page).nth(2).bounding_box()
    assert box
    before, others = top(page, 2), top(page, 3)
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + box["height"] / 3)
    assert top(page, 2) < before - 15
    assert top(page, 3) == others
    page.mouse.down()
    page.mouse.up()
    expect(title(page)).to_have_text("Plane 3 of 5: Diagonal edge ↘")
    page.wait_for_function("location.search.includes('l_plane=diagonal_down')")
    expect(page.locator(".stack .notice").first).to_contain_text("Diagonal edge ↘")
    page.locator(".large canvas").first.hover(position={"x": 100, "y": 50})
    expect(page.locator(".reading").first).to_have_text(re.compile(r"Row 17, column 34: [−~\d.]+"))
    expect(page.locator(".window").first).to_be_visible()


def the_keyboard_reaches_every_plane(page: Page) -> None:
    planes_of(page).first.focus()
    for name in ("Sobel y", "Diagonal edge ↘", "Laplacian, 8 neighbors", "Gaussian blur", "Sobel x"):
        page.keyboard.press("ArrowRight")
        expect(title(page)).to_have_text(re.compile(name))
    page.keyboard.press("End")
    expect(title(page)).to_have_text("Plane 5 of 5: Gaussian blur")
    expect(planes_of(page).nth(4)).to_be_focused()
    expect(page.locator(".stack .spoken").first).to_have_text(re.compile(r"Gaussian blur: 85 × 128 numbers from 0"))
    page.wait_for_function("location.search.includes('l_plane=gaussian')")
    expect(planes_of(page).nth(4)).to_be_focused()  # also after Python has answered


def test_a_filter_is_drawn_and_the_link_keeps_it(visit: Open) -> None:
    page = visit("filters")
    page.get_by_role("button", name="New filter").click()
    expect(title(page)).to_have_text("Plane 6 of 6: Your filter A")
    page.get_by_label("weight, row 1, column 2").fill("1/2")
    page.wait_for_function("location.search.includes('l_edits')")
    expect(page.get_by_label("weight, row 1, column 2")).to_have_value("1/2")  # still being written in
    page.get_by_label("weight, row 3, column 2").fill("−0.5")
    page.get_by_label("weight, row 2, column 2").fill("left")
    expect(page.locator(".stack .problem").first).to_contain_text("“left” is not a weight")
    page.get_by_label("bias").first.fill("0.4")
    expect(page.locator(".stack .notice").first).to_contain_text("of Your filter A adds +0.4")
    page.get_by_text("ReLU", exact=True).click()
    expect(page.locator(".reading").first).to_have_text(re.compile("ReLU sets"))
    page.get_by_label("ReLU on this plane").uncheck()
    expect(page.locator(".reading").first).to_have_text(re.compile("are below 0"))
    expect(page.locator(".stack .notice").first).to_contain_text("in 5 of 6 planes")
    reading = page.locator(".reading").first.inner_text()
    again = reopened(page)
    expect(title(again)).to_have_text("Plane 6 of 6: Your filter A")
    expect(again.get_by_label("weight, row 3, column 2")).to_have_value("−0.5")
    expect(again.locator(".reading").first).to_have_text(reading)
    expect(again.get_by_label("ReLU on this plane")).not_to_be_checked()
    again.get_by_role("button", name="Reset all filters").click()
    expect(again.get_by_label("ReLU on this plane")).to_be_checked()
    expect(again.get_by_label("weight, row 3, column 2")).to_have_value("0")
    expect(again.get_by_label("bias").first).to_have_value("0.00")


def test_in_color_a_filter_chooses_what_it_looks_at(visit: Open) -> None:
    page = visit("filters?l_depth=Color&l_filters=Box+blur")
    expect(page.locator(".stack .caption.input").first).to_have_text("Input3 × 85 × 128")
    expect(page.get_by_label("weight, row 1, column 1, blue")).to_have_value("0.04")
    page.get_by_label("channel weights").select_option("red against green")
    expect(page.get_by_label("weight, row 1, column 1, green")).to_have_value("−0.11")
    page.get_by_label("weight, row 1, column 1, green").fill("0")
    expect(title(page)).to_have_text("Plane 1 of 1: Box blur, changed")
    page.get_by_role("button", name="Reset weights").click()
    expect(page.get_by_label("weight, row 1, column 1, green")).to_have_value("−0.11")
    page.wait_for_function("location.search.includes('red_green')")


def test_learned_filters_and_connections_have_tabs(visit: Open) -> None:
    page = visit(f"filters?l_tab={LEARNED}&l_network=cifar-cnn")  # a run that another test trained would come first
    learned_filters_stand_beside_hand_made_ones(page)
    page.get_by_role("tab", name="Connectivity").click()
    a_unit_has_its_connections(page)


def learned_filters_stand_beside_hand_made_ones(page: Page) -> None:
    expect(planes_of(page, 1)).to_have_count(16)
    second = page.locator(".stack").nth(1)
    expect(second.locator("h3").nth(1)).to_have_text("Most similar hand-made filter")
    planes_of(page, 1).first.focus()
    page.keyboard.press("ArrowRight")
    expect(title(page, 1)).to_have_text(re.compile("Plane 2 of 16"))
    expect(second.locator(".why").nth(1)).to_contain_text("Cosine similarity 0.")
    expect(page.get_by_text("1 means equal up to a factor")).to_be_visible()
    page.wait_for_function("location.search.includes('l_learned=2')")
    expect(title(page)).to_have_text("Plane 1 of 5: Sobel x")  # the layer above has a selection of its own


def a_unit_has_its_connections(page: Page) -> None:
    unit = page.locator(".wiring .output canvas")
    caption = page.locator(".wiring .weights figcaption")
    expect(caption).to_have_text("The same 9 weights for every unit")
    expect(unit).to_have_attribute("aria-label", re.compile("row 15, column 15 reads a window of 3 × 3 pixels"))
    unit.focus()
    page.keyboard.press("ArrowUp")
    expect(unit).to_have_attribute("aria-label", re.compile("row 14, column 15"))
    page.get_by_role("radio", name="Fully connected").or_(
        page.get_by_role("button", name="Fully connected")
    ).first.click()
    expect(caption).to_have_text("784 weights of its own")
    expect(unit).to_have_attribute("aria-label", re.compile("row 14, column 15 reads all 784 pixels"))
    page.wait_for_function("location.search.includes('l_wiring')")
    page.get_by_text("How many weights are needed?").click()
    areas = page.locator(".areas figure div")
    sides = [areas.nth(place).bounding_box()["width"] for place in range(3)]  # type: ignore[index]
    assert sides[2] / sides[1] == pytest.approx(np.sqrt(614_656 / 7_056), rel=0.02)
    assert sides[1] / sides[0] == pytest.approx(np.sqrt(7_056 / 9), rel=0.02)


@pytest.mark.parametrize(("motion", "flies"), [("no-preference", True), ("reduce", False)])
def test_a_new_plane_flies_from_its_filter_to_the_stack(blank: Open, motion: Any, flies: bool) -> None:
    page = blank(1280, 720, motion=motion)
    page.set_content(harness())
    image, weights = np.ones((8, 8)), np.ones((3, 1, 3, 3))
    page.evaluate("data => show(data)", given(image, weights[:2], np.zeros(2)))
    expect(page.locator(".hit")).to_have_count(2)
    page.wait_for_timeout(700)
    seen = "window.flown ||= event.target.matches('[class*=plane]')"
    page.evaluate(f"document.addEventListener('transitionrun', (event) => {{ {seen}; }})")
    page.evaluate("data => show(data)", given(image, weights, np.zeros(3)))
    expect(page.locator(".hit")).to_have_count(3)
    if flies:
        page.wait_for_function("window.flown")
    else:
        page.wait_for_timeout(100)
        assert not page.evaluate("window.flown")


def test_every_tab_fits_and_axe_finds_nothing_serious(visit: Open) -> None:
    page = visit("filters?l_depth=Color")
    for tab in tabs_on_two_screens(page, list(TABS)):
        expect(page.locator(TABS[tab]).first).to_be_visible()
        does_not_scroll_sideways(page)
        box = page.locator(".stack .large canvas").first.bounding_box()
        assert box
        assert 200 < box["width"] <= page.viewport_size["width"]
