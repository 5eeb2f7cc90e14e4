"""Many browsers that watch one training, by Streamlit's own protocol: redraws, cut-offs, the run's speed, memory.

    python -m tests.bench.sessions [--sessions 300] [--seconds 600] [--after 600] [--replicas 1] [--page cifar]

Starts the app on a home of its own, trains the long run of a page, and lets sessions that open the link to it ask for
redraws as often as the page tells them to. A redraw is from the question until the server has sent its last message.
The load comes from this machine, too: what it takes of the processor is printed.
"""

import argparse
import asyncio
import os
import random
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from core.runs.database import Database
from core.runs.store import Store
from tests.bench.page import FLAGS, PAGES, ROOT, Subject, row, serve, spread

OPEN_SECONDS = 60.0  # for a session's first drawing
OPEN_MS = 120_000  # for Chromium, on a busy machine
ALONE_SECONDS = 20.0  # in which the run's speed is taken before anybody looks
ARRIVAL_SECONDS = 60.0  # in which all come
SETTLE_SECONDS = 5.0


@dataclass
class Crowd:
    """What the sessions met."""

    redraws: list[float] = field(default_factory=list)  # ms
    openings: list[float] = field(default_factory=list)  # ms, from the connection to a page that is drawn
    cut: list[str] = field(default_factory=list)  # why sessions ended before their time
    bytes: int = 0


class Session:
    """One browser: it opens a link, and asks for the fragments that the page wants redrawn, when it wants them."""

    def __init__(self, socket: ClientConnection, crowd: Crowd, page: str, query: str) -> None:
        self._socket, self._crowd, self._page, self._query = socket, crowd, page, query
        self._asked: dict[str, float] = {}  # fragments that were asked for and are not there yet
        self._timers: dict[str, asyncio.Task[None]] = {}

    async def live(self, until: float) -> None:
        """Open the page and watch until then."""
        try:
            await self._ask("")
            while (left := until - time.perf_counter()) > 0:
                try:
                    message = await asyncio.wait_for(self._socket.recv(), left)
                except TimeoutError:
                    return
                assert isinstance(message, bytes)
                self._crowd.bytes += len(message)
                self._hear(ForwardMsg.FromString(message))
        finally:
            for timer in self._timers.values():
                timer.cancel()

    def _hear(self, forward: ForwardMsg) -> None:
        match forward.WhichOneof("type"):
            case "new_session" if not forward.metadata.run.fragment_ids:
                self._stop(*self._timers)  # the whole page is drawn anew
            case "script_finished" if forward.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                if forward.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    self._crowd.cut.append("the page raised an error")
                for fragment in forward.metadata.run.fragment_ids or [""]:
                    if began := self._asked.pop(fragment, None):
                        times = self._crowd.redraws if fragment else self._crowd.openings
                        times.append(1e3 * (time.perf_counter() - began))
            case "auto_rerun":
                wanted = forward.auto_rerun
                self._stop(wanted.fragment_id)
                self._timers[wanted.fragment_id] = asyncio.create_task(self._tick(wanted.fragment_id, wanted.interval))
            case "stop_auto_rerun":
                self._stop(*forward.stop_auto_rerun.fragment_ids)

    def _stop(self, *fragments: str) -> None:
        for fragment in fragments:
            if timer := self._timers.pop(fragment, None):
                timer.cancel()
            self._asked.pop(fragment, None)

    async def _tick(self, fragment: str, interval: float) -> None:
        await asyncio.sleep(random.uniform(0, interval))
        while True:
            if fragment not in self._asked:
                await self._ask(fragment)
            await asyncio.sleep(interval)

    async def _ask(self, fragment: str) -> None:
        message = BackMsg()
        wanted = message.rerun_script
        wanted.query_string, wanted.fragment_id, wanted.is_auto_rerun = self._query, fragment, bool(fragment)
        if not fragment:
            wanted.page_name = self._page
        self._asked[fragment] = time.perf_counter()
        await self._socket.send(message.SerializeToString())


async def visit(crowd: Crowd, url: str, page: str, query: str, wait: float, until: float) -> None:
    """One person who comes after `wait` seconds, and does not come again when cut off."""
    await asyncio.sleep(wait)
    address = url.replace("http", "ws", 1)
    try:
        async with connect(f"{address}/_stcore/stream", max_size=None, open_timeout=OPEN_SECONDS, origin=url) as socket:  # type: ignore[arg-type]
            await Session(socket, crowd, page, query).live(until)
    except (WebSocketException, OSError, TimeoutError) as error:
        crowd.cut.append(f"{type(error).__name__}: {error}")


async def come(urls: list[str], link: str, sessions: int, seconds: float, watch: "Watch") -> Crowd:
    """Let all come within a minute, and stay until `seconds` after the last; the clock runs from then on."""
    parts, crowd = urlsplit(link), Crowd()
    arrival = min(ARRIVAL_SECONDS, sessions / 5)
    until = time.perf_counter() + arrival + SETTLE_SECONDS + seconds
    people = [
        asyncio.create_task(
            visit(crowd, urls[n % len(urls)], parts.path.strip("/"), parts.query, arrival * n / sessions, until)
        )
        for n in range(sessions)
    ]
    await asyncio.sleep(arrival + SETTLE_SECONDS)
    crowd.redraws.clear()
    watch.begin()
    while any(not person.done() for person in people):
        await asyncio.sleep(0.5)
        watch.look()
    watch.end()
    await asyncio.gather(*people)
    return crowd


class Watch:
    """The run's speed, and what the web processes and this one take."""

    def __init__(self, store: Store, runs: list[str], web: list[psutil.Process]) -> None:
        self._store, self._runs, self._web, self._me = store, runs, web, psutil.Process()
        self.most = 0.0
        self.speed = self.web = self.load = 0.0

    def begin(self) -> None:
        self._before, self._began = self._told(), time.monotonic()
        self._cpu = [_cpu(self._web), _cpu([self._me])]

    def look(self) -> None:
        self.most = max(self.most, *(memory(process) for process in self._web))

    def end(self) -> None:
        took, pairs = time.monotonic() - self._began, zip(self._before, self._told(), strict=True)
        self.speed = sum((late[0] - early[0]) / (late[1] - early[1]) for early, late in pairs if late[1] > early[1])
        self.web, self.load = (_cpu(self._web) - self._cpu[0]) / took, (_cpu([self._me]) - self._cpu[1]) / took

    def _told(self) -> list[tuple[float, float]]:
        summaries = [self._store.run(run).summary for run in self._runs]
        return [(float(told.get("images", 0)), float(told.get("whole_seconds", 0.0))) for told in summaries]


def memory(process: psutil.Process) -> float:
    """Resident MiB."""
    return float(process.memory_info().rss) / 2**20


def _cpu(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def start_run(url: str, subject: Subject) -> str:
    """Press Train in Chromium, once; the link to the runs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page()
        page.goto(f"{url}/{subject.path}?{subject.long}&{subject.seed}=99")
        page.get_by_role("button", name=subject.button, exact=True).click(timeout=OPEN_MS)
        page.wait_for_function(f"location.search.includes('{subject.runs}')", timeout=OPEN_MS)
        link = page.url
        browser.close()
    return link


def measure(options: argparse.Namespace, home: Path) -> None:
    """Start the app, let them come and go, and print the table."""
    apps = [serve(home, options.data) for _ in range(options.replicas)]
    urls, web = [url for _, url in apps], [psutil.Process(process.pid) for process, _ in apps]
    try:
        link = start_run(urls[0], PAGES[options.page])
        store = Store(Database(home))
        runs = [run.id for run in store.recent(2)]
        while not all(store.run(run).summary.get("images") for run in runs):
            time.sleep(0.5)
        time.sleep(SETTLE_SECONDS)
        before = max(memory(process) for process in web)
        alone = Watch(store, runs, web)
        alone.begin()
        time.sleep(min(ALONE_SECONDS, options.seconds))
        alone.end()
        watch = Watch(store, runs, web)
        crowd = asyncio.run(come(urls, link, options.sessions, options.seconds, watch))
        active = sum(run.active for run in store.runs(runs).values())
        for _ in range(max(1, round(options.after))):
            time.sleep(1)
        after = max(memory(process) for process in web)
        report(options, crowd, alone, watch, before, after)
        print(f"\n{active} of {len(runs)} runs trained until the end; {crowd.bytes / 1e6:,.0f} MB were sent.")
        for reason in sorted(set(crowd.cut))[:5]:
            print(f"cut off: {reason:.200}")
    finally:
        for process, _ in apps:
            process.terminate()
            process.wait()


def report(options: argparse.Namespace, crowd: Crowd, alone: Watch, watch: Watch, before: float, after: float) -> None:
    """Print what was found beside what must be reached."""
    sessions, ordered = options.sessions, sorted(crowd.redraws) or [float("nan")]
    late = ordered[int(0.95 * (len(ordered) - 1))]
    print(
        f"{sessions} sessions for {options.seconds:.0f} s, {options.replicas} web processes, {os.cpu_count()} cores\n"
    )
    print("| what | measured | must reach |\n| --- | --- | --- |")
    row(f"a page opened, p50 (p95) of {len(crowd.openings)}", spread(crowd.openings))
    row(f"a redraw, p50 of {len(crowd.redraws):,}", f"{statistics.median(ordered):.0f} ms", "300 ms")
    row("a redraw, p95", f"{late:.0f} ms", "1,000 ms")
    row("sessions that were cut off", str(len(crowd.cut)), "0")
    lost = 100 * (1 - watch.speed / alone.speed) if alone.speed else float("nan")
    row("the run's speed lost", f"{lost:.1f} % of {alone.speed:,.0f} images/s", "10 %")
    row("the largest web process, most", f"{watch.most:.0f} MiB", "1,000 MB")
    row(f"the same {options.after:.0f} s after they left", f"{after:.0f} MiB", f"120 % of {before:.0f} MiB")
    row(
        "processor: the web processes", f"{watch.web:.2f} cores, {1e3 * watch.web / sessions:.1f} thousandths a session"
    )
    row("processor: this load", f"{watch.load:.2f} cores")


def main() -> None:
    """Read the command line, and measure in a temporary home."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--after", type=float, default=600.0)
    parser.add_argument("--page", choices=PAGES, default="mnist", help="cifar trains longer: ten minutes and more")
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options: Any = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        measure(options, Path(home))


if __name__ == "__main__":
    main()
