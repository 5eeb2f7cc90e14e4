"""What a move costs on the pages that train nothing: `python tests/bench/moves.py [--moves 40] [--only invariance]`.

Two tables for docs/performance.md. In Chromium, from the key or the pointer's press to the frame that shows the new
picture, or the new numbers, taking turns with a bare page (a slider and its number), so that on a busy machine the
ratio says what the page adds. And on the server, the fragment that a move runs (`streamlit.testing`, no browser: it
runs the whole page, of which the fragment is timed), by the clock and in processor time, which a busy machine leaves
alone.
"""

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from page import FLAGS, ROOT, serve
from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.testing.v1 import AppTest

SLIDER = ":is([role=slider], input[type=range])"
SUM, MINDS = ".st-key-k_inspector .sentence", ".predictions"
TEXT, BARS = "textContent", "innerHTML"
# Milliseconds from the latest key or press to the frame after `what` of the element has changed.
WATCH = """([selector, what]) => {
  const [host, inner] = selector.split(" "); // a component stands in a shadow root of its own
  const shadows = () => [...document.querySelectorAll(host + " *")].map((e) => e.shadowRoot?.querySelector(inner));
  const read = () => (document.querySelector(selector) ?? shadows().find(Boolean))?.[what], before = read();
  window.began = window.spent = null;
  for (const type of ["keydown", "pointerdown"])
    document.addEventListener(type, () => window.began = performance.now(), {capture: true});
  const look = () => {
    const now = read();
    if (now === undefined || now === before || window.began === null) return requestAnimationFrame(look);
    requestAnimationFrame(() => window.spent = performance.now() - window.began);
  };
  look();
}"""


@dataclass(frozen=True, slots=True)
class Move:
    """A thing a person does again and again, and what must then change on the page."""

    name: str
    path: str
    act: Callable[[Page, int], None]  # the page, and how many times it was done before
    selector: str
    attribute: str
    most: float  # ms, the 95th percentile


def slide(key: str) -> Callable[[Page, int], None]:
    """One step on a slider, to and fro."""
    return lambda page, turn: page.locator(f".st-key-{key} {SLIDER}").first.press(
        "ArrowRight" if turn % 2 == 0 else "ArrowLeft"
    )


def wander(keys: tuple[str, ...], steps: int) -> Callable[[Page, int], None]:
    """So many steps on one slider, then on the next: each to a place not seen before, so that nothing is known yet."""
    return lambda page, turn: page.locator(f".st-key-{keys[turn // steps]} {SLIDER}").first.press("ArrowRight")


def choose(key: str, names: tuple[str, str]) -> Callable[[Page, int], None]:
    """One of two names from a list that opens; the clock starts at the press on the name."""

    def act(page: Page, turn: int) -> None:
        page.locator(f".st-key-{key} [data-baseweb=select], .st-key-{key} [role=combobox]").first.click()
        page.get_by_role("option", name=names[turn % 2], exact=True).click()

    return act


COLOR = "k_colors=Each+channel"
MOVES = (
    Move(
        "11 x 11 Gaussian blur, σ by a slider",
        f"kernels?k_kernel=Gaussian+blur&k_size_gaussian=11+%C3%97+11&{COLOR}",
        slide("k_value_gaussian"),
        SUM,
        TEXT,
        250,
    ),
    Move(
        "11 x 11 random kernel, seed by a slider",
        f"kernels?k_kernel=Random&k_size_random=11+%C3%97+11&{COLOR}",
        slide("k_value_random"),
        SUM,
        TEXT,
        250,
    ),
    Move(
        "another kernel from the list",
        f"kernels?{COLOR}",
        choose("k_kernel", ("Sobel y", "Laplacian, 8 neighbors")),
        SUM,
        TEXT,
        250,
    ),
    Move(
        "invariance: four networks' bars by a slider",
        "invariance?i_tab=training",
        wander(("i_dx", "i_dy", "i_rotate", "i_scale", "i_shear"), 9),
        MINDS,
        BARS,
        200,
    ),
)


WORKERS_READY = 20  # seconds in which the processes that an app starts have loaded PyTorch, and take no core any more
BARE = Move("a bare page: a slider and its number", "", slide("bare"), ".st-key-number p", TEXT, 0)
BARE_PAGE = """import streamlit as st
value = st.slider("A number", 0, 9, key="bare")
with st.container(key="number"):
    st.write(f"It is {value}")
"""


def in_the_browser(browser: Browser, places: list[tuple[str, Move]], moves: int) -> list[list[float]]:
    """Milliseconds of each move, after three to warm up; the moves at several places take turns."""
    pages = []
    for url, move in places:
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(f"{url}/{move.path}")
        page.locator(move.selector).first.wait_for(state="attached", timeout=60_000)
        page.wait_for_timeout(3000)
        pages.append(page)
    spent: list[list[float]] = [[] for _ in places]
    for turn in range(moves + 3):
        for page, (_, move), times in zip(pages, places, spent, strict=True):
            page.bring_to_front()
            page.evaluate(WATCH, [move.selector, move.attribute])
            move.act(page, turn)
            page.wait_for_function("window.spent !== null", timeout=60_000, polling=50)
            times.append(float(page.evaluate("window.spent")))
            page.wait_for_timeout(250)
    for page in pages:
        page.close()
    return [times[3:] for times in spent]


def on_the_server(moves: int) -> Iterator[tuple[str, list[float], list[float]]]:
    """Milliseconds of the kernel page's fragment, after three to warm up: by the clock, and of processor time."""
    from core.ui.views.kernels import playground  # Streamlit's own settings are read when it is first imported

    show, spent, worked = playground.show, [], []

    def timed(settings: Any) -> None:
        began, idle = time.perf_counter(), time.process_time()
        show(settings)
        spent.append(1e3 * (time.perf_counter() - began))
        worked.append(1e3 * (time.process_time() - idle))

    playground.show = timed
    AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    time.sleep(WORKERS_READY)
    for name, kernel, color in (
        ("11 x 11 random kernel, each channel of 512 x 512", "random", "channels"),
        ("11 x 11 Gaussian blur, each channel of 512 x 512", "gaussian", "channels"),
        ("11 x 11 x 3 filter on 512 x 512 x 3", "random", "depth"),
    ):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run().switch_page("pages/kernels.py").run()
        app.selectbox("k_kernel").set_value(kernel).run()
        app.select_slider(f"k_size_{kernel}").set_value(11).run()
        app.button_group("k_colors").set_value(color).run()
        slider = app.slider(f"k_value_{kernel}")
        values = (slider.min, slider.min + slider.step)
        spent.clear()
        worked.clear()
        for turn in range(moves + 3):
            app.slider(f"k_value_{kernel}").set_value(values[turn % 2]).run()
            assert not app.exception, app.exception
        yield name, spent[3:], worked[3:]


def line(name: str, spent: list[float], beside: list[float], must: str) -> str:
    """A row of a table: median and 95th percentile, and the median of what stands beside it."""
    p95 = statistics.quantiles(spent, n=20)[-1]
    middle, other = statistics.median(spent), statistics.median(beside)
    return f"| {name} | {middle:.0f} | {p95:.0f} | {other:.0f} | {middle / other:.2f} | {must} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--moves", type=int, default=40, help="at most 42 for the invariance page")
    parser.add_argument("--only", default="", help="a part of the names of the moves to measure, without the scripts")
    arguments = parser.parse_args()
    chosen = [move for move in MOVES if arguments.only in move.name]
    print(f"{platform.processor() or platform.machine()}, {psutil.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    head = "| what | p50, ms | p95, ms | {}, p50, ms | ratio | must reach |\n| --- | --- | --- | --- | --- | --- |"
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        bare_page = Path(home) / "bare.py"
        bare_page.write_text(BARE_PAGE)
        process, url = serve(Path(home), ROOT.parent / "shared" / "data")
        bare, bare_url = serve(Path(home), ROOT.parent / "shared" / "data", bare_page)
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            print(f"\n{head.format('a bare page')}")
            for move in chosen:
                spent, beside = in_the_browser(browser, [(url, move), (bare_url, BARE)], arguments.moves)
                print(line(move.name, spent, beside, f"p95 {move.most:.0f}"), flush=True)
            browser.close()
        finally:
            for one in (process, bare):
                one.terminate()
                one.wait()
        if arguments.only:
            return
        os.environ["CNNLAB_HOME"] = str(Path(home) / "server")
        print(f"\n{head.format('processor time')}")
        for name, spent, worked in on_the_server(arguments.moves):
            print(line(name, spent, worked, "p50 60, p95 150"), flush=True)
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
