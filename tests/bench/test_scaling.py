"""The simulation of docs/scaling.md against known queues, and against the scheduler that it stands for."""

import math
import random
import statistics
from dataclasses import replace

import pytest

from core.runs import scheduler
from core.runs.scheduler import QueuedRun
from tests.bench.scaling import (
    Class,
    Turns,
    _Run,
    lessons,
    measured,
    simulate,
    store_seconds,
    turn_seconds,
    within_a_minute,
    workers_needed,
)


def erlang_c(workers: int, load: float) -> float:
    """The part of arrivals that wait in M/M/c (Erlang, 1917), for `load` workers' worth of work."""
    waits = load**workers / math.factorial(workers) * workers / (workers - load)
    return waits / (sum(load**n / math.factorial(n) for n in range(workers)) + waits)


@pytest.mark.parametrize(("workers", "load"), [(1, 0.5), (3, 2.4), (10, 8.0)])
def test_waits_are_those_of_a_known_queue(workers: int, load: float) -> None:
    """People who come at random, each once, for an exponential time: mean wait and part that waits, within a tenth."""

    def at_random(chance: random.Random, people: int) -> list[float]:
        now, found = 0.0, []
        for _ in range(people):
            now += chance.expovariate(load)
            found.append(now)
        return found

    lab = Class(50_000, workers, at_random, lambda chance: chance.expovariate(1.0), own=1.0)
    waits = simulate(lab, seed=1).waits
    part = erlang_c(workers, load)
    assert sum(wait > 0 for wait in waits) / len(waits) == pytest.approx(part, rel=0.1)
    assert statistics.mean(waits) == pytest.approx(part / (workers - load), rel=0.1)


def test_turns_are_the_schedulers() -> None:
    """Runs of one owner each that are all there at the start, on one worker that keeps them all."""
    chance, turns = random.Random(2), Turns()
    queued = [QueuedRun(str(n), (str(chance.randrange(7)),), float(n)) for n in range(60)]
    for run in queued:
        turns.add(_Run(int(run.owners[0]), run.since, 1.0, None, []))
    assert [turns.take().since for _ in queued] == [run.since for run in scheduler.order(queued)]


def test_shared_runs_are_trained_once() -> None:
    lab = Class(500, 2, within_a_minute, measured(), tries=3, grid=20, own=0.0)
    outcome = simulate(lab)
    assert outcome.trained == 20
    assert len(outcome.waits) == 1500
    assert simulate(replace(lab, ready=True)).trained == 0
    assert simulate(replace(lab, shared=False)).trained == 1500


def test_nobody_is_lost_where_the_queue_has_a_limit() -> None:
    outcome = simulate(Class(200, 1, within_a_minute, measured(), shared=False, limit=10))
    assert outcome.refused > 0
    assert outcome.trained == len(outcome.waits) == 200
    assert outcome.longest_queue == 10


def test_as_many_workers_as_are_needed_are_found() -> None:
    lab = Class(60, 1, within_a_minute, lambda _: 5.0, own=1.0)
    workers, outcome = workers_needed(lab)
    assert outcome.p95 <= 10 < lessons(replace(lab, workers=workers - 1), 0).p95
    assert 3 <= workers <= 6  # 60 runs of 5 s in 60 to 70 s


def test_the_store_and_turns_are_timed() -> None:
    submission, write = store_seconds(repeats=5)
    assert 0 < submission < 5
    assert 0 < write < 5
    assert turn_seconds(10) > 0
