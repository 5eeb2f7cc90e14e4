"""How soon a click on Train shows its first point, and what watching costs.

    python tests/bench/service.py [--repeats 7] [--data ../shared/data]

"Cold" is a service that starts with the click: a worker has to import torch. "First" is the first run of warm workers,
with and without the page's word beforehand that it may come; "warm" every later one. The first point is when the feed
that the pages read has a training point.
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import data
from core.runs.history_cache import HistoryCache
from core.runs.service import RunService
from core.training.experiment import Experiment
from core.training.presets import PRESETS

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = 30


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    arguments = parser.parse_args()
    os.environ["CNNLAB_DATA"] = str(arguments.data.resolve())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CNNLAB_HOME"] = folder
        measure(Path(folder), arguments.repeats)


def measure(home: Path, repeats: int) -> None:
    """All of it, in a home of its own."""
    identity = data.prepare("mnist").name
    mlp, cnn = (replace(PRESETS[name].experiment, data=identity) for name in ("mnist-mlp", "mnist-cnn"))
    seeds = iter(range(1000, 2000))

    def first_points(service: RunService, *experiments: Experiment) -> float:
        """Seconds from the click until all of `experiments` have a point; they are cancelled then."""
        feed = HistoryCache(service, min_age=0.0)
        clicked = time.perf_counter()
        runs = [service.submit(replace(experiment, seed=next(seeds)), "me") for experiment in experiments]
        while not all(len(frames.progress) for frames in feed.frames(runs).values()):
            time.sleep(0.005)
        seconds = time.perf_counter() - clicked
        for run in runs:
            service.cancel(run, "me")
        while any(run.active for run in service.get_many(runs).values()):
            time.sleep(0.005)
        return seconds

    def cold() -> float:
        began = time.perf_counter()
        service = RunService(home)
        starting = time.perf_counter() - began
        seconds = first_points(service, mlp)
        service.stop()
        return starting + seconds

    def row(name: str, seconds: list[float], promise: float) -> None:
        print(f"| {name} | {statistics.median(seconds):.2f} | {min(seconds):.2f} to {max(seconds):.2f} | {promise:g} |")

    print(f"Click to first point on {identity}, in seconds, {repeats} times each\n")
    print("| what | median | range | must be under |")
    print("| --- | --- | --- | --- |")
    row("cold: MLP", [cold() for _ in range(min(repeats, 5))], 8.0)
    service = warm_service(home)
    row("first: MLP and CNN together, unexpected", [first_points(service, mlp, cnn)], 1.0)
    service.stop()
    service = warm_service(home, expected=[mlp, cnn])
    row("first: MLP and CNN together", [first_points(service, mlp, cnn)], 1.0)
    row("warm: MLP", [first_points(service, mlp) for _ in range(repeats)], 1.0)
    row("warm: CNN", [first_points(service, cnn) for _ in range(repeats)], 1.0)
    row("warm: MLP and CNN together", [first_points(service, mlp, cnn) for _ in range(repeats)], 1.0)

    run = service.submit(replace(cnn, epochs=50), "me")
    watch(HistoryCache(service), run)
    stopped = time.perf_counter()
    service.cancel(run, "me")
    while service.get(run).active:
        time.sleep(0.005)
    print(f"\nA run stops {time.perf_counter() - stopped:.2f} s after the click.")
    service.stop()


def warm_service(home: Path, expected: Sequence[Experiment] = ()) -> RunService:
    """A service whose workers are warm, and have warmed up for `expected`."""
    service = RunService(home)
    service.warm_up(*expected)
    while not all(slot.ready for slot in service._dispatcher.pool.slots) or len(service._dispatcher.pool.slots) < 2:
        time.sleep(0.1)
    time.sleep(4 if expected else 0)
    return service


def watch(feed: HistoryCache, run: str) -> None:
    """Thirty browsers that look at one run twice a second, as threads: what a look costs them."""
    looks: list[float] = []
    until = time.monotonic() + 8

    def browser() -> None:
        while time.monotonic() < until:
            began = time.perf_counter()
            feed.frames([run])
            looks.append(time.perf_counter() - began)
            time.sleep(0.5)

    browsers = [threading.Thread(target=browser) for _ in range(BROWSERS)]
    for thread in browsers:
        thread.start()
    for thread in browsers:
        thread.join()
    milliseconds = sorted(1000 * look for look in looks)
    memory = psutil.Process().memory_info().rss / 1e6
    late = milliseconds[int(0.95 * len(milliseconds))]
    print(
        f"\n{BROWSERS} browsers watching one run: a look takes {statistics.median(milliseconds):.2f} ms in the median, "
        f"{late:.1f} ms at the 95th percentile; this process has {memory:.0f} MB."
    )


if __name__ == "__main__":
    main()
