"""Tiny experiments on the embedded digits, a warm service to share, and waiting."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.layers.specs import Activation, Flatten, Linear
from core.runs.child_process import Inbox
from core.runs.run import Run
from core.runs.service import RunService
from core.training.experiment import Experiment

WAIT_SECONDS = 120.0  # a busy machine is slow; what is waited for usually comes in one


class Lab:
    """What the tests of runs have in common."""

    @staticmethod
    def tiny(seed: int = 0, **changes: Any) -> Experiment:
        """An MLP that trains in a fifth of a second."""
        settings: dict[str, Any] = {
            "layers": (Flatten(), Linear(16), Activation(), Linear(10)),
            "data": "mnist-5k",
            "train_images": 500,
            "epochs": 2,
            "batch_size": 50,
            "seed": seed,
        }
        return Experiment(**settings | changes)

    @classmethod
    def lasting(cls, seed: int = 0, epochs: int = 200) -> Experiment:
        """Epochs of about a quarter of a second, each with a checkpoint at its end."""
        return cls.tiny(seed, epochs=epochs, batch_size=2, learning_rate=0.0003)

    @staticmethod
    def until(condition: Callable[[], Any], seconds: float = WAIT_SECONDS) -> Any:
        """Return the first true result of `condition`; fail when there is none in time."""
        end = time.monotonic() + seconds
        while not (answer := condition()):
            assert time.monotonic() < end, "this took too long"
            time.sleep(0.02)
        return answer

    @staticmethod
    def at_once(work: Callable[[Any], Any], items: Iterable[Any], threads: int = 16) -> None:
        """Do something with each item in threads; what one raises is raised here."""
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(work, item) for item in items]:
                done.result()

    @classmethod
    def ended(cls, service: RunService, run: str) -> Run:
        """Return the run once it has ended."""
        return cls.until(lambda: (now := service.get(run)).active is False and now)

    @classmethod
    def in_epoch(cls, service: RunService, run: str, epoch: int) -> None:
        """Wait until the run has a checkpoint of `epoch` and trains on."""
        path = service.get(run).folder / "checkpoint.safetensors"
        cls.until(lambda: service.get(run).summary.get("epoch", 0) > epoch and path.exists())

    @staticmethod
    def steps(service: RunService, run: str, kind: str = "progress") -> list[int]:
        """Return the steps of the run's events of this kind, in the order of its history."""
        return [event["step"] for event in service.history(run) if event["event"] == kind]


@pytest.fixture(scope="session")
def lab() -> Lab:
    return Lab()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunService]:
    """A service with two workers, shared by all tests that do it no harm: a worker takes seconds to import torch."""
    service = RunService(tmp_path_factory.mktemp("service"), slots=2)
    yield service
    service.stop()


@pytest.fixture
def pipe() -> tuple[int, Any]:
    """Where to write what an inbox reads; never closed, since at its end an inbox ends the process."""
    reader, writer = os.pipe()
    return writer, os.fdopen(reader, "rb")


@pytest.fixture
def inbox(pipe: tuple[int, Any]) -> Iterator[Inbox]:
    before = signal.getsignal(signal.SIGINT)
    yield Inbox(pipe[1])
    signal.signal(signal.SIGINT, before)
