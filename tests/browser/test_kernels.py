"""The kernel page in Chromium: changed weights reach the whole picture, links reopen it, line and planes move."""

import json
import re
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.images.edges import line_profile
from core.images.pictures import LUMINANCE
from core.images.sample_pictures import sample
from core.ui.components import color_channels
from core.ui.components import line_profile as profile
from core.ui.components.kit import encode_pixels
from tests.browser.accessibility import does_not_scroll_sideways, tabs_on_two_screens
from tests.browser.visits import DESK, PHONE, Screen, reopened

Open = Callable[..., Page]
TABS = ("Whole picture", "Kernel", "Color planes", "Edge strength", "Line profile", "Filter chain", "Export")


def after(page: Page, text: str | re.Pattern[str]) -> None:
    """Until the whole picture's caption, after the kernel, says so."""
    expect(page.locator(".st-key-k_whole_1 figcaption")).to_have_text(text, timeout=20_000)


def test_a_weight_changes_the_whole_picture_and_the_link_keeps_it(visit: Open) -> None:
    page = visit("kernels")
    after(page, re.compile(r"After: 512 × 512 px, color scale: −"))
    hovering_asks_the_server_nothing(page)
    weight = page.get_by_label("weight, row 2, column 2")
    weight.fill("1")
    weight.press("Tab")
    after(page, "After: 512 × 512 px, shown from 0 to 1")
    page.get_by_label("stride S").fill("2")
    after(page, "After: 256 × 256 px, shown from 0 to 1")
    page.wait_for_function("location.search.includes('stride')")
    again = reopened(page)
    after(again, "After: 256 × 256 px, shown from 0 to 1")
    expect(again.get_by_label("weight, row 2, column 2")).to_have_value("1")
    again.get_by_role("button", name="Put it back").click()
    expect(again.get_by_label("weight, row 2, column 2")).to_have_value("0")
    after(again, re.compile(r"After: 256 × 256 px, color scale: −"))


def test_the_sum_and_its_line_are_always_in_sight_and_the_pin_is_in_the_link(visit: Open) -> None:
    page = visit("kernels?k_kernel=log&k_size_log=11")
    expect(page.locator(".sentence")).to_contain_text("total")
    for width, height in ((1440, 900), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        for part in (".answer", ".sentence"):
            box = page.locator(part).first.bounding_box()
            assert box
            assert box["y"] + box["height"] <= height
    page.locator(".output canvas").first.click(position={"x": 80, "y": 60})
    page.wait_for_function("location.search.includes('k_at=')")
    line = page.locator(".sentence").inner_text()
    again = reopened(page)
    expect(again.locator(".sentence")).to_have_text(line)


def before_and_after_stand_side_by_side_where_there_is_room(page: Page) -> None:
    before, after = (page.locator(f".st-key-k_whole_{place} img") for place in range(2))
    expect(after).to_be_visible(timeout=20_000)
    left, right = before.bounding_box(), after.bounding_box()
    assert left
    assert right
    assert (left["y"] == right["y"]) is (page.viewport_size["width"] > PHONE[0])
    assert left["width"] == pytest.approx(right["width"], abs=1)
    assert left["width"] > 300


def test_what_is_to_be_learned_follows_the_slider(visit: Open) -> None:
    page = visit("kernels?k_kernel=Gaussian+blur&k_tab=kernel")
    sizes = page.get_by_text("so each output pixel takes")
    expect(sizes).to_contain_text("25 multiplications", timeout=20_000)
    page.locator(".st-key-k_size_gaussian :is([role=slider], input[type=range])").first.press("ArrowRight")
    expect(sizes).to_contain_text(
        "49 multiplications", timeout=20_000
    )  # a fragment of its own, which heard of the move


def hovering_asks_the_server_nothing(page: Page) -> None:
    sentence = page.locator(".sentence").first
    before = sentence.inner_text()
    page.evaluate(
        """() => { const send = WebSocket.prototype.send; window.sent = 0;
        WebSocket.prototype.send = function (...args) { window.sent += 1; return send.apply(this, args); }; }"""
    )
    canvas = page.locator(".output canvas").first
    for place in range(20, 200, 20):
        canvas.hover(position={"x": place, "y": place})
    expect(sentence).not_to_have_text(before)
    assert page.evaluate("window.sent") == 0


@pytest.mark.parametrize(
    ("screens", "all_on_both"),
    [
        ((DESK, PHONE), False),
        pytest.param(((1440, "dark"), (390, "light")), True, marks=pytest.mark.nightly),
    ],
    ids=["light desk and dark phone", "dark desk and light phone"],
)
def test_every_tab_fits_and_axe_finds_nothing_serious(
    visit: Open, screens: tuple[Screen, Screen], all_on_both: bool
) -> None:
    width, scheme = screens[0]
    page = visit("kernels", width=width, scheme=scheme)
    for tab in tabs_on_two_screens(page, TABS, screens, all_on_both=all_on_both):
        expect(page.get_by_role("tabpanel").locator("p, figcaption, button").filter(visible=True).first).to_be_visible()
        assert page.locator("[data-testid=stException]").count() == 0
        does_not_scroll_sideways(page)
        if tab == TABS[0]:
            before_and_after_stand_side_by_side_where_there_is_room(page)


@pytest.fixture
def bare(blank: Open) -> Callable[..., Page]:
    """A page with one component's module, mounted on `data`, without a server."""

    def open_page(component: ModuleType, data: object) -> Page:
        page = blank(1100, 700, motion="reduce")
        names = ("alongLine", "steepest", "weigh", "decodePixels")
        lab = ", ".join(f'{name}: typeof {name} === "undefined" ? null : {name}' for name in names)
        call = f'mount({{parentElement: document.getElementById("host"), data: {json.dumps(data)}}});'
        module = f"{component.ASSETS.js}\nwindow.lab = {{{lab}}};{call}"
        style = f"<style>{component.ASSETS.css}</style>"
        page.set_content(f'{style}<div id="host"></div><script type="module">{module}</script>')
        page.wait_for_function("window.lab")
        return page

    return open_page


def test_the_line_is_line_profiles(bare: Callable[..., Page]) -> None:
    picture = sample("coins", 64)[:40, :50].astype(np.float32)
    sent = encode_pixels(picture)
    page = bare(profile, {"before": sent, "after": sent, "gain": 1})
    random = np.random.default_rng(3)
    for _ in range(30):
        ends = random.uniform([0, 0, 0, 0], [39, 49, 39, 49]).reshape(2, 2).tolist()
        ours = page.evaluate(
            "([image, ends]) => { const {values} = lab.alongLine(lab.decodePixels(image), ...ends); "
            "return [values, lab.steepest(values)]; }",
            [sent, ends],
        )
        theirs = line_profile(picture, *map(tuple, ends))
        np.testing.assert_allclose(ours[0], theirs.values, atol=1e-6)
        assert ours[1] == theirs.steepest


def test_the_line_moves_by_pointer_and_by_keyboard(bare: Callable[..., Page]) -> None:
    step = encode_pixels(sample("step", 64))
    page = bare(profile, {"before": step, "after": step, "gain": 1})
    sentence = page.locator(".sentence")
    expect(sentence).to_contain_text("from 0.2 to 0.8 (+0.6)")
    page.get_by_label("start of the line").first.focus()
    before = sentence.inner_text()
    page.keyboard.press("Shift+ArrowRight")
    expect(sentence).not_to_have_text(before)
    box = page.locator(".before canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.63 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10, steps=4)
    page.mouse.up()
    top = page.get_by_label("start of the line").first.bounding_box()
    assert top
    assert top["y"] < box["y"] + 0.3 * box["height"]


def test_together_the_three_planes_are_the_picture(bare: Callable[..., Page]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (20, 24, 3)) / 255
    data = {"image": encode_pixels(picture), "alt": "Noise", "luminance": LUMINANCE}
    page = bare(color_channels, data)
    page.get_by_label("Separate the planes").fill("0")
    page.mouse.move(0, 0)
    drawn = page.evaluate("""() => {
      const canvas = document.querySelector('.cube canvas'), context = canvas.getContext('2d');
      const unit = canvas.height / 20, left = (canvas.width - 24 * unit) / 2;
      return [...Array(20).keys()].map((y) => [...Array(24).keys()].map((x) =>
        [...context.getImageData(left + (x + 0.5) * unit, (y + 0.5) * unit, 1, 1).data.slice(0, 3)])); }""")
    same = (np.abs(np.array(drawn) / 255 - picture) < 0.01).all(axis=2)
    assert same.mean() > 0.98  # all but the frame around the pixel whose numbers are read
    page.get_by_role("button", name="Red only").click()
    middle = picture[10, 12]
    expect(page.locator(".numbers")).to_contain_text(f"red {middle[0]:.2f}".rstrip("0").rstrip("."))
    page.get_by_label("weight of green").fill("0.5")
    expect(page.locator("figcaption").last).to_contain_text("the weights sum to 1.5, so it gets brighter")
