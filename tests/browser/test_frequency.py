"""The frequency page in Chromium: its numbers against `core.images`, and what dragging does.

The components' modules are loaded into an empty page with Streamlit's theme variables, which is much faster than a
server and the same code; the last tests visit the page itself.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.images.aliasing import grating
from core.images.frequency_filters import apply_mask
from core.images.pictures import center_square
from core.images.sample_pictures import sample
from core.images.spectrum import radial_profile, spectrum
from core.ui.components import spectrum as component
from core.ui.components.kit import encode_pixels
from core.ui.components.kit.bundle import bundle
from core.ui.components.spectrum import WAVES
from core.ui.components.spectrum.state import FilterState, WavesState
from core.ui.display.colors import VIRIDIS
from tests.browser.accessibility import does_not_scroll_sideways, serious_findings
from tests.browser.conftest import Open
from tests.browser.visits import PHONE, move_to, reopened

LIGHT = {"background": "#FDFCF9", "secondary-background": "#F2EFE8", "text": "#1C2530", "primary": "#2B4A6F"}
Show = Callable[..., Page]


def harness(module: str) -> str:
    entry = {"waves": "waves", "filtering": "filter_editor"}[module]
    functions = "Fourier, analyze, strengths, radii, gain, filter, radialProfile, edgeResponse, gratings"
    modules = bundle(
        Path(component.__file__).parent / "lab.js",
        f"""import {{ default as mount }} from "./{entry}.js";
import {{ partOf }} from "../kit/component.js";
import {{ {functions} }} from "../kit/fourier.js";
import {{ decodePixels }} from "../kit/math.js";
""",
    )
    variables = ";".join(f"--st-{name}-color:{value}" for name, value in LIGHT.items())
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Frequency</title>
<body style="margin:0;padding:16px"><main style="{variables}"><div id="host"></div></main>
<script type="module">{modules}
const shadow = document.getElementById("host").attachShadow({{mode: "open"}});
const style = document.createElement("style");
style.textContent = {json.dumps(WAVES.css)};
shadow.append(style);
const reports = [];
const api = {{parentElement: shadow, setStateValue: (name, value) => reports.push([name, value])}};
const show = (data) => {{ mount({{...api, data}}); }};
window.lab = {{ {functions}, decodePixels, reports, show, get it() {{ return partOf(shadow); }} }};
</script>"""


@pytest.fixture
def show(blank: Open) -> Show:
    """Opens a page with one component."""

    def open_page(
        module: str, state: WavesState | FilterState, *, image: np.ndarray | None = None, width: int = 1082, **own: Any
    ) -> Page:
        page = blank(width, 1000, **own)
        page.set_content(harness(module))
        data = {"settings": asdict(state), "viridis": list(VIRIDIS)}
        if image is not None:
            data |= {"image": encode_pixels(image), "alt": "A test picture"}
        page.evaluate("data => lab.show(data)", data)
        settled(page)
        return page

    return open_page


@pytest.fixture(scope="module")
def small() -> np.ndarray:
    return center_square(sample("cat"), 64)


def settled(page: Page) -> None:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.fixture(scope="module")
def cat() -> np.ndarray:
    return center_square(sample("cat"), 256)


FILTERED = """({image, settings}) => {
  const picture = lab.decodePixels(image), size = picture.width, fourier = new lab.Fourier(size);
  const analysis = lab.analyze(picture, fourier), radii = lab.radii(size);
  const gains = radii.map((cycles) => lab.gain(cycles, settings));
  const rings = Int32Array.from(radii, Math.round);
  return {
    values: [...lab.filter(analysis, gains, fourier)], strengths: [...lab.strengths(analysis)],
    profile: [...lab.radialProfile(analysis.power, rings)], edge: [...lab.edgeResponse(size, settings)],
  };
}"""

FILTERS = [
    FilterState("low", "ideal", 2, 5.0),
    FilterState("low", "gaussian", 2, 3.5),
    FilterState("low", "butterworth", 3, 7.0),
    FilterState("high", "ideal", 2, 4.0),
    FilterState("high", "gaussian", 2, 9.0),
    FilterState("high", "butterworth", 1, 0.5),
    FilterState("band", "ideal", 2, 9.0, 3.0),
    FilterState("band", "gaussian", 2, 12.0, 2.5),
    FilterState("band", "butterworth", 4, 10.0, 10.0),
]


def test_the_numbers_are_those_of_core_images(show: Show) -> None:
    random = np.random.default_rng(3)
    page = show("filtering", FilterState(), image=np.zeros((16, 16), np.float32))
    for number, state in enumerate(FILTERS):
        size = (16, 32)[number % 2]
        image = random.uniform(0, 1, (size, size, 3) if number % 3 else (size, size)).astype(np.float32)
        settings = {name[2:]: value for name, value in asdict(state).items()}
        found = page.evaluate(FILTERED, {"image": encode_pixels(image), "settings": settings})
        planes = np.array(found["values"]).reshape(-1, size, size)
        filtered = planes[0] if image.ndim == 2 else np.moveaxis(planes, 0, 2)
        expected = apply_mask(image, state.mask(image.shape))
        np.testing.assert_allclose(filtered, expected, rtol=1e-4, atol=1e-9, err_msg=str(state))
        strengths = np.fft.fftshift(np.array(found["strengths"]).reshape(size, size))
        np.testing.assert_allclose(strengths, spectrum(image), rtol=1e-4, atol=1e-7)
        np.testing.assert_allclose(found["profile"], radial_profile(image).power, rtol=1e-4)
        edge = np.zeros((size, size))
        edge[:, size // 2 :] = 1
        np.testing.assert_allclose(
            found["edge"], apply_mask(edge, state.mask(edge.shape))[0], rtol=1e-4, atol=1e-9, err_msg=str(state)
        )


def test_a_drawn_wave_is_a_grating(show: Show) -> None:
    page = show("waves", WavesState())
    for cycles, degrees, contrast, phase in [(12, 30, 0.9, 0), (3.5, 135, 0.4, 0.25), (64, 0, 1, 0), (0, 0, 1, 0.1)]:
        wave = {"cycles": cycles, "degrees": degrees, "contrast": contrast, "phase": phase}
        found = np.array(page.evaluate("wave => [...lab.gratings(128, [wave])]", wave)).reshape(128, 128)
        np.testing.assert_allclose(found, grating(128, cycles, degrees, contrast, phase), rtol=1e-4, atol=1e-6)


def test_several_waves_are_their_sum_and_stay_between_black_and_white(show: Show) -> None:
    page = show("waves", WavesState("8-0-50-0_8-90-50-0"))
    sum_of_two = grating(128, 8, 0, 0.5).astype(float) + grating(128, 8, 90, 0.5) - 0.5
    found = np.array(page.evaluate("[...lab.it.values]")).reshape(128, 128)
    np.testing.assert_allclose(found, sum_of_two, atol=1e-6)
    page = show("waves", WavesState("8-0-100-0_8-0-100-0_8-0-100-0"))
    assert page.evaluate("[Math.min(...lab.it.values), Math.max(...lab.it.values)]") == pytest.approx([0, 1])


def middle(screen: Locator) -> tuple[float, float, float]:
    """Where a spectrum's zero frequency is on the page, and how many pixels a cycle has."""
    box = screen.bounding_box()
    assert box
    return box["x"], box["y"], box["width"]


def slider(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    settled(page)


def test_dragging_a_dot_drives_the_wave_while_it_moves(show: Show) -> None:
    page = show("waves", WavesState())
    x, y, side = middle(page.locator(".spectrum .screen"))
    cell = side / 128
    place = lambda across, up: (x + (64.5 + across) * cell, y + (64.5 - up) * cell)  # noqa: E731
    drag(page, place(8, 6), place(0, 20))  # and not released
    assert page.evaluate("[lab.it.waves[0].cycles, lab.it.waves[0].degrees]") == pytest.approx([20, 90])
    np.testing.assert_allclose(
        np.array(page.evaluate("[...lab.it.values]")).reshape(128, 128), grating(128, 20, 90, 0.9), atol=1e-6
    )
    expect(page.locator(".facts")).to_contain_text("0.156")
    page.wait_for_function("lab.reports.length")
    assert page.evaluate("lab.reports") == [["settings", {"f_waves": "20-90-90-0"}]]


def test_sliders_examples_and_more_waves(show: Show) -> None:
    page = show("waves", WavesState())
    slider(page, "Frequency").fill("24")
    slider(page, "Direction").fill("0")
    slider(page, "Contrast").fill("0.5")
    slider(page, "Shift").fill("0.25")
    settled(page)
    assert page.evaluate("lab.it.report().f_waves") == "24-0-50-25"
    page.get_by_role("button", name="Add a wave").click()
    settled(page)
    assert page.locator(".dot").count() == 4
    page.get_by_role("button", name="Remove wave 2").click()
    page.get_by_role("button", name="Toward a sharp edge").click()
    settled(page)
    expect(page.get_by_role("button", name="Toward a sharp edge")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".notice")).to_contain_text("The picture is 4 waves added up")
    page.get_by_role("button", name="Wave 2").click()
    settled(page)
    expect(page.locator(".facts")).to_contain_text("12")
    page.locator(".spectrum .screen").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    settled(page)
    assert page.evaluate("lab.it.report().f_waves").split("_")[1] == "13.038-4.4-20-50"


@pytest.mark.parametrize(("motion", "frames"), [("no-preference", True), ("reduce", False)])
def test_the_wave_glides_to_its_new_place(show: Show, motion: Any, frames: bool) -> None:
    page = show("waves", WavesState())
    page.emulate_media(reduced_motion=motion)
    page.evaluate("lab.it.place(20, 0), lab.it.redraw()")
    assert page.evaluate("lab.it.shown !== lab.it.values") is frames  # on its way
    page.wait_for_function("lab.it.shown === lab.it.values")
    circle = page.locator(".spectrum circle[fill='url(#halo)']").first
    assert float(circle.get_attribute("cx") or 0) == pytest.approx(page.evaluate("(64.5 + 20) * lab.it.cell"), abs=0.1)


def test_pointing_at_the_picture_moves_the_row_of_the_profile(show: Show) -> None:
    page = show("waves", WavesState())
    page.locator(".grating canvas").hover(position={"x": 10, "y": 31})
    expect(page.locator(".along")).to_contain_text("row 11 of 128")


def test_dragging_the_ring_filters_while_it_moves(show: Show, small: np.ndarray) -> None:
    page = show("filtering", FilterState(), image=small)
    x, y, side = middle(page.locator(".spectrum .screen"))
    cell = side / 64
    drag(page, (x + (32.5 + 24) * cell, y + 32.5 * cell), (x + (32.5 + 10.5) * cell, y + 32.5 * cell))
    assert page.evaluate("lab.it.settings.radius") == 10.5
    kept = np.moveaxis(np.array(page.evaluate("[...lab.it.kept]")).reshape(3, 64, 64), 0, 2)
    expected = apply_mask(small, FilterState(f_radius=10.5).mask(small.shape))
    np.testing.assert_allclose(kept, expected, rtol=1e-4, atol=1e-6)
    page.wait_for_function("lab.reports.length")
    ((name, report),) = page.evaluate("lab.reports")
    assert (name, FilterState.read(report)) == ("settings", FilterState(f_inner=8.0, f_radius=10.5))


def test_a_drag_keeps_up_with_the_pointer(show: Show, cat: np.ndarray) -> None:
    """One frame of the filter on a color picture, on a machine that others use too."""
    page = show("filtering", FilterState(), image=cat)
    times = page.evaluate("""() => [...Array(12).keys()].map((i) => {
      lab.it.settings.radius = 20 + i;
      const start = performance.now();
      lab.it.redraw();
      return performance.now() - start;
    })""")
    assert np.median(times) < 150


def test_an_ideal_filter_rings_and_a_gaussian_does_not(show: Show, cat: np.ndarray) -> None:
    page = show("filtering", FilterState(), image=cat)
    notice = page.locator(".notice")
    expect(notice).to_contain_text("The ideal filter causes ringing: the edge overshoots by 9.1 %")
    page.get_by_role("button", name="Gaussian").click()
    expect(notice).to_contain_text("The Gaussian causes no ringing")
    page.get_by_role("button", name="Butterworth").click()
    slider(page, "Order").fill("8")
    expect(notice).to_contain_text("Order 8 causes ringing")


def test_what_passes_and_what_is_stopped_add_up(show: Show, cat: np.ndarray) -> None:
    page = show("filtering", FilterState("band", "gaussian", 2, 30.0, 10.0), image=cat)
    caption = page.locator(".result figcaption")
    expect(caption).to_contain_text("Kept: 256 × 256 px, brightness only")
    page.get_by_role("button", name="Removed").click()
    expect(caption).to_contain_text("Removed: 256 × 256 px, 3 channels")
    page.get_by_role("button", name="Original", exact=True).click()
    expect(caption).to_contain_text("Original: 256 × 256 px, 3 channels")
    shown = page.evaluate("[...lab.it.result.canvas.getContext('2d').getImageData(0, 0, 1, 1).data.slice(0, 3)]")
    np.testing.assert_allclose(shown, cat[0, 0] * 255, atol=0.51)


def test_the_inner_ring_stays_inside(show: Show, small: np.ndarray) -> None:
    page = show("filtering", FilterState("band", "ideal", 2, 20.0, 8.0), image=small)
    x, y, side = middle(page.locator(".spectrum .screen"))
    cell, center = side / 64, y + 32.5 * side / 64
    drag(page, (x + (32.5 + 9) * cell, center), (x + (32.5 + 29) * cell, center))
    page.mouse.up()
    assert page.evaluate("[lab.it.settings.inner, lab.it.settings.radius]") == [20, 20]
    slider(page, "Radius").fill("4")  # 2 to the power of 4
    assert page.evaluate("[lab.it.settings.inner, lab.it.settings.radius]") == [16, 16]


def test_pointing_at_the_spectrum_shows_that_wave(show: Show) -> None:
    image = grating(256, np.hypot(30, 40), np.degrees(np.arctan2(40, 30)), 0.5)
    page = show("filtering", FilterState(), image=image)
    words = page.locator(".wave .words")
    expect(words).to_contain_text("Strongest wave")
    expect(words).to_contain_text("50 cycles per image")
    expect(words).to_contain_text("±0.25 of brightness")
    expect(words).to_contain_text("0 % kept")
    cell = page.evaluate("lab.it.cell")
    page.locator(".filtering .spectrum canvas").first.hover(position={"x": 128.5 * cell, "y": 128.5 * cell})
    expect(words).to_contain_text("the mean brightness")
    expect(words).to_contain_text("0.5 of brightness")


def test_another_picture_keeps_the_filter(show: Show, small: np.ndarray) -> None:
    page = show("filtering", FilterState(), image=small)
    page.get_by_role("button", name="High pass").click()
    data = {"settings": asdict(FilterState()), "viridis": list(VIRIDIS), "alt": "Another"}
    page.evaluate("data => lab.show(data)", data | {"image": encode_pixels(small[::-1])})
    assert page.evaluate("lab.it.settings.pass") == "high"
    assert page.evaluate("lab.it.image.values[0]") == pytest.approx(small[-1, 0, 0], abs=1e-6)


def test_pixels_are_whole_on_every_screen(show: Show, small: np.ndarray) -> None:
    for ratio in (1.5, 3):
        page = show("filtering", FilterState(), image=small, width=390, device_scale_factor=ratio)
        assert page.evaluate("[lab.it.result.canvas.width % 64, lab.it.spectrum.canvas.width % 64]") == [0, 0]


def drag_ring(page: Page, start: float, end: float) -> None:
    """Take the ring at `start` cycles per image, to the right of the middle, out to `end`."""
    screen = page.locator(".filtering .spectrum .screen")
    screen.scroll_into_view_if_needed()
    x, y, side = middle(screen)
    cell = side / 256
    drag(page, (x + (128.5 + start) * cell, y + 128.5 * cell), (x + (128.5 + end) * cell, y + 128.5 * cell))
    page.mouse.up()


def fits_and_axe_finds_nothing_serious(page: Page) -> None:
    expect(page.locator(".equation img, .filtering .result canvas").first).to_be_visible()
    expect(page.locator(".waves .notice li")).to_have_count(2)
    does_not_scroll_sideways(page)
    assert not serious_findings(page)


def test_the_page_is_accessible_follows_a_drag_and_its_link_reopens_it(visit: Callable[..., Page]) -> None:
    page = visit("frequency")
    fits_and_axe_finds_nothing_serious(page)
    drag_ring(page, 24, 50)
    page.wait_for_url("**/frequency?*f_radius=50*")
    page.get_by_role("tab", name="Low + high").click()
    expect(page.get_by_text("The ideal low pass at 50 cycles per image")).to_be_visible()
    page.get_by_role("tab", name="A picture is a sum of waves").click()
    page.get_by_role("button", name="Slow", exact=True).click()
    page.wait_for_url("**f_waves=3-0-90-0*")
    assert "f_radius=50" in page.url
    again = reopened(page)
    expect(again.locator(".waves .facts")).to_contain_text("0.023")
    expect(again.get_by_role("slider", name="Radius", exact=True)).to_have_attribute(
        "aria-valuetext", "50 cycles per image"
    )


def test_the_tools_open_in_tabs_fit_a_phone_in_the_dark_and_keep_the_filter(visit: Callable[..., Page]) -> None:
    page = visit("frequency?f_pass=high&f_kind=butterworth")
    for tab, figures in [
        ("Hybrid pictures", 4),
        ("Strongest waves", 3),
        ("Aliasing", 4),
        ("Convolution theorem", 6),
    ]:
        page.get_by_role("tab", name=tab).click()
        expect(page.locator(".equation img:visible")).to_have_count(figures)
    page.wait_for_url("**f_tab=kernel*")
    expect(page.get_by_text("Both results agree: their largest difference is")).to_be_visible()
    move_to(page, PHONE)
    fits_and_axe_finds_nothing_serious(page)
    page.get_by_role("tab", name="A picture is a sum of waves").click()
    for button in ("High pass", "Butterworth"):
        expect(page.get_by_role("button", name=button, exact=True)).to_have_attribute("aria-pressed", "true")
