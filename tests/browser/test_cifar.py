"""The page in a real browser: a small run on the stand-in, watched, paused, resumed, compared, asked; phone and axe."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from core.insight.loaded_network import load
from core.insight.onnx_writer import FromPixels
from core.ui.views.cifar import time_to_accuracy
from tests.browser.accessibility import scrolls_down_only, serious_findings
from tests.browser.conftest import Server, one_visitor
from tests.browser.lengths import keeps_its_length
from tests.browser.waiting import TRAINING_MS, finish_unwatched, new_seed, settle

Open = Callable[..., Page]

SHORT = "ci_epochs=2&ci_images=1000"  # of whose test pictures it finds three quarters
LONG = "ci_epochs=16"  # a quarter of a minute on one free core; it is evaluated 16 times on the way
# The plot has the height for which its labels are placed.
IS_AS_HIGH = """height => { const plot = document.querySelector('.stVegaLiteChart path.background');
  return plot && Math.abs(plot.getBoundingClientRect().height - height) < 5; }"""


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def detail(page: Page):
    return page.locator(".score .detail")


def marks(page: Page) -> int:
    """Points of the runs on the chart."""
    return page.locator(".stVegaLiteChart .mark-symbol path").count()


@pytest.fixture(scope="module")
def trained(kept_context: BrowserContext, server: Server) -> str:
    """The path of a page whose two runs, of different seeds, are finished."""
    kept = []
    with one_visitor(kept_context) as context:
        page = context.new_page()
        page.set_default_timeout(TRAINING_MS)
        for seed in (0, 1):
            page.goto(f"{server.url}/cifar?{SHORT}&ci_seed={seed}")
            going = page.get_by_role("button", name=re.compile("^(Pause|Another seed)$"))
            expect(button(page, "Train").or_(going).first).to_be_visible(timeout=TRAINING_MS)
            settle(page)  # a click while the page is still being drawn is lost
            if button(page, "Train").count():  # not there when the fixture is made again
                button(page, "Train").click()
            kept += finish_unwatched(page, server.home, "ci_runs")
    return f"cifar?{SHORT}&ci_seed=1&ci_runs={'.'.join(kept)}"


def test_a_run_is_estimated_watched_paused_left_and_resumed(visit: Open) -> None:
    page = visit(f"cifar?{LONG}&ci_seed={new_seed()}")
    expect(page.get_by_text("Not CIFAR-10:", exact=True)).to_be_visible()
    beside = page.locator(".st-key-ci_beside")
    expect(beside).to_contain_text(re.compile(r"About \d.*CPU, \d+ cores?"), timeout=TRAINING_MS)  # from a probe
    settle(page)  # a click while the page is still being drawn is lost
    button(page, "Train").click()
    expect(page.locator(".score .figure", has_text="%")).to_be_visible(timeout=TRAINING_MS)
    expect(page.locator(".facts", has_text="images/s").first).to_contain_text("GiB")
    expect(page.locator(".gallery.small img")).to_have_count(16)
    before = marks(page)
    page.wait_for_function(f"document.querySelectorAll('.stVegaLiteChart .mark-symbol path').length > {before}")
    page.get_by_role("radio", name="Accuracy by class").click()
    expect(page.locator("table.bars tr")).to_have_count(10)
    page.get_by_role("radio", name="First filters").click()
    expect(page.locator(".filters img")).to_have_count(32)
    settle(page)
    button(page, "Pause").click()
    expect(detail(page)).to_contain_text("Stopped")
    stopped = detail(page).inner_text()
    page.reload()
    expect(detail(page)).to_have_text(stopped)
    button(page, "Resume").click()
    expect(detail(page)).to_contain_text("Training", timeout=TRAINING_MS)
    button(page, "Pause").click()
    expect(detail(page)).to_contain_text("Stopped")


def test_a_rate_is_changed_on_the_way_and_the_run_ended_early(visit: Open) -> None:
    page = visit(f"cifar?{LONG}&ci_seed={new_seed()}&ci_view=Learning+curves")
    button(page, "Train").click()
    expect(page.locator(".score .figure", has_text="%")).to_be_visible(timeout=TRAINING_MS)
    button(page, "Rate").click()
    page.get_by_role("radio", name="× 0.3: 0.042").click()
    button(page, "Change it").click()
    expect(page).to_have_url(re.compile("ci_now=[0-9a-f]{16}"), timeout=TRAINING_MS)
    for chart in range(2):  # accuracy and loss
        words = page.locator(".stVegaLiteChart").nth(chart).locator("text", has_text="rate 0.14 → 0.042")
        expect(words.last).to_be_visible()
    expect(page.get_by_text("Orange lines mark manual learning-rate changes")).to_be_visible()
    expect(detail(page)).to_contain_text("Training", timeout=TRAINING_MS)
    page.locator(".stVegaLiteChart").first.locator(".mark-rule line").last.hover(force=True)
    expect(page.locator("#vg-tooltip-element")).to_contain_text("Manual change")
    page.mouse.move(0, 0)
    button(page, "End here").click()
    expect(detail(page)).to_contain_text("95 % interval", timeout=TRAINING_MS)
    ended = page.locator(".score .figure").inner_text()
    page.reload()
    expect(page.locator(".score .figure")).to_have_text(ended)
    expect(page.locator(".stVegaLiteChart text", has_text="rate 0.14 → 0.042").first).to_be_visible()


def test_a_range_test_suggests_a_rate_that_is_taken(visit: Open) -> None:
    page = visit(f"cifar?{SHORT}&ci_seed={new_seed()}")
    button(page, "Settings").click()
    page.get_by_role("tab", name="Range test").click()
    settle(page)  # a click while the page is still being drawn is lost
    button(page, "Run it").click()
    use = page.get_by_role("button", name=re.compile(r"^Use [\d.]+$"))
    expect(use).to_be_visible(timeout=TRAINING_MS)
    expect(page.locator("[data-testid=stPopoverBody] .mark-line path")).to_have_count(1)
    settle(page)
    rate = use.inner_text().split()[-1]
    use.click()
    if rate != "0.14":  # the preset's own is left out of the link
        expect(page).to_have_url(re.compile(rf"ci_rate={re.escape(rate)}(&|$)"))
    expect(page.locator(".st-key-ci_rate")).to_contain_text(rate)


def test_what_is_taken_away_as_onnx_answers_as_pytorch_does(visit: Open, trained: str, tmp_path: Path) -> None:
    page = visit(trained)
    page.get_by_role("tab", name="Export").click()
    with page.expect_download() as weights:
        button(page, "Weights").click()
    button(page, "ONNX …").click()
    with page.expect_download(timeout=TRAINING_MS) as onnx:
        page.get_by_role("button", name="ONNX", exact=True).click(timeout=TRAINING_MS)
    for file in (weights.value, onnx.value):
        file.save_as(tmp_path / file.suggested_filename)
    pictures = np.random.default_rng(1).random((5, 3, 32, 32), np.float32)
    session = onnxruntime.InferenceSession(tmp_path / onnx.value.suggested_filename, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"pictures": pictures})
    with torch.inference_mode():
        network = FromPixels(load(tmp_path / weights.value.suggested_filename)).eval()
        wanted = network(torch.from_numpy(pictures)).numpy()
    assert np.abs(found - wanted).max() < 1e-4 * max(1.0, np.abs(wanted).max())


def test_two_runs_are_compared_on_every_chart_and_what_follows_a_training_answers(visit: Open, trained: str) -> None:
    page = visit(trained)
    assert not serious_findings(page)
    earlier = button(page, "Small, seed 0")
    expect(earlier).to_be_visible()
    for name in ("Generalization gap", "Learning rate", "Learning curves", "Accuracy over time"):
        page.get_by_role("radio", name=name).click()
        expect(page.locator(".stVegaLiteChart .mark-line path").nth(1)).to_be_attached()
    expect(page.locator(".stVegaLiteChart text", has_text=re.compile("^Small.*%$")).first).to_be_visible()
    page.wait_for_function(IS_AS_HIGH, arg=time_to_accuracy.PLOT)
    page.get_by_role("tab", name="All runs").click()
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible()
    page.get_by_role("tab", name="Training").click()
    earlier.click()
    expect(earlier).to_have_count(0)
    settle(page)  # a click while the page is still being drawn is lost

    page.get_by_role("tab", name="Confusion matrix").click()
    expect(page.get_by_text("Worst mistakes")).to_be_visible()
    matrix = page.locator(".stVegaLiteChart").last
    cell = matrix.locator(".mark-rect path").first  # the first class's own cell
    cell.scroll_into_view_if_needed()
    cell.click(force=True)  # the number lies over it, and counts as the cell
    expect(page.get_by_text(re.compile("^A disc, classified correctly$"))).to_be_visible()
    expect(page.get_by_text("Worst mistakes")).to_have_count(0)
    page.get_by_role("tab", name="Calibration").click()
    expect(page.get_by_text("expected calibration error")).to_be_visible()
    page.get_by_role("tab", name="Grad-CAM").click()
    expect(page.locator(".gallery.large img")).to_have_count(3, timeout=TRAINING_MS)

    page.get_by_role("tab", name="Your picture").click()
    file = BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)).save(file, "PNG")
    files = {"name": "noise.png", "mimeType": "image/png", "buffer": file.getvalue()}
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(files)
    expect(page.locator(".answers tr")).to_have_count(10, timeout=TRAINING_MS)
    shares = [float(text.strip("\u202f% ")) for text in page.locator(".answers td:last-child").all_inner_texts()]
    assert sum(shares) == pytest.approx(100, abs=1)
    expect(page.get_by_alt_text("Your picture as the network sees it")).to_be_visible()
    wrong = {"name": "no.png", "mimeType": "image/png", "buffer": b"not a picture"}
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(wrong)
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    expect(page.locator(".answers")).to_have_count(0)


def test_in_the_dark_it_is_as_short_as_any_page_on_a_phone_too_and_axe_finds_nothing_serious(
    visit: Open, trained: str
) -> None:
    page = visit(trained, scheme="dark")
    expect(detail(page)).to_contain_text("95 % interval")
    assert not serious_findings(page)
    keeps_its_length(page)
    page.get_by_role("tab", name="Confusion matrix").click()  # the other long tab
    expect(page.get_by_text("Worst mistakes")).to_be_visible()
    keeps_its_length(page)
    scrolls_down_only(page)
