"""What a class costs the store: 300 people submit 3 runs each at once, two dispatchers claim them, events are written.

    python tests/bench/store.py [--people 300]

Two web processes' stores with 16 threads in one process; 4 threads claim and end the runs at once, as workers that take
no time would. On SQLite, and on a PostgreSQL with fsync where its binaries are installed.
"""

import argparse
import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.layers.specs import Flatten, Linear
from core.runs import scheduler
from core.runs.change_listener import Notices
from core.runs.database import Database
from core.runs.recorder import Recorder
from core.runs.store import NAME_LETTERS, Store
from core.training.events import Progress
from core.training.experiment import Experiment
from tests.runs import postgres

PLACE = {"epoch": 0.1, "images": 1, "seconds": 1.0, "whole_seconds": 1.0, "seconds_left": 1.0}


def main() -> None:
    """Measure and print a table of each database."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=300)
    people = parser.parse_args().people
    print("| store | what | ms in the median | ms at p95 | a second |\n| --- | --- | --- | --- | --- |")
    for name, url in urls():
        with tempfile.TemporaryDirectory() as folder:
            measure(name, [Store(Database(Path(folder), url, machine)) for machine in ("alpha", "beta")], people)


def urls() -> Iterator[tuple[str, str | None]]:
    """The databases that there are."""
    yield "SQLite", None
    if postgres.binaries() is not None:
        with postgres.running(fsync=True) as cluster, cluster.database() as url:
            yield "PostgreSQL", url


def measure(name: str, stores: list[Store], people: int) -> None:
    """All of it on one database."""
    for store, letter in zip(stores, "ab", strict=True):
        store.add_dispatcher(letter * NAME_LETTERS)
    runs = [
        Experiment(
            layers=(Flatten(), Linear(10)), data="mnist-5k", train_images=500, epochs=1, batch_size=50, seed=seed
        )
        for seed in range(3 * people)
    ]

    def row(what: str, work: Callable[[int], Any], count: int, threads: int) -> None:
        took: list[float] = []

        def timed(at: int) -> None:
            began = time.perf_counter()
            work(at)
            took.append(1000 * (time.perf_counter() - began))

        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(timed, at) for at in range(count)]:
                done.result()
        rate = count / (time.perf_counter() - began)
        took.sort()
        print(f"| {name} | {what} | {took[len(took) // 2]:.1f} | {took[int(0.95 * len(took))]:.1f} | {rate:.0f} |")

    def claim(at: int) -> None:
        store, prefix = stores[at % 2], "ab"[at % 2] * NAME_LETTERS
        while True:
            turns = [turn.run for turn in scheduler.order(*store.queue(), first=20)]
            if run := store.claim(turns, f"{prefix}{at}"):
                return Recorder(store.database, run, f"{prefix}{at}").end("finished")

    def submit(at: int) -> None:
        stores[at % 2].enqueue(runs[at], f"p{at % people}", "auto", 20, 10_000)

    row("submit a new run, 16 at once", submit, len(runs), 16)
    row("submit a run that waits, 16 at once", submit, len(runs), 16)
    row("order the queue, claim and end a run, 4 at once", claim, len(runs) - 1, 4)
    store, last = stores[0], runs[0].key
    run = next((id for id, found in store.runs([one.key for one in runs]).items() if found.state == "queued"), last)
    store.claim([run], "a" * NAME_LETTERS)
    recorder = Recorder(store.database, run, "a" * NAME_LETTERS)

    def flush(at: int) -> None:
        recorder.add(Progress(**PLACE, step=at, loss=1.0, accuracy=0.5, learning_rate=1.0, images_per_second=1.0))
        recorder.flush()

    row("write an event of a run", flush, 300, 1)
    row("read a run and the end of its history", lambda at: (store.run(run), store.history(run, 290)), 300, 1)
    if store.database.shared:
        heard = threading.Event()
        with contextlib.closing(Notices(store.database, heard.set)) as notices:
            while not notices.listening:
                time.sleep(0.01)

            def hear(at: int) -> None:
                before = notices.version(run)
                recorder.flush()
                while notices.version(run) == before:
                    time.sleep(0.0005)

            row("write, and hear of it", hear, 100, 1)
    for store in stores:
        store.database.close()


if __name__ == "__main__":
    main()
