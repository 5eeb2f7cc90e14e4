"""The wait that is told, against a queue that is simulated with times that nobody knew before."""

import heapq
import math
import random
from dataclasses import replace
from pathlib import Path
from statistics import mean, median
from typing import Any

from core.classroom import expected_wait
from core.layers import builders
from core.layers.specs import Network
from core.runs.run import FINISHED, QUEUED, RUNNING, Run
from core.runs.scheduler import QueuedRun, order
from core.training.experiment import Experiment

SLOTS = 4
BESIDE = 0.4  # seconds of a run without training
SECONDS: dict[Network, float] = {  # of training an image
    builders.mlp((32,)): 1e-5,
    builders.cnn(blocks=2, filters=16, kernel=3, dense=64): 2e-4,
    builders.cnn(blocks=3, filters=32, kernel=3, dense=64): 1.5e-3,
}


class Machine:
    """Runs whose true seconds scatter by 15 % about what their network and pictures take."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.true: dict[str, float] = {}

    def run(self, number: int, state: str, owner: str = "") -> Run:
        experiment = Experiment(
            layers=self.random.choice(list(SECONDS)),
            data="mnist-5k",
            train_images=self.random.choice([500, 1000, 4000]),
            epochs=self.random.randint(1, 12),
            seed=number,
        )
        images = experiment.train_images * experiment.epochs
        training = SECONDS[experiment.layers] * images * math.exp(self.random.gauss(0, 0.15))
        self.true[experiment.key] = training + BESIDE
        summary: dict[str, Any] = {"seconds": training, "whole_seconds": training + BESIDE, "images": images}
        return Run(
            id=experiment.key,
            experiment=experiment,
            device="auto",
            state=state,
            reason=None,
            place=None,
            owners=(owner,),
            summary=summary if state == FINISHED else {},
            attempts=1,
            created=0.0,
            started=0.0,
            finished=None,
            folder=Path(),
        )

    def begins(self, left: list[float], queued: list[Run]) -> dict[str, float]:
        """When each run begins, by events: a free worker takes the run whose turn it is by then."""
        waiting = {run.id: QueuedRun(run.id, run.owners, float(place)) for place, run in enumerate(queued)}
        ends = [(seconds, "") for seconds in left]
        heapq.heapify(ends)
        running: dict[str, int] = {}
        served: dict[str, float] = {}
        begun: dict[str, float] = {}
        while waiting:
            now, ended = heapq.heappop(ends)
            if ended:
                running[ended] -= 1
            (turn,) = order(list(waiting.values()), running, served, first=1)
            del waiting[turn.run]
            (owner,) = turn.owners
            running[owner] = running.get(owner, 0) + 1
            served[owner] = now + 1e-6 * len(begun)
            begun[turn.run] = now
            heapq.heappush(ends, (now + self.true[turn.run], owner))
        return begun


def test_the_wait_is_what_a_simulated_queue_takes() -> None:
    errors: list[float] = []
    told: list[float] = []
    came: list[float] = []
    for seed in range(20):
        machine = Machine(seed)
        service = expected_wait.measured([machine.run(number, FINISHED) for number in range(100)])
        assert service is not None
        training = [machine.run(200 + number, RUNNING) for number in range(SLOTS)]
        queued = [machine.run(300 + number, QUEUED, f"p{number % 15}") for number in range(60)]
        in_turn = order([QueuedRun(run.id, run.owners, float(place)) for place, run in enumerate(queued)])
        by_id = {run.id: run for run in queued}
        in_order = [by_id[turn.run] for turn in in_turn]
        waits = expected_wait.begins(training, in_order, service, SLOTS)
        begun = machine.begins([machine.true[run.id] for run in training], queued)
        for run, wait in zip(in_order, waits, strict=False):
            told.append(wait)
            came.append(begun[run.id])
            errors.append(abs(wait - begun[run.id]) / max(begun[run.id], 5.0))
        assert waits[-1] >= waits[-2]  # who submits now begins after all who wait
    assert 0.95 < mean(told) / mean(came) < 1.05
    assert median(errors) < 0.1
    assert sorted(errors)[int(0.95 * len(errors))] < 0.4


def test_a_network_that_was_trained_lately_takes_what_it_took() -> None:
    machine = Machine(0)
    service = expected_wait.measured([machine.run(number, FINISHED) for number in range(100)])
    assert service is not None
    for network, seconds in SECONDS.items():
        experiment = Experiment(layers=network, data="mnist-5k", train_images=1000, epochs=10)
        assert abs(service.of(experiment) / (seconds * 10_000 + BESIDE) - 1) < 0.15
    unknown = Experiment(layers=builders.mlp((7,)), data="mnist-5k", train_images=1000, epochs=10)
    assert service.of(unknown) == service.beside + service.an_image * 10_000


def test_a_run_that_goes_on_waits_with_what_is_left_of_it() -> None:
    finished = Machine(3).run(1, FINISHED)
    service = expected_wait.measured([finished])
    assert service is not None
    fresh = replace(finished, state=QUEUED, summary={})
    resumed = replace(fresh, summary={"step": 90, "steps": 100, "seconds_left": 0.25})
    ended = replace(fresh, experiment=replace(fresh.experiment, stop_step=40), summary={"step": 40, "steps": 100})
    assert expected_wait.begins([], [fresh, fresh], service, 1)[1] == service.of(fresh.experiment) > 0.4
    assert expected_wait.begins([], [resumed, ended, fresh], service, 1)[:3] == [0.0, 0.25, 0.25]
