"""The page in a real browser: train, watch, leave and come back, ask; links, themes, a phone, and axe."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from safetensors.numpy import load

from core.training.experiment import Experiment
from tests.browser.accessibility import scrolls_down_only, serious_findings
from tests.browser.conftest import Server, one_visitor
from tests.browser.lengths import keeps_its_length
from tests.browser.waiting import TRAINING_MS, finish_unwatched, new_seed, settle

Open = Callable[..., Page]

# A minute's course in ten seconds: small networks on the digits that come with the app.
SMALL = "m_mlp_width=32&m_cnn_filters=4&m_cnn_dense=16"
LONG = "m_mlp_width=256&m_cnn_filters=16&m_cnn_dense=64&m_epochs=20&m_batch=16"  # tens of seconds
SHORT = f"{SMALL}&m_epochs=2"


# How many points the longest line of the accuracy chart has.
POINTS = """() => Math.max(0, ...[...document.querySelectorAll('.stVegaLiteChart')].slice(0, 1).flatMap(chart =>
  [...chart.querySelectorAll('.mark-line path')].map(path => (path.getAttribute('d').match(/L/g) || []).length)))"""


def points(page: Page, above: int) -> int:
    """The points of the accuracy chart's longest line, once they are more than `above`."""
    page.wait_for_function(f"({POINTS})() > {above}")
    count = page.evaluate(POINTS)
    assert isinstance(count, int)
    return count


def train(page: Page) -> None:
    page.get_by_role("button", name="Train both").click()


def finished(page: Page) -> None:
    """Until both contenders have come to their end."""
    expect(page.locator(".score .detail", has_text="95 % interval")).to_have_count(2, timeout=TRAINING_MS)


@pytest.fixture(scope="module")
def trained(kept_context: BrowserContext, server: Server) -> str:
    """The path of a page whose two runs are finished."""
    with one_visitor(kept_context) as context:
        page = context.new_page()
        page.goto(f"{server.url}/mnist?{SHORT}")
        start = page.get_by_role("button", name="Train both")
        going = page.get_by_role("button", name=re.compile("^(Stop|Another seed)$"))
        expect(start.or_(going).first).to_be_visible(timeout=TRAINING_MS)
        settle(page)
        if start.count():  # not there when the fixture is made again
            start.click()
        runs = finish_unwatched(page, server.home, "m_runs")
    return f"mnist?{SHORT}&m_runs={'.'.join(runs)}"


def test_a_cold_deep_link_shows_the_page_whole(fresh_server: Server, visit: Open) -> None:
    """Nobody has visited any page of this server yet. It outlives the visit: with a page open it ends late."""
    page = visit("mnist?m_epochs=7&m_mlp_width=200", url=fresh_server.url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("MLP or CNN")
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text("Home")
    expect(page.locator(".st-key-m_epochs")).to_contain_text("7")
    expect(page.locator(".st-key-card_m_mlp .card-head")).to_contain_text("199,210 parameters")
    expect(page).to_have_url(re.compile(r"/mnist\?(m_epochs=7&m_mlp_width=200|m_mlp_width=200&m_epochs=7)$"))
    expect(page.get_by_text("5,000 of MNIST's 70,000 digits")).to_be_visible()


def test_curves_grow_and_survive_leaving_and_coming_back(visit: Open) -> None:
    page = visit(f"mnist?{LONG}&m_seed={new_seed()}")
    train(page)
    expect(page.locator(".score .figure", has_text="%").first).to_be_visible(timeout=TRAINING_MS)
    points(page, above=points(page, above=0))
    page.reload()
    expect(page.locator(".score .detail").first).to_contain_text(re.compile("Training|Starting|Queued|trained"))
    page.get_by_role("button", name="Stop").first.click()
    moving = page.locator(".score .detail", has_text=re.compile("Training|Starting|Queued"))
    expect(moving).to_have_count(0)
    expect(page.locator(".score", has_text="Stopped").first).to_be_visible()
    stopped = page.locator(".score .detail").last.inner_text()
    page.reload()
    expect(page.locator(".score .detail").last).to_have_text(stopped)
    page.get_by_role("button", name="Resume").last.click()
    expect(page.locator(".score .detail").last).to_contain_text("Training", timeout=TRAINING_MS)
    assert epoch(page.locator(".score .detail").last.inner_text()) >= int(epoch(stopped))
    assert "m_runs=" in page.url
    page.get_by_role("button", name="Stop").first.click()
    expect(moving).to_have_count(0)


def epoch(detail: str) -> float:
    found = re.search(r"epoch ([\d.]+) of", detail.lower())
    assert found, detail
    return float(found[1])


def test_a_network_is_paused_and_resumed_and_joined_by_another_person(visit: Open) -> None:
    page = visit(f"mnist?{LONG}&m_seed={new_seed()}")
    train(page)
    detail = page.locator(".score .detail").first
    expect(detail).to_contain_text("Training", timeout=TRAINING_MS)
    page.get_by_role("button", name="Pause").first.click()
    expect(detail).to_contain_text(re.compile("Pausing|Stopped"))
    expect(page.get_by_text("omebody else")).to_have_count(0)
    expect(detail).to_contain_text("Stopped")
    page.get_by_role("button", name="Resume").first.click()
    expect(detail).to_contain_text("Training", timeout=TRAINING_MS)
    other = visit(page.url.split("/")[-1])
    card = other.locator("[class*='st-key-card_']").first
    expect(card.locator(".score .detail")).to_contain_text("started by someone")
    card.get_by_role("button", name="Join").click()
    expect(card.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Join").first).to_be_visible()
    expect(card.locator(".score .detail")).to_contain_text("Training")
    card.get_by_role("button", name="Pause").click()
    expect(card.locator(".score .detail")).to_contain_text("Stopped")


def test_a_run_made_before_is_shown_at_once_to_anybody_with_what_follows_it(visit: Open, trained: str) -> None:
    page = visit(trained)
    finished(page)
    expect(page.locator(".score .detail").first).to_contain_text("Already trained by someone")
    expect(page.get_by_text("misclassifies")).to_be_visible()
    for network, fans in (("m_mlp", 243), ("m_cnn", 162)):  # each line as thick as its weight is large
        card = page.locator(f".st-key-card_{network}")
        expect(card.locator(".fan line")).to_have_count(fans)
        assert len({line.get_attribute("style") for line in card.locator(".fan line").all()[:81]}) > 9
        expect(card.locator(".ten li b")).to_have_text([re.compile(r"^\d$")] * 10)
        wrong = card.locator(".ten .wrong").count()  # a cross as well as a color
        expect(card.locator(".ten .wrong b svg")).to_have_count(wrong)
        expect(card.locator(".caption")).to_contain_text(f"{wrong} of 10 wrong")
    expect(page.locator(".st-key-card_m_cnn image")).to_have_attribute("href", re.compile("^data:image/png"))
    expect(page.locator(".st-key-card_m_mlp .units img")).to_be_visible()
    points(page, above=5)
    assert not serious_findings(page)
    page.get_by_role("tab", name="Confusion matrix").click()
    expect(page.locator(".gallery img").first).to_be_visible()
    expect(page.get_by_text("Click a cell to see its digits")).to_be_visible()
    settle(page)
    cell = page.locator(".stVegaLiteChart").first.locator(".mark-rect path").first
    cell.scroll_into_view_if_needed()
    cell.click(force=True)  # the number lies over it, and counts as the cell
    expect(page.get_by_text(re.compile("^A 0, classified correctly$"))).to_be_visible()
    expect(page.get_by_alt_text(re.compile(r"^Test digit \d+: 0$")).first).to_be_visible()
    page.get_by_role("tab", name="Shuffled pixels").click()
    expect(page.get_by_text("is number 269 of 784")).to_be_visible()


def test_earlier_runs_stay_until_they_are_removed(visit: Open, trained: str) -> None:
    page = visit(trained.replace("m_mlp_width=32", "m_mlp_width=33"))
    chips = page.get_by_role("button", name="MLP, dense 32", exact=True)
    expect(chips).to_be_visible()
    expect(page.locator(".stVegaLiteChart text", has_text=re.compile("^MLP, dense 32$")).first).to_be_visible()
    chips.click()
    expect(chips).to_have_count(0)


def draw(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    """A straight line on the square, in its pixels."""
    canvas = page.locator(".pad canvas")
    canvas.hover(position={"x": start[0], "y": start[1]})  # once it stands still: charts above it may come late
    box = canvas.bounding_box()
    assert box
    page.mouse.down()
    page.mouse.move(box["x"] + end[0], box["y"] + end[1], steps=12)
    page.mouse.up()


def test_the_square_is_whole_a_dot_is_not_read_and_a_digit_is_answered_by_both(visit: Open, trained: str) -> None:
    page = visit(f"{trained}&m_tab=digit", width=1024)
    cards = [page.locator(f".st-key-card_{slot}").bounding_box() for slot in ("m_mlp", "m_cnn")]
    assert cards[0]
    assert cards[1]
    assert cards[0]["y"] + cards[0]["height"] <= cards[1]["y"]  # in a small window one below the other
    digit = page.get_by_alt_text("Your digit as the networks see it")
    draw(page, (100, 100), (101, 100))
    expect(page.get_by_text("There is nothing to read here yet")).to_be_visible()
    expect(page.locator(".answers")).to_have_count(0)
    expect(page.locator(".pad button")).to_have_text(["Undo", "Clear"])
    page.locator(".pad").get_by_role("button", name="Clear").click()
    expect(page.get_by_text("There is nothing to read here yet")).to_have_count(0)
    shown = []
    for size in (40, 200):
        draw(page, (125, 25), (125, 25 + size))
        expect(digit).to_be_visible()
        shown.append(digit.get_attribute("src"))
        expect(page.locator(".answers .who")).to_have_text(["MLP predicts", "CNN predicts"], timeout=TRAINING_MS)
        expect(page.locator(".answers .verdict b").last).to_have_text(re.compile(r"^\d$"))
        expect(page.locator("figure img.pixels").first).to_have_attribute("width", "140")
        page.locator(".pad").get_by_role("button", name="Undo").click()
        expect(digit).to_have_count(0)  # the next one that is seen is a new one
        expect(page.locator(".answers")).to_have_count(0)
    assert shown[0] == shown[1]  # a small digit's line is as wide as a large one's
    for width in (1024, 1280):
        page.set_viewport_size({"width": width, "height": 1000})
        box = page.locator(".pad canvas").bounding_box()
        assert box
        assert (round(box["width"]), round(box["height"])) == (250, 250)


def test_what_was_trained_is_taken_away_and_its_settings_are_loaded_again(
    visit: Open, trained: str, tmp_path: Path
) -> None:
    page = visit(trained)
    page.get_by_role("tab", name="Export").click()
    expect(page.get_by_text("pip install torch safetensors").first).to_be_visible()
    card = page.locator("[data-testid=stVerticalBlock]", has=page.get_by_text(re.compile("^CNN, run"))).last
    for name in ("Settings", "Weights", "PyTorch"):
        with page.expect_download() as download:
            card.get_by_role("button", name=name, exact=name == "Settings").click()
        download.value.save_as(tmp_path / download.value.suggested_filename)
        if name == "Settings":
            settings = tmp_path / download.value.suggested_filename
        if name == "Weights":
            weights = load((tmp_path / download.value.suggested_filename).read_bytes())
    assert Experiment.from_json(settings.read_text()).epochs == 2
    assert weights["0.weight"].shape == (4, 1, 3, 3)
    command = [sys.executable, download.value.suggested_filename]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.startswith("(1, 10) tensor([")

    expect(page.get_by_role("button", name="ONNX …").last).to_be_enabled()  # its file: test_cifar.py
    page.goto(page.url.partition("?")[0])  # another session, without a link
    page.wait_for_selector("[data-testid=stMain] h1")
    settle(page)
    expect(page).not_to_have_url(re.compile("m_cnn_filters"))
    page.get_by_role("button", name="Load settings").click()
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(settings)
    settle(page)
    page.get_by_role("button", name="Load settings").evaluate("button => button.scrollIntoView()")  # it opens below
    page.get_by_role("button", name="Load", exact=True).click()
    expect(page).to_have_url(re.compile("m_cnn_filters=4"))
    expect(page.locator(".score .detail", has_text="95 % interval")).to_have_count(1)  # the run is here already


def test_in_the_dark_it_is_as_short_as_any_page_on_a_phone_too_and_axe_finds_nothing_serious(
    visit: Open, trained: str
) -> None:
    page = visit(trained, scheme="dark")
    finished(page)
    assert not serious_findings(page)
    keeps_its_length(page)
    page.get_by_role("tab", name="Confusion matrix").click()  # the other long tab
    expect(page.locator(".gallery img").first).to_be_visible()
    keeps_its_length(page)
    scrolls_down_only(page)
