"""When the panel looks more often: until what was asked for just now has its first point."""

import time
from typing import Any

import pandas as pd
import pytest

from core.layers.builders import mlp
from core.runs.history_cache import Frames
from core.training.experiment import Experiment
from core.ui.backend import run_requests
from core.ui.run_panels import redraw_interval
from tests.made_runs import made_run


def watched(points: int = 0, **changes: Any) -> Frames:
    made: dict[str, Any] = {
        "state": "running",
        "owners": ("me",),
        "created": time.time(),
        "started": None,
        "experiment": Experiment(layers=mlp([8])),
    }
    table = pd.DataFrame({"step": range(points)})
    return Frames(made_run(**made | changes), (), table, table)


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
    monkeypatch.setattr(run_requests, "requested_in_tab", lambda run: True)
    monkeypatch.setattr(redraw_interval, "STARTING_SECONDS", 1e9)
    assert redraw_interval.is_starting(contenders) is expected
    monkeypatch.setattr(run_requests, "requested_in_tab", lambda run: False)
    assert redraw_interval.is_starting(contenders) is False


@pytest.mark.parametrize(
    ("seconds", "budget", "every"),
    [(None, 0, 0.5), (0.05, 0, 0.5), (2.0, 0, 2.5), (50.0, 0, 4.0), (50.0, 30, 0.5)],  # of the first hundredth
)
def test_a_long_run_is_looked_at_less_often(seconds: float | None, budget: float, every: float) -> None:
    summary = {} if seconds is None else {"step": 10, "steps": 1000, "seconds": seconds}
    experiment = Experiment(layers=mlp([8]), time_budget=budget)
    long = watched(summary=summary, experiment=experiment)
    over = watched(summary={"step": 1, "steps": 1, "seconds": 1e-3}, state="finished")
    assert redraw_interval.redraw_interval([over], [long]) == pytest.approx(every)
    assert redraw_interval.redraw_interval([over]) is None


def test_of_several_runs_the_shortest_sets_the_pace() -> None:
    summaries = [{"step": 10, "steps": 1000, "seconds": seconds} for seconds in (2.5, 2.0, 3.0)]
    assert redraw_interval.redraw_interval([], [watched(summary=summary) for summary in summaries]) == pytest.approx(
        2.5
    )


def test_the_panel_is_drawn_anew_when_its_pace_is_another_one() -> None:
    assert redraw_interval.interval_changed(0.5, None)
    assert redraw_interval.interval_changed(0.25, 0.5)
    assert redraw_interval.interval_changed(2.0, 1.0)
    assert not redraw_interval.interval_changed(2.0, 1.5)
    assert not redraw_interval.interval_changed(None, 0.5)
