"""The speed that an estimate rests on, measured once for everybody."""

import gc
import weakref
from collections import OrderedDict
from concurrent.futures import Future

import pytest

from core.runs.inference_client import InferenceClient, InferenceError
from core.ui.run_panels import time_estimate


class Session:
    """What a script holds while it draws."""


def test_a_failed_measurement_keeps_nothing_of_the_sessions_that_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: Future[float] = Future()
    failed.set_exception(InferenceError("It took too long."))
    monkeypatch.setattr(time_estimate, "_speeds", OrderedDict({("experiment", "cpu"): failed}))
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
