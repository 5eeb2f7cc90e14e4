"""The anatomy page in Chromium: pointing, choosing, sending a picture through, pulling a logit; phone, dark, axe."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core import data
from core.insight import activations
from core.insight.loaded_network import load
from core.insight.pretrained import network
from tests.browser.accessibility import IN_TABS, does_not_scroll_sideways, serious_findings
from tests.browser.visits import DESK, PHONE, Screen, reopened

Open = Callable[..., Page]
TABS = ("Filters", "Top activations", "Random weights", "Prediction", "Grad-CAM", "In 3D")
STARTING = 90_000  # ms: the process that answers imports torch first
WATCH_FRAMES = """() => {
  const times = [];
  const frame = (now) => {
    times.push(now);
    const gaps = times.slice(1).map((time, i) => time - times[i]).sort((a, b) => a - b);
    window.frames60 = { median: gaps[Math.floor(gaps.length / 2)], worst: gaps.at(-1), count: gaps.length };
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


def settle(page: Page) -> None:
    page.wait_for_function(
        "!document.querySelector('[data-testid=stStatusWidget], [data-stale=true]')", timeout=STARTING
    )


def opened(visit: Open, path: str = "anatomy", ready: str = ".heading", **how: object) -> Page:
    page = visit(path, **how)
    ready_to_use(page, ready)
    return page


def ready_to_use(page: Page, ready: str = ".heading") -> None:
    expect(page.get_by_role("tab", name=TABS[-1])).to_be_attached(timeout=STARTING)
    expect(page.locator(f".anatomy {ready}").first).to_be_visible(timeout=STARTING)
    settle(page)


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def drawn(page: Page, canvas: str) -> int:
    """Return how many pixels of a canvas hold something."""
    count = "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data"
    return int(page.locator(f".anatomy {canvas}").evaluate(f"{count}.filter((v, i) => i % 4 === 3 && v).length"))


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
        assert sees in (canvas.get_attribute("aria-label") or "").replace("\u00a0", " ")
        expect(page.locator(".anatomy .notice")).to_contain_text(f"is {value}: it sees")
        told = page.locator(".sums > p").first.inner_text()
        products, sign, bias, total = re.fullmatch(r"(\S+) ([+−]) (\S+) \(bias\) = (\S+)", told).groups()
        sum_told = number(products) + (1 if sign == "+" else -1) * number(bias)
        assert sum_told == pytest.approx(number(total), abs=0.015)
        assert total == value
        assert drawn(page, ".wires")
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
    strongest = int(re.match(r"Plane (\d+)", page.locator(".anatomy .heading").inner_text())[1])
    page.keyboard.press("PageDown")
    after = re.compile(f"^Plane {strongest + 1}, ")
    expect(page.locator(".anatomy .heading")).to_contain_text(after)
    before = page.locator(".anatomy .heading").inner_text()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".anatomy .heading")).not_to_have_text(before)
    expect(page.locator(".sums")).to_contain_text("Input ")
    expect(page.locator(".anatomy .notice")).to_contain_text("it sees")
    page.keyboard.press("Enter")
    page.wait_for_function(
        f"location.search.includes('n_plane={strongest + 1}&') || location.search.endsWith('n_plane={strongest + 1}')"
    )
    again = reopened(page)
    ready_to_use(again)
    expect(again.locator(".sprite figcaption")).to_contain_text("Layer 8, ReLU")
    expect(again.locator(".anatomy .heading")).to_contain_text(after)


def test_a_picture_is_sent_through_layer_by_layer_and_ends_in_the_answers(visit: Open) -> None:
    page = opened(visit, "anatomy?n_network=cifar-cnn", motion="no-preference")
    page.evaluate(WATCH_FRAMES)
    page.locator(".anatomy .heading").click()  # no button has the focus
    page.keyboard.press("Space")
    flow = page.locator(".anatomy .flow")
    expect(flow).to_have_class(re.compile("sending"))
    expect(page.locator(".layer.now")).to_have_count(1)
    expect(page.locator(".anatomy .notice")).to_contain_text("After 13 layers the network answers")
    expect(flow).not_to_have_class(re.compile("sending"))
    assert page.evaluate("window.frames60.median") < 34  # ms between two frames, on any machine


def test_keys_step_through_the_layers_also_while_the_page_runs_and_without_motion_the_answer_stands_at_once(
    visit: Open,
) -> None:
    page = opened(visit)  # with reduced motion
    notice = page.locator(".anatomy .notice")
    page.get_by_role("group", name="Layers of the network").get_by_role("button", name="Layer 5, conv 5 × 5").click()
    page.keyboard.press("]")  # the run that the click has begun ends after it
    expect(notice).to_contain_text(re.compile(r"^conv 3 × 3: 16\W×\W26"))
    expect(page.locator(".sprite figcaption")).to_contain_text("Layer 5, conv 5 × 5")
    settle(page)
    expect(notice).to_contain_text(re.compile(r"^conv 3 × 3: 16\W×\W26"))
    page.keyboard.press("]")
    page.keyboard.press("]")
    expect(notice).to_contain_text(re.compile(r"^norm: 16\W×\W13"))
    page.keyboard.press("[")
    expect(notice).to_contain_text(re.compile(r"^max 2 × 2: 16\W×\W13"))
    page.get_by_role("button", name="Send it through").click()
    expect(notice).to_contain_text("After 12 layers the network answers")
    expect(page.locator(".anatomy .flow")).not_to_have_class(re.compile("sending"))


def test_the_last_layers_logits_are_pulled_by_hand_and_by_keys(visit: Open) -> None:
    page = opened(visit, "anatomy?n_layer=12", ready=".pull .logit")
    logits = activations.outputs(load(network("mnist-cnn").file), np.array(data.load("mnist-5k").test_images[0]))[
        -1
    ].astype(np.float64)
    best = int(logits.argmax())
    sliders = page.locator(".pull .logit")
    expect(sliders).to_have_count(10)
    shown = page.locator(f".answers tr[data-row='{best}'] td").last
    assert number(shown.inner_text().split()[0]) == pytest.approx(100 * softmax(logits)[best], abs=0.06)
    for _ in range(3):
        page.get_by_role("spinbutton", name=f"Logit of {best}").press("PageDown")  # a whole logit each
    logits[best] = round(logits[best] - 3, 2)
    assert number(shown.inner_text().split()[0]) == pytest.approx(100 * softmax(logits)[best], abs=0.2)
    expect(page.locator(".anatomy .notice")).to_contain_text(f"The logit of {best} is")
    expect(page.locator(".answers .verdict")).to_contain_text("with your logits")
    box = sliders.nth((best + 1) % 10).bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"], box["y"] + 5, steps=3)
    page.mouse.up()
    expect(page.locator(".answers .best th")).to_have_text(str((best + 1) % 10))
    page.get_by_role("slider", name="Temperature").fill("5")
    expect(page.locator(".anatomy .notice")).to_contain_text("A temperature of 5.0 flattens the answer")
    page.get_by_role("button", name="Put back").click()
    expect(page.locator(".answers .best th")).to_have_text(str(best))
    expect(page.locator(".answers .verdict")).to_contain_text("right")


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


@pytest.mark.parametrize(
    ("path", "screen", "axed"),
    [("anatomy", DESK, TABS[::2]), ("anatomy?n_network=MLP+on+MNIST", PHONE, TABS[1::2])],
    ids=["light", "dark phone"],
)
def test_every_tab_fits_and_axe_finds_nothing_serious(
    visit: Open, path: str, screen: Screen, axed: tuple[str, ...]
) -> None:
    width, scheme = screen
    page = opened(visit, path, width=width, scheme=scheme)
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel").locator("p, figcaption, table").first).to_be_visible(timeout=STARTING)
        settle(page)
        assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0
        does_not_scroll_sideways(page)
        if tab in axed:
            assert not serious_findings(page, None if tab == axed[0] else IN_TABS), tab
