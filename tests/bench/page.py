"""What a training page costs: click to first point, a chart's redraw, being watched, and on the MNIST page more.

    python tests/bench/page.py [--page mnist|cifar] [--quick] [--watchers 30] [--data ../shared/data]

Starts the app on a home of its own, drives it with Chromium, and prints a table for docs/performance.md. --quick takes
fewer and shorter looks, to see that it works.
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.runs.database import Database
from core.runs.store import Store

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
# A dot as measured (the charts' second layer), on either chart: accuracy's axis may begin above the first. The layer
# before it holds an invisible mark at the planned end, which is there before anything has trained.
FIRST_POINT = "() => document.querySelectorAll('.stVegaLiteChart .layer_1_marks path').length > 0"
# A redraw begins as the browser asks for it, twice a second or less often, and ends with the frame after the last
# change that the answer makes to a chart: the script's run in the web process is in it.
REDRAWS = """
window.redraws = [];
let tick = null;
const Native = window.WebSocket;
window.WebSocket = class extends Native {
  send(message) {
    window.redraws.push(tick = { began: performance.now(), ended: null });
    super.send(message);
  }
};
const drawn = node => (node.nodeType === 1 ? node : node.parentElement)?.closest('.stVegaLiteChart svg');
const changed = records => {
  if (!tick || !records.some(record => drawn(record.target))) return;
  const mine = tick;
  requestAnimationFrame(() => setTimeout(() => { mine.ended = performance.now(); }));
};
addEventListener('DOMContentLoaded', () => new MutationObserver(changed).observe(
  document, { subtree: true, childList: true, attributes: true, attributeFilter: ['d', 'transform', 'x2', 'y2'] }));
"""

REST = 3.0  # seconds after a run, for workers that get ready


@dataclass(frozen=True, slots=True)
class Subject:
    """A page that trains, and the links that set it up."""

    path: str
    button: str
    seed: str  # the names of two parameters of its URL: the seed, and the runs that it shows
    runs: str
    short: str  # a link to a run of seconds, its values written as the page writes them: %2C is a comma
    long: str  # and to one of minutes
    cold: str  # must reach: from click to first point of an app just started, which also reads the data the first time
    first: float  # seconds from click to first point of a warm one


PAGES = {
    "mnist": Subject(
        "mnist", "Train both", "m_seed", "m_runs", "m_epochs=2", "m_epochs=20&m_images=60%2C000&m_batch=16", "8 s", 1.0
    ),
    "cifar": Subject(
        "cifar",
        "Train",
        "ci_seed",
        "ci_runs",
        "ci_view=Learning+curves&ci_images=5%2C000",
        "ci_view=Learning+curves&ci_images=45%2C000&ci_epochs=100",
        "",
        2.0,
    ),
}


def serve(home: Path, data: Path, script: Path = ROOT / "app.py") -> tuple[subprocess.Popen[bytes], str]:
    """The app, or another script, on a free port, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.headless=true"]
    environment = os.environ | {"CNNLAB_HOME": str(home), "CNNLAB_DATA": str(data.resolve())}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
            return process, url
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the app did not answer within 60 s")


def started(browser: Browser | BrowserContext, url: str, subject: Subject, link: str) -> tuple[Page, float]:
    """Press Train on a run nobody has made; the seconds until a chart shows a point."""
    page = browser.new_page()
    page.goto(f"{url}/{subject.path}?{link}")
    button = page.get_by_role("button", name=subject.button, exact=True)
    button.wait_for(timeout=60_000)
    page.wait_for_timeout(1500)
    assert not page.evaluate(FIRST_POINT)
    began = time.perf_counter()
    button.click()
    page.wait_for_function(FIRST_POINT, timeout=60_000, polling=20)
    return page, time.perf_counter() - began


def first_points(browser: Browser, url: str, subject: Subject, times: int) -> tuple[float, list[float]]:
    """Seconds from click to first point: of an app just started, and of a warm one."""
    found = []
    for seed in range(times + 1):
        page, seconds = started(browser, url, subject, f"{subject.short}&{subject.seed}={seed}")
        found.append(seconds)
        page.get_by_role("button", name="Another seed").wait_for(timeout=120_000)  # it is over
        page.close()
        time.sleep(REST)
    return found[0], found[1:]


@dataclass(slots=True)
class Watched:
    """What it takes to watch a long run."""

    redraws: list[float]  # ms each
    speeds: list[float]  # images/s of training while one browser watches
    alone: list[float]  # images/s while nobody does
    web: list[float]  # processor time of the web process while one browser watches, in percent of a core
    browser: list[float]  # and of that browser

    @property
    def lost(self) -> float:
        """Percent of the training's speed."""
        return 100 * (1 - statistics.mean(self.speeds) / statistics.mean(self.alone))


def watching(
    browser: Browser, web: psutil.Process, home: Path, url: str, subject: Subject, rounds: int, seconds: float
) -> Watched:
    """A long run, watched by one browser for some seconds and then by nobody, in turns."""
    context = browser.new_context()  # one person, whose run it is
    page, _ = started(context, url, subject, f"{subject.long}&{subject.seed}=99")
    page.wait_for_function(f"location.search.includes('{subject.runs}')")
    link, runs = page.url, re.findall(r"[0-9a-f]{16}", re.findall(rf"{subject.runs}=([0-9a-f.]+)", page.url)[0])
    page.close()
    store = Store(Database(home))

    def speed(wait: float) -> float:
        """Images a second of training over the next seconds, over all runs."""
        before = [_told(store, run) for run in runs]
        time.sleep(wait)
        after = [_told(store, run) for run in runs]
        return sum(
            (late[0] - early[0]) / (late[1] - early[1])
            for early, late in zip(before, after, strict=True)
            if late[1] > early[1]
        )

    found = Watched([], [], [], [], [])
    for _ in range(rounds):
        page = context.new_page()
        page.add_init_script(REDRAWS)
        page.goto(link)
        page.wait_for_function(FIRST_POINT, timeout=60_000)
        page.wait_for_timeout(3000)
        page.evaluate("window.redraws.length = 0")
        before, began = [_cpu(which) for which in ([web], _chromium())], time.monotonic()
        found.speeds.append(speed(seconds))
        for spent, which, early in zip((found.web, found.browser), ([web], _chromium()), before, strict=True):
            spent.append(100 * (_cpu(which) - early) / (time.monotonic() - began))
        found.redraws += page.evaluate("window.redraws.filter(one => one.ended).map(one => one.ended - one.began)")
        page.close()
        time.sleep(2)
        found.alone.append(speed(seconds))
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name=re.compile("^(Stop|Pause)$")).first.click(timeout=60_000)
    page.wait_for_timeout(1000)
    context.close()
    return found


def _chromium() -> list[psutil.Process]:
    """Every process of the browser."""
    return [one for one in psutil.Process().children(recursive=True) if "chrom" in one.name()]


def _cpu(processes: list[psutil.Process]) -> float:
    """Seconds of processor time so far."""
    return sum(sum(one.cpu_times()[:2]) for one in processes)


def _told(store: Store, run: str) -> tuple[float, float]:
    """Images and seconds of training that a run told last."""
    summary = store.run(run).summary
    return float(summary.get("images", 0)), float(summary.get("seconds", 0.0))


def slider_redraws(browser: Browser, url: str, moves: int = 20) -> list[float]:
    """Seconds from a key on the MNIST page's filter slider to the new parameter count on the CNN's card."""
    page = browser.new_page()
    page.goto(f"{url}/mnist")
    slider = page.locator(".st-key-m_cnn_filters :is([role=slider], input[type=range])")
    slider.wait_for()
    page.wait_for_timeout(2000)
    head = page.locator(".st-key-card_m_cnn .card-head")
    seconds = []
    for move in range(moves):
        before = head.inner_text()
        began = time.perf_counter()
        slider.press("ArrowRight" if move % 2 == 0 else "ArrowLeft")
        page.wait_for_function(
            "before => document.querySelector('.st-key-card_m_cnn .card-head').innerText !== before",
            arg=before,
            polling=5,
        )
        seconds.append(time.perf_counter() - began)
        page.wait_for_timeout(300)
    page.close()
    return seconds


def crowd(browser: Browser, process: psutil.Process, url: str, watchers: int) -> tuple[float, float]:
    """Resident MiB of the web process before, and the most while `watchers` browsers watch two runs train."""
    alone = most = process.memory_info().rss / 2**20
    if not watchers:
        return alone, most
    pages = [browser.new_context(viewport={"width": 800, "height": 600}).new_page() for _ in range(watchers)]
    for page in pages:
        page.goto(f"{url}/mnist?m_seed=77&m_epochs=12&m_images=60%2C000")
    pages[0].get_by_role("button", name="Train both").click(timeout=120_000)
    for _ in range(120):
        time.sleep(0.5)
        most = max(most, process.memory_info().rss / 2**20)
    for page in pages:
        page.context.close()
    return alone, most


def row(what: str, measured: str, must: str = "") -> None:
    """A line of the table."""
    print(f"| {what} | {measured} | {must} |", flush=True)


def spread(milliseconds: list[float]) -> str:
    """p50 (p95) of some times."""
    ordered = sorted(milliseconds)
    return f"{statistics.median(ordered):.0f} ({ordered[int(0.95 * (len(ordered) - 1))]:.0f}) ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--page", choices=PAGES, default="mnist")
    parser.add_argument("--watchers", type=int, default=30, help="browsers that watch at once, MNIST page only")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    subject = PAGES[arguments.page]
    times, rounds, seconds = (2, 2, 8.0) if arguments.quick else (5, 5, 15.0)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        process, url = serve(Path(home), arguments.data)
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            print(f"The {arguments.page} page, load {os.getloadavg()[0]:.1f}\n")
            print("| what | measured | must reach |\n| --- | --- | --- |")
            cold, warm = first_points(browser, url, subject, times)
            row("click to first point, the app just started", f"{cold:.2f} s", subject.cold)
            median = statistics.median(warm)
            row(f"click to first point, warm, median of {times}", f"{median:.2f} s", f"{subject.first:.1f} s")
            told = watching(browser, psutil.Process(process.pid), Path(home), url, subject, rounds, seconds)
            row(f"the charts redrawn, p50 (p95) of {len(told.redraws)}", spread(told.redraws), "150 ms")
            row(
                f"training speed lost to one browser that watches on the same machine, {rounds} x {seconds:.0f} s",
                f"{told.lost:.1f} % of {statistics.mean(told.alone):,.0f} images/s "
                f"({min(told.alone):,.0f} to {max(told.alone):,.0f})",
                "3 %",
            )
            row("a core's time for it: the web process", f"{statistics.mean(told.web):.1f} %")
            row("a core's time for it: the browser", f"{statistics.mean(told.browser):.1f} %")
            if arguments.page == "mnist":
                moves = [1e3 * took for took in slider_redraws(browser, url)]
                row("slider to redrawn card, p50 (p95)", spread(moves), "200 ms")
                before, most = crowd(browser, psutil.Process(process.pid), url, arguments.watchers)
                row("web process, nobody there", f"{before:.0f} MiB")
                row(f"web process, {arguments.watchers} browsers watching two runs, most", f"{most:.0f} MiB", "300 MiB")
            browser.close()
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
