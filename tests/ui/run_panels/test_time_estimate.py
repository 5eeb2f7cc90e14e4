"""The speed of a training is measured in the background, and nothing waits for that."""

import gc
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Event
from typing import Any

import pytest

from core.runs.inference_client import InferenceClient, InferenceError
from core.training.presets import PRESETS
from core.ui.run_panels import time_estimate
from core.ui.run_panels.time_estimate import Measurement

EXPERIMENT = PRESETS["mnist-mlp"].experiment.to_json()


class Inference:
    """Answers once it may."""

    def __init__(self, answer: Callable[[], float]) -> None:
        self.may, self._answer = Event(), answer

    def images_per_second(self, *_: object) -> float:
        self.may.wait(10)
        return self._answer()


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_estimate, "_speeds", OrderedDict())
    monkeypatch.setattr(time_estimate, "_is_busy", lambda: False)


def measured(inference: Any, device: str) -> tuple[float | None, list[threading.Thread]]:
    """What is known at once, and the threads that measure."""
    before = set(threading.enumerate())
    return time_estimate.speed(EXPERIMENT, device, inference), [t for t in threading.enumerate() if t not in before]


def test_an_app_that_ends_does_not_wait_for_a_measurement() -> None:
    inference = Inference(lambda: 800.0)
    known, threads = measured(inference, "cpu")
    assert known is None
    assert [thread.daemon for thread in threads] == [True]
    assert time_estimate.speed(EXPERIMENT, "cpu", inference) is None  # type: ignore[arg-type]
    inference.may.set()
    threads[0].join(10)
    assert measured(inference, "cpu") == (800.0, [])


def test_what_cannot_be_measured_is_raised_where_it_is_asked_for() -> None:
    def fails() -> float:
        raise InferenceError("out of memory")

    inference = Inference(fails)
    _, threads = measured(inference, "cpu")
    inference.may.set()
    for thread in threads:
        thread.join(10)
    with pytest.raises(InferenceError, match="out of memory"):
        time_estimate.speed(EXPERIMENT, "cpu", inference)  # type: ignore[arg-type]


class Session:
    """What a script holds while it draws."""


def test_a_failed_measurement_keeps_nothing_of_the_sessions_that_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: Future[float] = Future()
    failed.set_exception(InferenceError("It took too long."))
    monkeypatch.setattr(
        time_estimate, "_speeds", OrderedDict({("experiment", "cpu"): Measurement(failed, time.monotonic())})
    )
    asked = []

    def draw() -> None:
        session = Session()
        asked.append(weakref.ref(session))
        with pytest.raises(InferenceError, match="too long"):
            time_estimate.speed("experiment", "cpu", InferenceClient())

    for _ in range(3):
        draw()
    gc.collect()
    assert [session() for session in asked] == [None, None, None]


def test_what_could_not_be_measured_is_tried_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: Future[float] = Future()
    failed.set_exception(InferenceError("It took too long."))
    began = time.monotonic() - time_estimate.AGAIN_SECONDS - 1.0
    monkeypatch.setattr(time_estimate, "_speeds", OrderedDict({(EXPERIMENT, "cpu"): Measurement(failed, began)}))
    inference = Inference(lambda: 800.0)
    _, (thread,) = measured(inference, "cpu")
    inference.may.set()
    thread.join(10)
    assert measured(inference, "cpu") == (800.0, [])
