"""The trained capsule network in Chromium: sliders that redraw at once, the grid, and weights that are sent once."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from core.insight.capsule_decoder import read_decoder
from core.insight.pretrained import network
from tests.browser.waiting import settle

Open = Callable[..., Page]
DECODER_BYTES = len(read_decoder(network("mnist-capsule").file).pack())
PIXELS = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 3)"
MOVE_TWENTY_TIMES = """async (input) => {
  const times = [];
  for (let i = 0; i < 20; i++) {
    input.value = String(-0.5 + i / 20);
    const began = performance.now();
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame); // the canvas is painted in this frame
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[10];
}"""


def test_sliders_redraw_at_once_and_the_weights_come_once(visit: Open) -> None:
    page = visit("capsules?v_tab=network")
    received: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    page.reload()
    drawn = page.locator("canvas.drawn")
    expect(page.locator(".capsule")).to_have_attribute("data-took", re.compile(r"\d"))
    settle(page)
    own = drawn.evaluate(PIXELS)
    assert max(own) > 128  # something is drawn
    slider = page.get_by_role("slider", name="Number 3", exact=True)
    before = slider.get_attribute("aria-valuetext")
    median = slider.evaluate(MOVE_TWENTY_TIMES)
    assert median < 100  # ms
    assert slider.get_attribute("aria-valuetext") != before
    assert drawn.evaluate(PIXELS) != own
    slider.press("ArrowLeft")
    page.get_by_role("button", name="Put the numbers back").click()
    expect(slider).to_have_attribute("aria-valuetext", before or "")
    assert drawn.evaluate(PIXELS) == own

    assert sum(received) > DECODER_BYTES
    received.clear()
    page.get_by_role("button", name="Another ten").click()
    page.wait_for_function("location.search.includes('v_net_digit=')")
    settle(page)
    assert drawn.evaluate(PIXELS) != own
    assert 0 < sum(received) < DECODER_BYTES / 2


def test_the_grid_enlarges_the_cell_under_the_pointer(visit: Open) -> None:
    page = visit("capsules?v_tab=network&v_net_part=grid")
    expect(page.locator(".capsule")).to_have_attribute("data-drawn", "176")  # 16 x 11
    cells, caption = page.locator(".cells canvas").first, page.locator(".grid figcaption")
    cells.hover(position={"x": 30 * 2 + 15, "y": 30 * 4 + 15})
    expect(caption).to_have_text(re.compile(r"Number 5: \S+ − 0\.15 = "))
    drawn = page.locator("canvas.drawn").evaluate(PIXELS)
    cells.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(caption).to_have_text(re.compile(r"Number 6: \S+ − 0\.10 = "))
    assert page.locator("canvas.drawn").evaluate(PIXELS) != drawn
