"""Many browsers that watch one training, by Streamlit's own protocol: redraws, cut-offs, the run's speed, memory.

    python -m tests.bench.sessions [--sessions 300] [--seconds 600] [--after 600] [--page cifar] [--lesson]

Starts the app on a home of its own, trains the long run of a page, and lets sessions that open the link to it ask for
redraws as often as the page tells them to, with the words of a Chromium that did so. A redraw is from the question
until the last thing on the page that follows from it is drawn. With --lesson they sit in a lesson of the class
instead; every ten seconds the instructor announces something, or reveals a step or takes it back, which is timed until
each of them has it.
The load comes from this machine, too, where browsers are elsewhere: what it takes of the processor is printed, and how
much of the speed that the run loses is the app's, by processor time.
"""

import argparse
import asyncio
import contextlib
import os
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

from core.classroom.classroom import Classroom
from core.runs.database import Database
from core.runs.person import Person
from core.runs.store import Store
from core.ui.state import lesson_state
from tests.bench.page import FLAGS, PAGES, ROOT, Subject, row, serve, spread

OPEN_SECONDS = 60.0  # for a session's first drawing
OPEN_MS = 120_000  # for Chromium, on a busy machine
ALONE_SECONDS = 20.0  # in which the run's speed is taken before anybody looks
ARRIVAL_SECONDS = 60.0  # in which all come
SETTLE_SECONDS = 5.0
CHROMIUM_SECONDS = 15.0  # in which a page is open that redraws itself every four
LESSON = "kernels"  # the file of the lesson that --lesson opens, and its page
TELL_SECONDS = 10.0  # between two things that the instructor does
# What the button to the second step says while that is not revealed, and then.
STEP_WORDS = {1: b"Your instructor has not opened the next step yet", 2: b"The next step of the lesson"}
LONGER = {  # links to runs that train until the last has left
    "cifar": "ci_view=Learning+curves&ci_images=45%2C000&ci_length=Time+budget&ci_budget=30%E2%80%AFmin+0%E2%80%AFs"
}
INSTRUCTOR = Person("bench", "bench", "instructor", "browser")


@dataclass
class Crowd:
    """What the sessions met."""

    redraws: list[float] = field(default_factory=list)  # ms
    openings: list[float] = field(default_factory=list)  # ms, from the connection to a page that is drawn
    cut: list[str] = field(default_factory=list)  # why sessions ended before their time
    received: int = 0  # bytes
    intervals: list[float] = field(default_factory=list)  # s, between two redraws of one fragment
    told: bytes = b""  # by what a session knows the last thing that the instructor did
    told_at: float = 0.0
    kind: str = ""  # of it
    revealed: int = 1  # steps of the lesson
    heard: dict[str, list[float]] = field(default_factory=dict)  # ms by kind, from then until a session has it


class Session:
    """One browser: it opens a link, and asks for the fragments that the page wants redrawn, when it wants them."""

    def __init__(self, socket: ClientConnection, crowd: Crowd, page: str, query: str, words: BackMsg) -> None:
        self._socket, self._crowd, self._page, self._query, self._words = socket, crowd, page, query, words
        self._asked: dict[str, float] = {}  # fragments that were asked for and are not there yet, and since when
        self._began = self._ended = 0.0  # when a fragment was asked for last, and when the last one was drawn
        self._timers: dict[str, tuple[float, asyncio.Task[None]]] = {}
        self._heard = b""

    async def live(self, until: float) -> None:
        """Open the page and watch until then."""
        try:
            await self._ask("")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(until - time.perf_counter()):
                    while True:
                        message = await self._socket.recv(decode=False)
                        self._crowd.received += len(message)
                        if self._crowd.told != self._heard and self._crowd.told in message:
                            self._heard = self._crowd.told
                            waited = 1e3 * (time.perf_counter() - self._crowd.told_at)
                            self._crowd.heard.setdefault(self._crowd.kind, []).append(waited)
                        self._hear(ForwardMsg.FromString(message))
        finally:
            self._stop(*list(self._timers))

    def _hear(self, forward: ForwardMsg) -> None:
        match forward.WhichOneof("type"):
            case "new_session" if not forward.metadata.run.fragment_ids:
                self._stop(*list(self._timers))  # the whole page is drawn anew
            case "script_finished":
                if forward.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    self._crowd.cut.append("the page raised an error")
                self._ended = time.perf_counter()
                for fragment in forward.metadata.run.fragment_ids:
                    self._asked.pop(fragment, None)
                if "" in self._asked and forward.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self._crowd.openings.append(1e3 * (self._ended - self._asked.pop("")))
            case "auto_rerun":
                wanted = forward.auto_rerun
                if self._timers.get(wanted.fragment_id, (0.0,))[0] == wanted.interval:
                    return
                if before := self._timers.pop(wanted.fragment_id, None):
                    before[1].cancel()
                timer = asyncio.create_task(self._tick(wanted.fragment_id, wanted.interval))
                self._timers[wanted.fragment_id] = wanted.interval, timer
            case "stop_auto_rerun":
                self._stop(*forward.stop_auto_rerun.fragment_ids)

    def _stop(self, *fragments: str) -> None:
        for fragment in fragments:
            if timer := self._timers.pop(fragment, None):
                timer[1].cancel()
            self._asked.pop(fragment, None)

    async def _tick(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            if fragment not in self._asked:
                await self._ask(fragment)

    async def _ask(self, fragment: str) -> None:
        message = BackMsg()
        wanted = message.rerun_script
        if fragment:
            message.CopyFrom(self._words)
        else:
            wanted.page_name = self._page
        wanted.query_string, wanted.fragment_id, wanted.is_auto_rerun = self._query, fragment, bool(fragment)
        now = self._asked[fragment] = time.perf_counter()
        if fragment:
            if self._began and self._ended > self._began:
                self._crowd.redraws.append(1e3 * (self._ended - self._began))
                self._crowd.intervals.append(now - self._began)
            self._began = now
        await self._socket.send(message.SerializeToString())


async def visit(crowd: Crowd, url: str, page: str, query: str, words: BackMsg, wait: float, until: float) -> None:
    """One person who comes after `wait` seconds, and does not come again when cut off."""
    await asyncio.sleep(wait)
    address = url.replace("http", "ws", 1)
    try:
        async with connect(f"{address}/_stcore/stream", max_size=None, open_timeout=OPEN_SECONDS, origin=url) as socket:  # type: ignore[arg-type]
            await Session(socket, crowd, page, query, words).live(until)
    except (WebSocketException, OSError, TimeoutError) as error:
        crowd.cut.append(f"{type(error).__name__}: {error}")


async def come(urls: list[str], link: str, words: BackMsg, options: Any, watch: "Watch") -> Crowd:
    """Let all come within a minute, and stay until some time after the last; the clock runs from then on."""
    parts, crowd, sessions = urlsplit(link), Crowd(), options.sessions
    arrival = min(ARRIVAL_SECONDS, sessions / 5)
    until = time.perf_counter() + arrival + SETTLE_SECONDS + options.seconds
    people = [
        asyncio.create_task(
            visit(crowd, urls[n % len(urls)], parts.path.strip("/"), parts.query, words, arrival * n / sessions, until)
        )
        for n in range(sessions)
    ]
    await asyncio.sleep(arrival + SETTLE_SECONDS)
    crowd.redraws.clear()
    crowd.intervals.clear()
    watch.begin()
    while any(not person.done() for person in people):
        await asyncio.sleep(0.5)
        watch.look()
        now = time.perf_counter()
        if options.lesson and now - crowd.told_at > TELL_SECONDS and until - now > TELL_SECONDS:
            await asyncio.to_thread(tell, watch.classroom, crowd)
    watch.end()
    await asyncio.gather(*people)
    return crowd


def tell(classroom: Classroom, crowd: Crowd) -> None:
    """Announce something, or reveal the second step, or take it back, in turn."""
    crowd.told_at = now = time.perf_counter()
    if crowd.kind == "an announcement":
        revealed = 1 if crowd.revealed == 2 else 2
        crowd.kind, crowd.revealed, crowd.told = "a revealed step", revealed, STEP_WORDS[revealed]
        classroom.reveal(INSTRUCTOR, lesson_state.all_lessons()[0][LESSON], revealed)
    else:
        crowd.kind, crowd.told = "an announcement", f"Announcement at {now:.3f} s".encode()
        classroom.announce(INSTRUCTOR, crowd.told.decode())


class Watch:
    """The run's speed, and what the web processes and this one take."""

    def __init__(self, database: Database, runs: list[str], web: list[psutil.Process]) -> None:
        self._store, self._runs, self._web, self._me = Store(database), runs, web, psutil.Process()
        self.classroom = Classroom(database)
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
        page.goto(f"{url}/{subject.path}?{LONGER.get(subject.path, subject.long)}&{subject.seed}=99")
        page.get_by_role("button", name=subject.button, exact=True).click(timeout=OPEN_MS)
        page.wait_for_function(f"location.search.includes('{subject.runs}')", timeout=OPEN_MS)
        link = page.url
        browser.close()
    return link


def words_of_chromium(link: str) -> BackMsg:
    """Return how a real browser asks for a fragment of a page: with the values of its controls and what it knows."""
    sent: list[bytes] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page()
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(bytes(frame))))
        page.goto(link)
        page.wait_for_timeout(1e3 * CHROMIUM_SECONDS)
        browser.close()
    asked = [message for frame in sent if (message := BackMsg.FromString(frame)).rerun_script.fragment_id]
    if not asked:
        raise SystemExit(f"no fragment of {link} redraws itself")
    asked[-1].rerun_script.ClearField("cached_message_hashes")  # the sessions keep nothing
    return asked[-1]


def measure(options: argparse.Namespace, home: Path) -> None:
    """Start the app, let them come and go, and print the table."""
    apps = [serve(home, options.data) for _ in range(options.replicas)]
    urls, web = [url for _, url in apps], [psutil.Process(process.pid) for process, _ in apps]
    try:
        link = start_run(urls[0], PAGES[options.page])
        database = Database(home)
        store = Store(database)
        runs = [run.id for run in store.recent(2)]
        while not all(store.run(run).summary.get("images") for run in runs):
            time.sleep(0.5)
        if options.lesson:
            Classroom(database).teach(INSTRUCTOR, LESSON)
            link = f"{urls[0]}/{LESSON}?lesson={LESSON}"
        words = words_of_chromium(link)
        time.sleep(SETTLE_SECONDS)
        before = max(memory(process) for process in web)
        alone = Watch(database, runs, web)
        alone.begin()
        time.sleep(min(ALONE_SECONDS, options.seconds))
        alone.end()
        watch = Watch(database, runs, web)
        crowd = asyncio.run(come(urls, link, words, options, watch))
        active = sum(run.active for run in store.runs(runs).values())
        for _ in range(max(1, round(options.after))):
            time.sleep(1)
        after = max(memory(process) for process in web)
        report(options, crowd, alone, watch, before, after)
        print(f"\n{active} of {len(runs)} runs trained until the end; {crowd.received / 1e6:,.0f} MB were sent.")
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
    if crowd.intervals:
        row("from one redraw of a session to its next, p50", f"{statistics.median(crowd.intervals):.1f} s")
    for kind, heard in crowd.heard.items():
        row(f"{kind} is there, p50 (p95) of {len(heard)}", spread(heard), "1 (2) s")
    lost = 100 * (1 - watch.speed / alone.speed) if alone.speed else float("nan")
    share = watch.web / (watch.web + watch.load)
    row("the run's speed lost", f"{lost:.1f} % of {alone.speed:,.0f} images/s")
    row("the web processes' part of it, by processor time", f"{share * lost:.1f} %", "10 %")
    row("the largest web process, most", f"{watch.most:.0f} MiB", "1,000 MB")
    row(f"the same {options.after:.0f} s after they left", f"{after:.0f} MiB", f"120 % of {before:.0f} MiB")
    row("processor: the web processes before", f"{alone.web:.2f} cores")
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
    parser.add_argument("--lesson", action="store_true", help="they sit in a lesson while the page's run trains")
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options: Any = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        measure(options, Path(home))


if __name__ == "__main__":
    main()
