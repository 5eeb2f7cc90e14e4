"""The anatomy page in Chromium: pointing at a unit, choosing a layer by mouse and keyboard; phone, dark, axe."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core import data
from core.insight import activations
from core.insight.loaded_network import load
from core.insight.pretrained import network

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
TABS = ("Filters", "Top activations", "Random weights", "Prediction", "Grad-CAM", "In 3D")
NOT_STREAMLITS_OWN = {"exclude": [["[data-testid=stSidebarNavItems]"]]}
STARTING = 90_000  # ms: the process that answers imports torch first


def settle(page: Page) -> None:
    page.wait_for_function(
        "!document.querySelector('[data-testid=stStatusWidget], [data-stale=true]')", timeout=STARTING
    )


def opened(visit: Open, path: str = "anatomy", **how: object) -> Page:
    page = visit(path, **how)
    expect(page.get_by_role("tab", name=TABS[-1])).to_be_attached(timeout=STARTING)
    expect(page.locator(".anatomy .heading")).to_be_visible(timeout=STARTING)
    settle(page)
    return page


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def test_pointing_at_a_unit_shows_what_it_sees_and_the_sum_that_made_it(visit: Open) -> None:
    page = opened(visit)
    canvas = page.locator(".sprite canvas").first
    loaded = load(network("mnist-cnn").file)
    planes = activations.outputs(loaded, np.array(data.load("mnist-5k").test_images[0]))[1]  # (16, 26, 26)
    box = canvas.bounding_box()
    assert box
    read = {}
    for down, right in ((0.11, 0.12), (0.4, 0.62), (0.88, 0.9)):  # of the grid of planes
        canvas.hover(position={"x": box["width"] * right, "y": box["height"] * down})
        heading = page.locator(".anatomy .heading").inner_text()
        plane, row, column, value = re.fullmatch(r"Plane (\d+), row (\d+), column (\d+): (.+)", heading).groups()
        assert number(value) == pytest.approx(float(planes[int(plane) - 1, int(row) - 1, int(column) - 1]), abs=0.006)
        sees = f"The unit sees 3 × 3 px, rows {row} to {int(row) + 2}, columns {column} to {int(column) + 2}."
        expect(page.locator(".picture figcaption")).to_contain_text(sees)
        told = page.locator(".sums > p").last.inner_text()
        products, sign, bias, total = re.fullmatch(r"(\S+) ([+−]) (\S+) \(bias\) = (\S+)", told).groups()
        sum_told = number(products) + (1 if sign == "+" else -1) * number(bias)
        assert sum_told == pytest.approx(number(total), abs=0.015)
        assert total == value
        read[plane] = value
    assert len(read) == 3


def test_a_layer_is_chosen_by_click_and_by_keyboard_and_the_link_keeps_it(visit: Open) -> None:
    page = opened(visit)
    row = page.get_by_role("group", name="Layers of the network")
    row.get_by_role("button", name="Layer 5, conv 5 × 5").click()
    expect(page.locator(".sprite figcaption")).to_contain_text("Layer 5, conv 5 × 5: 32 planes of 9 × 9")
    page.wait_for_function("location.search.includes('n_layer=5')")
    expect(page.locator(".sums")).to_contain_text("the 3 of 16 planes that contribute most here")
    row.get_by_role("button", name="Layer 5, conv 5 × 5").press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".sprite figcaption")).to_contain_text("Layer 8, ReLU")
    settle(page)
    canvas = page.locator(".sprite canvas").first
    canvas.focus()
    page.keyboard.press("PageDown")
    expect(page.locator(".anatomy .heading")).to_contain_text(re.compile("^Plane 2, "))
    before = page.locator(".anatomy .heading").inner_text()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".anatomy .heading")).not_to_have_text(before)
    expect(page.locator(".sums")).to_contain_text("Input ")
    page.keyboard.press("Enter")
    page.wait_for_function("location.search.includes('n_plane=2') && location.search.includes('n_layer=8')")
    again = opened(visit, page.url.split("/", 3)[3])
    expect(again.locator(".sprite figcaption")).to_contain_text("Layer 8, ReLU")
    expect(again.locator(".anatomy .heading")).to_contain_text(re.compile("^Plane 2, "))


@pytest.mark.parametrize(
    ("path", "width", "scheme", "axed"),
    [("anatomy", 1440, "light", TABS[::2]), ("anatomy?n_network=MLP+on+MNIST", 390, "dark", TABS[1::2])],
    ids=["light", "dark phone"],
)
def test_every_tab_fits_and_axe_finds_nothing_serious(
    visit: Open, path: str, width: int, scheme: str, axed: tuple[str, ...]
) -> None:
    page = opened(visit, path, width=width, scheme=scheme)
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel").locator("p, figcaption, table").first).to_be_visible(timeout=STARTING)
        settle(page)
        assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0
        sideways = page.evaluate("(m => m.scrollWidth - m.clientWidth)(document.querySelector('[data-testid=stMain]'))")
        assert sideways == 0, tab
        if tab not in axed:
            continue
        found = Axe().run(page, context=NOT_STREAMLITS_OWN).response["violations"]
        serious = [(f["id"], f["nodes"]) for f in found if f["impact"] in ("serious", "critical")]
        assert not serious, (tab, serious)
