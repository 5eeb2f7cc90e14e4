"""How a class's clicks wait for workers: a simulation of arrivals, shared runs, results that are there, and fair turns.

    python -m tests.bench.scaling [--people 300 3000 30000] [--tries 5] [--seed 0] [--faster 10]

Everybody clicks Train within a minute, looks, thinks, and clicks again. What a click asks for is a point of the slider
grid, some more popular than others (Zipf), or an experiment of one's own that nobody else asks for. A wait is from the
click until the run trains, or its result shows. The seconds of a run are those of docs/performance.md; those of the
store and of fair turns are measured here, at the start.
"""

import argparse
import heapq
import math
import random
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.layers.specs import Activation, Flatten, Linear
from core.runs import scheduler
from core.runs.database import Database
from core.runs.dispatcher import CANDIDATES
from core.runs.host_limits import MAX_QUEUED
from core.runs.recorder import FLUSH_SECONDS, Recorder
from core.runs.scheduler import QueuedRun
from core.runs.store import Store
from core.training.experiment import Experiment

AIM = 10.0  # seconds that 95 of 100 clicks wait at most
MOST_WORKERS = 100_000
MOST_TURNS = 1_000  # runs in a queue whose order is timed: beyond, it takes the square of it
LESSON = 600.0  # seconds in which refusals are counted
SMALL = 2  # workers of a machine without a GPU (core.runs.hardware)
# docs/performance.md, machine E2, bf16: whole seconds of the presets, each with its share of the clicks here.
WHOLE_SECONDS = {
    "mnist-mlp": (1.74, 0.4),
    "mnist-cnn": (1.76, 0.4),
    "mnist-cnn-995": (8.92, 0.1),
    "cifar-70": (1.85, 0.1),
}
SESSION_CORES = 0.0037  # of a browser that watches a training: 100 took 0.37 cores (docs/performance.md, sessions)
SESSION_BYTES = 2.0e6  # of a browser, in the web process (the same)
PROCESS_CORES = 0.6  # that a web process may be busy, of the one core that Python uses, before redraws come late
OVERHEAD = 0.47  # from the click to the first point of a warm worker (docs/performance.md, the run service)


@dataclass(frozen=True)
class Class:
    """People, what they ask for, and what trains it."""

    people: int
    workers: int
    arrivals: Callable[[random.Random, int], list[float]]  # when each person first clicks
    seconds: Callable[[random.Random], float]  # how long a worker has a run
    tries: int = 1  # clicks of a person
    think: float = 30.0  # mean seconds between an answer and the next click
    grid: int = 400  # points of the sliders
    zipf: float = 1.0  # the n-th most popular point is asked for in proportion to n to the power of minus this
    own: float = 0.2  # the part of clicks that ask for what nobody else does
    shared: bool = True  # equal runs are one, and finished ones are kept
    ready: bool = False  # the grid was trained before class
    limit: int | None = None  # runs that may wait in all
    until: float = math.inf  # when the lesson is over


@dataclass
class Outcome:
    """What happened."""

    waits: list[float] = field(default_factory=list)
    trained: int = 0
    refused: int = 0
    longest_queue: int = 0
    busy: float = 0.0  # worker seconds
    ended: float = 0.0

    @property
    def p95(self) -> float:
        """The wait that 95 of 100 clicks do not exceed."""
        return float(np.percentile(self.waits, 95))


@dataclass
class _Run:
    owner: int
    since: float
    seconds: float
    point: int | None
    asked: list[tuple[int, float]]  # who waits for it to train, since when
    trains: bool = False


class Turns:
    """The runs that wait, in the order of `core.runs.scheduler`, for runs with one owner each: quick for thousands."""

    def __init__(self) -> None:
        """Begin empty."""
        self._waiting: dict[int, deque[_Run]] = {}
        self._active: dict[int, int] = {}
        self._served: dict[int, float] = {}
        self._heap: list[tuple[int, float, float, int]] = []
        self._turn = 0
        self.size = 0

    def add(self, run: _Run) -> None:
        """Let a run wait."""
        self._waiting.setdefault(run.owner, deque()).append(run)
        self.size += 1
        self._offer(run.owner)

    def take(self) -> _Run:
        """Return the run whose turn it is: it trains now."""
        while True:
            *key, owner = heapq.heappop(self._heap)
            if self._waiting.get(owner) and tuple(key) == self._key(owner):
                break
        run = self._waiting[owner].popleft()
        self._turn += 1
        self._served[owner], self._active[owner] = float(self._turn), self._active.get(owner, 0) + 1
        self.size -= 1
        self._offer(owner)
        return run

    def end(self, run: _Run) -> None:
        """Note that a run trains no more."""
        self._active[run.owner] -= 1
        self._offer(run.owner)

    def _key(self, owner: int) -> tuple[int, float, float]:
        first = self._waiting[owner][0].since
        return self._active.get(owner, 0), self._served.get(owner, float("-inf")), first

    def _offer(self, owner: int) -> None:
        if self._waiting.get(owner):
            heapq.heappush(self._heap, (*self._key(owner), owner))


def simulate(lab: Class, seed: int = 0) -> Outcome:
    """Let the class click, and return how long each click waited."""
    chance, outcome, turns = random.Random(seed), Outcome(), Turns()
    weights = np.arange(1, lab.grid + 1, dtype=float) ** -lab.zipf
    popular = iter(_points(weights, seed))
    left = [lab.tries] * lab.people
    known: dict[int, _Run] = {}  # the grid's runs that wait or train
    done: set[int] = set(range(lab.grid)) if lab.ready else set()
    free, order = lab.workers, 0
    events: list[tuple[float, int, int, _Run | None]] = []

    def at(when: float, person: int, run: _Run | None = None) -> None:
        nonlocal order
        order += 1
        heapq.heappush(events, (when, order, person, run))

    def answered(now: float, person: int, since: float) -> None:
        """The person sees something, looks at it, and clicks again."""
        outcome.waits.append(now - since)
        left[person] -= 1
        if left[person]:
            at(now + chance.expovariate(1 / lab.think), person)

    def click(now: float, person: int) -> None:
        point = None if chance.random() < lab.own else next(popular)
        if not lab.shared:
            point = None
        if point in done:
            answered(now, person, now)
        elif point is not None and (run := known.get(point)):
            if run.trains:  # it is watched from here on
                answered(now, person, now)
            else:
                run.asked.append((person, now))
        elif lab.limit is not None and turns.size >= lab.limit:
            outcome.refused += 1
            at(now + chance.expovariate(1 / lab.think), person)
        else:
            run = _Run(person, now, lab.seconds(chance), point, [(person, now)])
            if point is not None:
                known[point] = run
            turns.add(run)

    for person, when in enumerate(lab.arrivals(chance, lab.people)):
        at(when, person)
    while events:
        now, _, person, over = heapq.heappop(events)
        if now > lab.until:
            break
        if over is None:
            click(now, person)
        else:
            free += 1
            turns.end(over)
            if over.point is not None:
                done.add(over.point)
                del known[over.point]
        while free and turns.size:
            run = turns.take()
            free -= 1
            run.trains = True
            outcome.trained += 1
            outcome.busy += run.seconds
            at(now + run.seconds, run.owner, run)
            for who, since in run.asked:
                answered(now, who, since)
        outcome.longest_queue = max(outcome.longest_queue, turns.size)
        outcome.ended = now
    return outcome


def _points(weights: np.ndarray, seed: int) -> Iterator[int]:
    chance = np.random.default_rng(seed)
    while True:
        yield from chance.choice(len(weights), 10_000, p=weights / weights.sum()).tolist()


def within_a_minute(chance: random.Random, people: int) -> list[float]:
    """ "Now you try": everybody's first click, some time in the next minute."""
    return [chance.uniform(0, 60) for _ in range(people)]


def measured(faster: float = 1.0) -> Callable[[random.Random], float]:
    """The presets' seconds, `faster` times faster, a fifth more or less."""
    seconds, shares = zip(*WHOLE_SECONDS.values(), strict=True)

    def draw(chance: random.Random) -> float:
        return OVERHEAD + chance.choices(seconds, shares)[0] * chance.uniform(0.8, 1.2) / faster

    return draw


def lessons(lab: Class, seed: int) -> Outcome:
    """Return several lessons' waits together, and the rest of the first: one of few people is much by chance."""
    first, *others = (simulate(lab, seed + n) for n in range(max(1, min(10, 6_000 // lab.people))))
    for other in others:
        first.waits += other.waits
    return first


def workers_needed(lab: Class, seed: int = 0) -> tuple[int, Outcome]:
    """Return the fewest workers with which 95 of 100 clicks wait at most AIM, to 5 %, and how it went with them."""
    low, high = 0, max(1, lab.people // 100)
    outcome = lessons(replace(lab, workers=high), seed)
    while outcome.p95 > AIM and high < MOST_WORKERS:
        low, high = high, 2 * high
        outcome = lessons(replace(lab, workers=high), seed)
    while high - low > max(1, high // 20):
        middle = (low + high) // 2
        tried = lessons(replace(lab, workers=middle), seed)
        if tried.p95 > AIM:
            low = middle
        else:
            high, outcome = middle, tried
    return high, outcome


def store_seconds(repeats: int = 200) -> tuple[float, float]:
    """Measure the store on this machine: the median seconds of a submission, and of a worker's writing of events."""
    layers = (Flatten(), Linear(16), Activation(), Linear(10))
    experiment = Experiment(layers=layers, data="mnist-5k", train_images=500, epochs=2, batch_size=50)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder))
        store = Store(database)
        submissions = [
            _clocked(lambda n=n: store.enqueue(replace(experiment, seed=n), f"p{n}", "cpu", 9, repeats + 1))
            for n in range(repeats)
        ]
        run = store.enqueue(experiment, "me", "cpu", 9, repeats + 1)
        assert store.claim([run], "claim") == run
        recorder = Recorder(database, run, "claim")
        writes = [_clocked(lambda: recorder.note("what a worker reports")) for _ in range(repeats)]
        database.close()
    return statistics.median(submissions), statistics.median(writes)


def turn_seconds(waiting: int) -> float:
    """Measure how long the dispatcher thinks about whose turn it is, with so many runs of as many people."""
    queued = [QueuedRun(f"r{n}", (f"p{n}",), float(n)) for n in range(waiting)]
    return statistics.median(_clocked(lambda: scheduler.order(queued, first=CANDIDATES)) for _ in range(5))


def _clocked(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


SHARED = "equal runs shared, results kept"
CASES: dict[str, dict[str, Any]] = {
    "everybody's own training": {"shared": False},
    SHARED: {},
    "the same, the grid trained before class": {"ready": True},
}


def main() -> None:
    """Print where the time goes, for classes of several sizes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, nargs="+", default=[300, 3_000, 30_000])
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faster", type=float, default=10.0, help="how much faster the other kind of worker is")
    options = parser.parse_args()
    head = ["people", "answers", "trained", "workers", f"workers {options.faster:g} x faster", "longest queue"]
    head += ["a click waits, p95", f"on {SMALL} workers, p95", f"refused there in {LESSON / 60:.0f} min"]
    print(f"| {' | '.join(head)} |\n{'| --- ' * len(head)}|")
    shared = []
    for people in options.people:
        for name, changes in CASES.items():
            lab = Class(people, SMALL, within_a_minute, measured(), options.tries, **changes)
            workers, outcome = workers_needed(lab, options.seed)
            faster, _ = workers_needed(replace(lab, seconds=measured(options.faster)), options.seed)
            small = lessons(lab, options.seed)
            full = simulate(replace(lab, limit=MAX_QUEUED, until=LESSON), options.seed)
            cells = [f"{people:,}", name, f"{outcome.trained:,}", f"{workers:,}", f"{faster:,}"]
            cells += [f"{outcome.longest_queue:,}", f"{outcome.p95:.1f} s", f"{small.p95:,.0f} s", f"{full.refused:,}"]
            print(f"| {' | '.join(cells)} |", flush=True)
            if name == SHARED:
                shared.append((people, workers, outcome))
    submission, write = store_seconds()
    took = f"a submission in {1e3 * submission:.2f} ms, a worker's events in {1e3 * write:.2f} ms"
    print(f"\nMeasured now: SQLite takes {took}. With as many workers as above:\n")
    print("| people | web processes | their sessions | writes/s | SQLite's writer | dispatcher |")
    print("| --- | --- | --- | --- | --- | --- |")
    for people, workers, outcome in shared:
        web = people * SESSION_CORES / PROCESS_CORES
        clicks, writes = people / 60, workers / FLUSH_SECONDS
        turns = outcome.trained / outcome.ended * turn_seconds(min(outcome.longest_queue, MOST_TURNS))
        print(
            f"| {people:,} | {math.ceil(web):,} | {people * SESSION_BYTES / 1e9:.1f} GB | {clicks + writes:,.0f} "
            f"| {clicks * submission + writes * write:.2f} | {turns:.2f} |"
        )


if __name__ == "__main__":
    main()
