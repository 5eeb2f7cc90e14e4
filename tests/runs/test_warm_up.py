"""A warm-up delays no run, ends none, and is never what a link alone brought."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.layers.cifar_networks import RESNET_18
from core.layers.specs import Conv, Flatten, GlobalPool, Linear
from core.runs import engines, worker, worker_pool
from core.runs.child_process import Inbox
from core.runs.service import RunService
from core.runs.worker import warm_up
from core.training.experiment import Experiment, ExperimentError

HUGE = (Conv(640, 3, padding=1), *(Conv(640, 3, padding=1) for _ in range(4)), GlobalPool(), Flatten(), Linear(10))


def enlarged(lab: Any, filters: int, side: int) -> Experiment:
    """A network that is small on its data's pictures, and is to see them larger first."""
    layers = (Conv(filters, 3), GlobalPool(), Flatten(), Linear(10))
    experiment: Experiment = lab.tiny(layers=layers, low_res_fraction=0.5, small_size=side)
    return experiment


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[RunService]:
    service = RunService(tmp_path, slots=0)
    yield service
    service.stop()


def test_only_what_is_cheap_is_warmed_up(idle: RunService, lab: Any) -> None:
    cifar = {"data": "cifar10-standin", "batch_size": 250}
    idle.warm_up(
        lab.tiny(layers=HUGE),
        lab.tiny(layers=RESNET_18, **cifar),
        lab.tiny(data="no-such-data"),
        enlarged(lab, 12, 500),
        lab.tiny(),
    )
    (kept,) = map(Experiment.from_json, idle._dispatcher.pool.warm_up_queue)
    assert kept.layers == lab.tiny().layers


def test_what_differs_in_what_changes_no_step_is_warmed_up_once(idle: RunService, lab: Any) -> None:
    idle.warm_up(lab.tiny(seed=1, epochs=2), lab.tiny(seed=2, epochs=90, compiled=True, learning_rate=0.1))
    assert len(set(idle._dispatcher.pool.warm_up_queue)) == 1
    assert not Experiment.from_json(idle._dispatcher.pool.warm_up_queue[0]).compiled


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("out of memory"), KeyError("x"), OSError("full")])
def test_a_warm_up_survives_every_exception(
    inbox: Inbox, lab: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    tried = []

    def fails(*_: object) -> None:
        tried.append(1)
        raise error

    monkeypatch.setattr(worker, "Session", fails)
    warm_up([lab.tiny().to_json()] * 2 + ["no JSON"], 1, inbox)
    assert len(tried) == 2


@pytest.mark.clock
def test_a_message_ends_a_warm_up_at_once(
    inbox: Inbox, pipe: tuple[int, Any], lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lasts(*_: object) -> None:
        os.write(pipe[0], b'{"run": "r", "claim": "c"}\n')
        for _ in range(3000):
            time.sleep(0.01)

    monkeypatch.setattr(worker, "Session", lasts)
    began = time.monotonic()
    warm_up([lab.tiny().to_json()] * 2, 1, inbox)
    assert time.monotonic() - began < 5
    assert inbox.get()["claim"] == "c"


def slow_warm_ups(home: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the workers of this test warm up by running `code`."""
    module = home / "odd_worker.py"
    home.mkdir(parents=True, exist_ok=True)
    module.write_text(
        "import os, signal, time\nfrom pathlib import Path\nfrom core.runs import worker\n"
        f"def warm_up(*_):\n    Path({str(home / 'warming_up')!r}).touch()\n    {code}\n"
        "worker.Session = warm_up\n"
        "try:\n    worker.main()\nexcept BaseException:\n    os._exit(1)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(home))
    monkeypatch.setattr(engines, "LOCAL", engines.Engine("odd_worker"))


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., RunService]]:
    made: list[RunService] = []

    def start(code: str, **settings: Any) -> RunService:
        slow_warm_ups(tmp_path, monkeypatch, code)
        made.append(RunService(tmp_path, slots=1, **settings))
        return made[0]

    yield start
    made[0].stop()


def warming_up(service: RunService, lab: Any) -> None:
    service.warm_up(lab.tiny(seed=9))
    lab.until((service.home / "warming_up").exists)


@pytest.mark.clock
def test_a_run_does_not_wait_for_a_warm_up(odd: Callable[..., RunService], lab: Any) -> None:
    service = odd("[time.sleep(0.05) for _ in range(10_000)]")
    warming_up(service, lab)
    began = time.monotonic()
    ended = lab.ended(service, service.submit(lab.tiny(), "me"))
    assert (ended.state, ended.attempts) == ("finished", 1)
    assert time.monotonic() - began < 60


def test_a_worker_that_dies_of_a_warm_up_is_replaced_and_no_run_is_blamed(
    odd: Callable[..., RunService], lab: Any
) -> None:
    service = odd("os.kill(os.getpid(), signal.SIGKILL)")
    warming_up(service, lab)
    ended = lab.ended(service, service.submit(lab.tiny(), "me"))
    assert (ended.state, ended.attempts) == ("finished", 1)
    assert not [event for event in service.history(ended.id) if event["event"] == "note"]


def test_a_warm_up_that_hangs_costs_a_waiting_run_no_life(
    odd: Callable[..., RunService], lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_pool, "BEGIN_SECONDS", 2.0)
    service = odd("os.kill(os.getpid(), signal.SIGSTOP)", patience=30.0)
    warming_up(service, lab)
    ended = lab.ended(service, service.submit(lab.tiny(), "me"))
    assert (ended.state, ended.attempts) == ("finished", 1)


def test_a_network_beyond_the_limits_is_refused_when_it_is_submitted(idle: RunService, lab: Any) -> None:
    wide = (Conv(10_000, 1), GlobalPool(), Flatten(), Linear(10))
    with pytest.raises(ExperimentError, match="MiB for one picture"):
        idle.submit(lab.tiny(layers=wide), "me")
    with pytest.raises(ExperimentError, match=r"needs 11\.6 billion multiply-adds"):
        idle.submit(lab.tiny(layers=HUGE), "me")
    for other in (
        enlarged(lab, 64, 512),
        lab.tiny(
            layers=enlarged(lab, 64, 9).layers, low_res_fraction=0.1, small_size=9, middle_until=0.9, middle_size=512
        ),
    ):
        with pytest.raises(ExperimentError, match=r"On its resized pictures of 512 × 512: .* 63\.5\s?MiB"):
            idle.submit(other, "me")
    assert idle.counts()["queued"] == 0
