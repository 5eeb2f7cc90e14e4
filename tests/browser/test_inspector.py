"""The convolution inspector in Chromium: its numbers against `core.images`, and what pointer, keyboard and clock do.

The component's module is loaded into an empty page with Streamlit's theme variables and a stand-in for its API: the
same code as in the app, and much faster than a server.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.images.convolution import PADDINGS, convolve
from core.images.kernel_catalogue import CATALOGUE
from core.images.pooling import POOLS, pool
from core.images.sample_pictures import sample
from core.ui.components import convolution_inspector
from core.ui.components.convolution_inspector import ASSETS, CONTROLS, InspectorState
from core.ui.components.kit import encode_pixels
from core.ui.components.kit.bundle import bundle
from tests.browser.accessibility import violations
from tests.browser.conftest import Open

LIGHT = {"background": "#FDFCF9", "secondary-background": "#F2EFE8", "text": "#1C2530", "primary": "#2B4A6F"}
DARK = {"background": "#14181D", "secondary-background": "#20262E", "text": "#E7E5DF", "primary": "#7FA3CF"}
SOBEL = CATALOGUE["sobel_x"].kernel()
Show = Callable[..., Page]


MODULES = bundle(
    Path(convolution_inspector.__file__).parent / "lab.js",
    """import { default as mount } from "./convolution_inspector.js";
import { partOf } from "../kit/component.js";
import { compute, decodePixels, terms } from "../kit/math.js";
""",
)


def harness(theme: dict[str, str]) -> str:
    variables = ";".join(f"--st-{name}-color:{value}" for name, value in theme.items())
    body = f"margin:0;padding:16px;background:{theme['background']};color:{theme['text']}"
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Inspector</title>
<body style="{body}"><main style="{variables}"><h1>Harness</h1><div id="host"></div></main>
<script type="module">{MODULES}
const shadow = document.getElementById("host").attachShadow({{mode: "open"}});
const style = document.createElement("style");
style.textContent = {json.dumps(ASSETS.css)};
shadow.append(style);
const reports = [];
const api = {{parentElement: shadow, setStateValue: (name, value) => reports.push([name, value])}};
window.lab = {{compute, decodePixels, terms, reports,
  show: (data) => {{ mount({{...api, data}}); }},
  get it() {{ return partOf(shadow); }}}};
</script>"""


@pytest.fixture
def show(blank: Open) -> Show:
    """Opens a page with an inspector, or shows another one on a page."""

    def open_page(
        image: np.ndarray,
        *,
        on: Page | None = None,
        theme: dict[str, str] = LIGHT,
        width: int = 1328,
        calm: bool = False,
        own: dict[str, Any] | None = None,
        sent: dict[str, Any] | None = None,
        **settings: Any,
    ) -> Page:
        page = on or blank(width, 900, motion="reduce" if calm else "no-preference", **(own or {}))
        page.set_viewport_size({"width": width, "height": 900})
        page.set_content(harness(theme))
        page.evaluate("data => lab.show(data)", given(image, **settings) | (sent or {}))
        page.wait_for_timeout(60)
        return page

    return open_page


def given(image: np.ndarray, serial: int = 1, controls: tuple[str, ...] = CONTROLS, **settings: Any) -> dict[str, Any]:
    """What Python sends to the component."""
    kernel = settings.get("kernel")
    defaults = {"operation": "convolve", "window": None if kernel is None else kernel.shape[:2], "kernel": None}
    state = InspectorState(**(defaults | settings))
    state.check(image.shape)
    return {
        "image": encode_pixels(image),
        "settings": state.to_json(),
        "serial": serial,
        "controls": list(controls),
        "alt": "A test picture",
        "autoplay": False,
        "watchPin": False,
        "reference": None,
    }


@pytest.fixture(scope="module")
def coins() -> np.ndarray:
    return sample("coins", 64)[:48, :48]


def drawn(page: Page) -> None:
    """Wait for what was done to be drawn, which a frame does."""
    page.wait_for_timeout(40)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def sentence(page: Page) -> str:
    drawn(page)
    return page.locator(".sentence").inner_text()


def cell(page: Page) -> list[int]:
    drawn(page)
    return page.evaluate("lab.it.cell")


OUTPUT = """cases => cases.map(({image, settings}) => {
  const {output} = lab.compute(lab.decodePixels(image), settings);
  return [output.depth, output.height, output.width, [...output.values]];
})"""


def outputs(page: Page, cases: list[dict[str, Any]]) -> list[np.ndarray]:
    """What the browser computes, as (H', W') or (H', W', 3)."""
    shaped = (np.array(values).reshape(c, h, w) for c, h, w, values in page.evaluate(OUTPUT, cases))
    return [planes[0] if len(planes) == 1 else np.moveaxis(planes, 0, 2) for planes in shaped]


def test_the_numbers_are_those_of_convolve(show: Show) -> None:
    random = np.random.default_rng(7)
    cases, expected = [], []
    for number in range(120):
        deep = number % 4 == 3
        shape = (*random.integers(1, 20, 2), *((3,) if deep or number % 4 == 2 else ()))
        kernel = random.normal(size=(*random.integers(1, 12, 2), *((3,) if deep else ())))
        stride, dilation = (tuple(map(int, random.integers(1, 4, 2))) for _ in range(2))
        padding = PADDINGS[number % 5]
        reach = [d * (f - 1) + 1 for d, f in zip(dilation, kernel.shape[:2], strict=True)]
        if padding == "valid":
            shape = (*np.maximum(shape[:2], reach), *shape[2:])
        image = random.uniform(-1 if number % 3 else 0, 1, shape).astype(np.float32)
        expected.append(convolve(image.astype(np.float64), kernel, stride=stride, padding=padding, dilation=dilation))
        cases.append(given(image, kernel=kernel, stride=stride, padding=padding, dilation=dilation))
    page = show(np.zeros((4, 4)), kernel=SOBEL)
    for case, ours, theirs in zip(cases, outputs(page, cases), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6, err_msg=str(case["settings"]))


def test_the_numbers_are_those_of_pool(show: Show) -> None:
    random = np.random.default_rng(8)
    cases, expected = [], []
    for number in range(80):
        window = tuple(map(int, random.integers(1, 6, 2)))
        stride = tuple(map(int, random.integers(1, 5, 2)))
        amount = tuple(int(random.integers(0, size // 2 + 1)) for size in window)
        shape = (*random.integers(6, 20, 2), *((3,) if number % 3 == 2 else ()))
        image = random.uniform(-1, 1, shape).astype(np.float32)
        operation, ceil = POOLS[number % 4], number % 8 > 3
        expected.append(pool(image.astype(np.float64), operation, window, stride, amount, ceil))
        cases.append(
            given(image, operation=operation, window=window, stride=stride, amount=amount, ceil=ceil, padding="zero")
        )
    page = show(np.zeros((4, 4)), kernel=SOBEL)
    for case, ours, theirs in zip(cases, outputs(page, cases), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6, err_msg=str(case["settings"]))


def test_bytes_arrive_as_they_were(show: Show) -> None:
    image = np.random.default_rng(1).integers(0, 256, (9, 7, 3)) / 255
    page = show(image, kernel=np.ones((1, 1)))
    (same,) = outputs(page, [given(image, kernel=np.ones((1, 1)))])
    np.testing.assert_allclose(same, image, atol=1e-7)


def test_hovering_either_side_reads_the_arithmetic(show: Show) -> None:
    image = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 10]], float)
    page = show(image, kernel=np.array([[1.0, 0.0], [0.0, -2.0]]), padding="valid", bias=0.5)
    unit = page.evaluate("lab.it.unit / lab.it.ratio")
    page.locator(".output canvas").first.hover(position={"x": 1.5 * unit, "y": 1.5 * unit})
    assert sentence(page) == "Row 2, column 2: 5 × 1 + 10 × (−2) + bias 0.5 = −14.5; 2 of the 4 weights are 0."
    assert page.locator(".answer").inner_text().split() == ["sum", "−15,", "bias", "0.5", "−14.5"]
    page.locator(".input canvas").first.hover(position={"x": 0.4 * unit, "y": 0.4 * unit})
    assert sentence(page) == "Row 1, column 1: 1 × 1 + 5 × (−2) + bias 0.5 = −8.5; 2 of the 4 weights are 0."


def test_pooling_says_which_value_won(show: Show) -> None:
    image = np.array([[0.1, 0.9], [0.3, 0.2]])
    page = show(image, operation="max", window=(2, 2), stride=(2, 2), amount=(0, 0), controls=("operation", "play"))
    assert sentence(page) == "Row 1, column 1: the largest of 4 values: 0.9."
    assert page.evaluate("lab.terms(lab.it.result, lab.it.settings, [0, 0]).planes[0].winner") == 1
    page.get_by_label("pooling operation").select_option("average")
    assert sentence(page) == "Row 1, column 1: the sum 1.5 of 4 values, divided by 4: 0.375."
    page.get_by_label("pooling operation").select_option("l2")
    assert sentence(page) == f"Row 1, column 1: the square root of 0.95, the sum of 4 squares: {math.sqrt(0.95):.3f}."


def test_a_click_pins_and_escape_lets_go(show: Show, coins: np.ndarray) -> None:
    page = show(coins, kernel=SOBEL)
    canvas = page.locator(".output canvas").first
    canvas.click(position={"x": 100, "y": 60})
    pinned = cell(page)
    canvas.hover(position={"x": 200, "y": 160})
    assert cell(page) == pinned
    page.keyboard.press("Escape")
    canvas.hover(position={"x": 205, "y": 160})
    assert cell(page) != pinned


def test_a_weight_lights_up_every_input_it_touches(show: Show) -> None:
    page = show(np.full((6, 6), 0.5), kernel=SOBEL, padding="valid", stride=(2, 2))
    page.evaluate("lab.it.moveTo([1, 1])")
    page.mouse.move(0, 0)
    lit = """() => { // the input pixels that change when a weight is pointed at
      const {unit} = lab.it, over = lab.it.input.overlay;
      return [...Array(36).keys()].filter((i) => {
        const [y, x] = [Math.floor(i / 6), i % 6];
        return over.context.getImageData(12 + (x + 0.5) * unit, 12 + (y + 0.5) * unit, 1, 1).data[3] > 0;
      }); }"""
    page.wait_for_timeout(50)
    assert page.evaluate(lit) == []
    page.get_by_label("weight, row 2, column 1").hover()
    page.wait_for_timeout(50)
    assert page.evaluate(lit) == [6, 8, 18, 20]  # rows 1 and 3, columns 0 and 2: stride 2


def test_everything_by_keyboard_alone(show: Show, coins: np.ndarray) -> None:
    page = show(coins, kernel=SOBEL)
    for _ in ("Play", "Step", "Start", "speed", "the picture"):
        page.keyboard.press("Tab")
    focused = "lab.it.root.getRootNode().activeElement"
    assert page.evaluate(f"{focused}.getAttribute('aria-label')").startswith("A test picture. Input, 48 × 48")
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
    row, column = cell(page)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert cell(page) == [row - 1, column - 1]
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    assert cell(page) == [row - 1, 0]
    assert page.evaluate("lab.it.pinned")
    expect(page.locator(".spoken")).to_contain_text(f"Row {row}, column 1", timeout=2000)
    expect(page.locator(".spoken")).to_contain_text("times minus 1")
    page.keyboard.press("Tab")  # the first weight
    page.keyboard.type("1/4")
    page.keyboard.press("Enter")
    assert page.evaluate("lab.it.settings.kernel[0][0][0]") == 0.25
    assert page.evaluate(f"{focused}.getAttribute('aria-label')") == "weight, row 2, column 1"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("lab.it.settings.kernel[0][1][0]") == -1.9
    labels = []
    for _ in range(30):
        page.keyboard.press("Tab")
        labels.append(page.evaluate(f"{focused} && ({focused}.getAttribute('aria-label') || {focused}.innerText)"))
    assert {"padding", "dilation D", "stride S, in pixels"} <= set(labels)


def test_play_pause_and_step(show: Show, coins: np.ndarray) -> None:
    page = show(coins, kernel=SOBEL)
    page.get_by_role("button", name="Start").click()
    assert cell(page) == [0, 0]
    page.get_by_role("button", name="Step").click()
    assert cell(page) == [0, 1]
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Pause").click()
    here = cell(page)
    assert here > [0, 5]
    page.wait_for_timeout(200)
    assert cell(page) == here


def test_it_ends_at_the_last_cell(show: Show) -> None:
    page = show(np.eye(3), kernel=np.ones((1, 1)))
    page.evaluate("lab.it.player.speed.value = 3; lab.it.player.limit(lab.it.player.speedFor)")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=3000)
    assert cell(page) == [2, 2]


SLIDES = {"autoplay": True, "watchPin": True}


def test_it_slides_by_itself_until_it_is_touched(show: Show, coins: np.ndarray) -> None:
    page = show(coins, kernel=SOBEL, sent=SLIDES)
    before = cell(page)
    page.wait_for_function(f"lab.it.cell[1] > {before[1]} + 1")
    page.locator(".input canvas").first.hover(position={"x": 60, "y": 60})
    assert not page.evaluate("lab.it.player.isPlaying")
    here = cell(page)
    page.wait_for_timeout(400)
    assert cell(page) == here
    page.wait_for_timeout(200)
    assert page.evaluate("lab.reports") == []  # watching changes nothing
    pinned = show(coins, kernel=SOBEL, pinned=(5, 6), sent=SLIDES)
    assert not pinned.evaluate("lab.it.player.isPlaying")
    assert cell(pinned) == [5, 6]


def test_pixel_weight_and_product_stand_out_together(show: Show) -> None:
    page = show(np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 10]]), kernel=SOBEL, padding="valid")
    framed = """() => [...document.querySelector("#host").shadowRoot.querySelectorAll(".lift:not([hidden]), .lifted")]
      .map((one) => one.className.split(" ")[0] + ":" + (one.dataset.index ?? "")).sort()"""
    assert page.evaluate(framed) == []
    together = ["lift:", "lift:", "number-box:", "term:3"]  # in the window, products, kernel and sentence
    for place in (
        page.locator(".window canvas"),
        page.locator(".products canvas"),
        page.get_by_label("weight, row 2, column 1"),
        page.locator(".term").nth(2),
    ):
        box = place.bounding_box()
        assert box
        small = place.evaluate("(one) => one.tagName === 'CANVAS'")
        page.mouse.move(box["x"] + box["width"] / (6 if small else 2), box["y"] + box["height"] / 2)
        page.wait_for_timeout(60)
        assert page.evaluate("lab.it.weight") == 3
        assert page.evaluate(framed) == together
        page.mouse.move(1, 1)
        page.wait_for_timeout(60)
        assert page.evaluate(framed) == []


def test_a_changed_kernel_is_compared_and_put_back(show: Show, coins: np.ndarray) -> None:
    reference = {"title": "Sobel x", "text": "Right minus left.", "kernel": [SOBEL.tolist()]}
    page = show(coins, kernel=SOBEL, sent={"reference": reference})
    heading, strip = page.locator(".heading"), page.locator(".comparison")
    expect(heading).to_contain_text("Sobel x: Right minus left.")
    expect(strip).not_to_be_visible()
    weight = page.get_by_label("weight, row 3, column 3")
    weight.fill("-3")
    expect(heading).to_contain_text("Sobel x, changed: its weights sum to −4.")
    expect(strip).to_be_visible()
    assert strip.locator("canvas:visible").count() == 3
    changed = SOBEL.copy()
    changed[2, 2] = -3
    shown = np.array(page.evaluate("[...lab.it.comparison.output.values]")).reshape(48, 48)
    np.testing.assert_allclose(shown, convolve(coins, SOBEL), atol=1e-6)  # the catalogue's, beside the changed one
    weight.dblclick()
    expect(strip).not_to_be_visible()
    page.get_by_label("window height F").fill("5")
    page.get_by_role("button", name="Put it back").click()
    assert page.evaluate("[lab.it.settings.kernel, lab.it.settings.window]") == [[SOBEL.tolist()], [3, 3]]
    expect(page.get_by_role("button", name="Put it back")).not_to_be_visible()


def test_a_step_lets_the_value_fly_unless_less_motion_is_asked_for(show: Show, coins: np.ndarray) -> None:
    for calm in (False, True):
        page = show(coins, kernel=SOBEL, calm=calm)
        page.evaluate("""() => { window.flown = 0;
          const animate = Element.prototype.animate;
          Element.prototype.animate = function (...how) { window.flown += 1; return animate.apply(this, how); }; }""")
        page.get_by_role("button", name="Step").click()
        page.wait_for_timeout(350)
        assert page.evaluate("window.flown") == (0 if calm else 1)
        assert page.locator(".flyer").count() == 0


def test_less_motion_is_slow_and_never_starts_by_itself(show: Show, coins: np.ndarray) -> None:
    page = show(coins, kernel=SOBEL, calm=True)
    page.evaluate("data => lab.show(data)", given(coins, kernel=SOBEL, serial=2) | {"autoplay": True})
    assert not page.evaluate("lab.it.player.isPlaying")
    assert page.evaluate("lab.it.player.cellsPerSecond") == 2
    assert "less motion" in page.locator(".player").inner_text()


def test_settings_change_here_and_are_reported_once(show: Show, coins: np.ndarray) -> None:
    page = show(coins, kernel=SOBEL)
    page.get_by_label("stride S").fill("2")
    page.get_by_label("padding").select_option("wrap")
    page.get_by_label("window height F").fill("5")
    assert page.evaluate("[lab.it.result.output.height, lab.it.result.output.width]") == [24, 24]
    page.wait_for_timeout(600)
    ((name, report),) = page.evaluate("lab.reports")
    assert name == "view"
    assert report["serial"] == 1
    before = InspectorState("convolve", SOBEL, (3, 3))
    after = before.updated(report["settings"], coins.shape)
    assert (after.stride, after.padding, after.window) == ((2, 2), "wrap", (5, 3))
    np.testing.assert_array_equal(after.kernel, np.pad(SOBEL, [(1, 1), (0, 0)]))
    shown = np.array(page.evaluate("[...lab.it.result.output.values]")).reshape(24, 24)
    np.testing.assert_allclose(shown, convolve(coins, after.kernel, stride=2, padding="wrap"), atol=1e-6)


def test_what_python_gave_is_taken_over_only_when_it_is_new(show: Show, coins: np.ndarray) -> None:
    page = show(coins, kernel=SOBEL)
    page.get_by_label("stride S").fill("2")
    page.evaluate("data => lab.show(data)", given(coins[:40], kernel=SOBEL, serial=1))  # another picture, same settings
    page.wait_for_function("lab.it.image.height === 40")  # once the page is painted
    assert page.evaluate("lab.it.settings.stride") == [2, 2]
    page.evaluate("data => lab.show(data)", given(coins, kernel=SOBEL.T, serial=2))
    page.wait_for_function(f"lab.it.image.height === {len(coins)}")
    assert page.evaluate("[lab.it.settings.stride, lab.it.settings.kernel[0][0]]") == [[1, 1], [-1, -2, -1]]


def test_a_weight_that_is_none_is_refused_in_a_sentence(show: Show, coins: np.ndarray) -> None:
    page = show(coins, kernel=SOBEL)
    weight = page.get_by_label("weight, row 1, column 1")
    for text in ("NaN", "1e308", "left", "", "1/0"):
        weight.fill(text)
        expect(page.get_by_role("alert")).to_contain_text("is not a weight")
        assert page.evaluate("lab.it.settings.kernel[0][0][0]") == -1
    weight.fill("−0,5")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert page.evaluate("lab.it.settings.kernel[0][0][0]") == -0.5


def test_a_window_that_fits_nowhere_says_what_to_do(show: Show) -> None:
    page = show(np.zeros((4, 4)), kernel=SOBEL, padding="valid")
    page.get_by_label("dilation").fill("3")
    expect(page.get_by_role("alert")).to_contain_text("reaches over 7 × 7 pixels")
    page.get_by_label("padding").select_option("edge")
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_zero_is_the_page_and_signs_have_colors(show: Show, theme: dict[str, str]) -> None:
    page = show(np.array([[-1.0, 0.0, 1.0]]), kernel=np.ones((1, 1)), theme=theme)
    colors = page.evaluate("""[0, 1, 2].map((i) => [...lab.it.output.base.getContext('2d')
      .getImageData((i + 0.2) * lab.it.unit, 0.2 * lab.it.unit, 1, 1).data.slice(0, 3)])""")
    below, zero, above = colors
    assert zero == [int(theme["background"][i : i + 2], 16) for i in (1, 3, 5)]
    assert below[2] > below[0]  # bluer than red
    assert above[0] > above[2]
    assert "−1" in page.locator(".output figcaption").inner_text()


def test_a_phone(show: Show) -> None:
    picture, page = sample("cat", 64)[:40, :40], None
    for kernel in (SOBEL, np.ones((11, 11)), np.ones((3, 3, 3))):
        page = show(picture, kernel=kernel, width=390, on=page, own={"has_touch": True})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, kernel.shape
        top, bottom = (page.locator(f".{side} .grid").bounding_box() for side in ("input", "output"))
        assert top["y"] + top["height"] < bottom["y"], kernel.shape
        assert not page.evaluate("lab.it.pinned"), kernel.shape
        page.locator(".output .grid").tap(position={"x": 40, "y": 40})
        assert page.evaluate("lab.it.pinned"), kernel.shape


def test_a_cell_is_a_whole_number_of_pixels(show: Show, coins: np.ndarray) -> None:
    page = None
    for width in (390, 731, 1024, 1328):
        page = show(coins, kernel=SOBEL, width=width, on=page)
        side = page.locator(".input canvas").first.bounding_box()["width"]
        assert side % 50 == 0  # 48 pixels and their border
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_finds_nothing_serious(show: Show, coins: np.ndarray) -> None:
    page = None
    for theme in (LIGHT, DARK):
        page = show(coins, kernel=SOBEL, theme=theme, on=page)
        found = [v for v in violations(page) if v["impact"] in ("serious", "critical")]
        assert not found, (theme, [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found])


FRAMES = """async () => {
  const it = lab.it, box = it.input.base.getBoundingClientRect(), frames = [], costs = [];
  const draw = it.draw.bind(it);
  it.draw = () => { const start = performance.now(); draw(); costs.push(performance.now() - start); };
  await new Promise(requestAnimationFrame);
  let last = performance.now();
  for (let i = 0; i < 120; i++) {
    const place = {clientX: box.left + (i * 17) % box.width, clientY: box.top + (i * 5) % box.height};
    it.input.grid.dispatchEvent(new PointerEvent("pointermove", {...place, pointerType: "mouse"}));
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - last);
    last = performance.now();
  }
  const middle = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
  return [middle(frames), middle(costs)];
}"""


def test_it_keeps_up_with_the_pointer_at_128(show: Show) -> None:
    image = sample("camera", 128)
    page = show(image, kernel=CATALOGUE["log"].kernel(11))
    frame, cost = page.evaluate(FRAMES)
    print(f"128 x 128, 11 x 11: a frame every {frame:.1f} ms, {cost:.2f} ms of it in drawing (p50)")
    assert cost < 16  # a 60th of a second; about 1 ms on a free machine
