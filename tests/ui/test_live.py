"""When the panel looks more often: until what was asked for just now has its first point."""

import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.layers.families import mlp
from core.runs.feed import Frames
from core.runs.run import Run
from core.training.experiment import Experiment
from core.ui import live, wishes


def watched(points: int = 0, **changes: Any) -> Frames:
    settings: dict[str, Any] = {
        "id": "0" * 16, "experiment": Experiment(layers=mlp([8])), "device": "auto", "state": "running", "reason": None,
        "place": None, "owners": ("me",), "summary": {}, "attempts": 1, "created": time.time(), "started": None,
        "finished": None, "folder": Path("nowhere"),
    }  # fmt: skip
    table = pd.DataFrame({"step": range(points)})
    return Frames(Run(**settings | changes), (), table, table)


@pytest.mark.parametrize(
    ("contenders", "expected"),
    [
        ([], False),
        ([watched()], True),
        ([watched(), watched(points=1)], False),
        ([watched(state="finished", points=9), watched()], True),
        ([watched(state="stopped")], False),
        ([watched(created=0.0)], False),
        ([watched(created=0.0, started=time.time())], True),
    ],
)
def test_only_a_young_start_without_a_point_is_looked_at_more_often(
    contenders: list[Frames], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishes, "asked_here", lambda run: True)
    monkeypatch.setattr(live, "STARTING_SECONDS", 1e9)
    assert live.is_starting(contenders) is expected
    monkeypatch.setattr(wishes, "asked_here", lambda run: False)
    assert live.is_starting(contenders) is False
