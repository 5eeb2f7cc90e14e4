"""A run's time as every page tells it: whole, its parts, what is left, and what older runs did not measure."""

from typing import Any

import pytest

from core.layers.builders import mlp
from core.runs.run import Run
from core.training.experiment import Experiment
from core.ui.display import run_times
from tests.made_runs import made_run

PARTS = {"train_seconds": 2.9, "evaluate_seconds": 1.1, "prepare_seconds": 0.4}


def run(summary: dict[str, Any], **settings: Any) -> Run:
    experiment = Experiment(layers=mlp([8]), **settings)
    return made_run(experiment, "running", summary=summary)


def test_the_whole_time_comes_with_its_parts() -> None:
    told = PARTS | {"save_seconds": 0.1, "whole_seconds": 4.5}
    assert run_times.whole(told) == 4.5
    words = "4.5 s in total: 2.9 s of training, 1.1 s of testing, 0.4 s of preparing, 0.1 s of saving"
    assert run_times.describe_duration(told).replace("\u202f", " ") == words


def test_an_older_runs_time_is_the_sum_of_its_parts() -> None:
    assert run_times.whole(PARTS) == pytest.approx(4.4)
    assert run_times.describe_duration(PARTS).startswith("4.4\u202fs in total: 2.9")


@pytest.mark.parametrize("told", [{"seconds": 8.0}, {"train_seconds": 8.0}, {"seconds": 8.0, "prepare_seconds": 1.0}])
def test_where_only_training_was_measured_it_is_said(told: dict[str, Any]) -> None:
    assert run_times.whole(told) is None
    assert run_times.describe_duration(told) == "8.0\u202fs of training alone"


def test_nothing_measured_is_nothing_said() -> None:
    assert run_times.describe_duration({}) == ""
    assert run_times.seconds_left(run({})) is None
    assert run_times.describe_time_left(None) == ""
    assert run_times.done(run({})) == 0.0


def test_the_time_left_counts_the_last_test() -> None:
    training = {"step": 50, "steps": 100, "seconds": 4.0, "whole_seconds": 6.0, "seconds_left": 9.0}
    assert run_times.seconds_left(run(training)) == 9.0
    assert run_times.done(run(training)) == pytest.approx(6 / 15)
    testing = training | {"phase": "testing", "phase_done": 0.25, "seconds_left": 3.0}
    assert run_times.seconds_left(run(testing)) == 3.0
    assert run_times.done(run(testing)) < 1


@pytest.mark.parametrize(
    ("told", "budget", "left"),
    [
        ({"step": 25, "steps": 100, "seconds": 4.0}, 0, 12.0),
        ({"step": 25, "steps": 100, "seconds": 4.0, "whole_seconds": 8.0}, 0, 24.0),
        ({"step": 25, "steps": 100, "seconds": 4.0}, 10, 6.0),
        ({"step": 25, "steps": 100}, 0, None),  # goes on from a step, and has not trained yet
        ({"step": 0, "steps": 100, "seconds": 0.0}, 0, None),
    ],
)
def test_without_an_estimate_the_pace_so_far_goes_on(told: dict[str, Any], budget: float, left: float | None) -> None:
    assert run_times.seconds_left(run(told, time_budget=budget)) == left


def test_a_run_that_cannot_tell_yet_is_not_guessed_at() -> None:
    told = {"step": 1, "steps": 100, "seconds": 0.5, "whole_seconds": 0.9, "seconds_left": None}
    assert run_times.seconds_left(run(told)) is None
    assert run_times.done(run(told)) == 0.01


@pytest.mark.parametrize("seconds", [0.0, 0.04, 0.5, 0.99])
def test_no_time_left_is_never_said(seconds: float) -> None:
    assert run_times.describe_time_left(seconds) == "less than a second left"


def test_training_is_over_at_the_last_step_or_with_the_time() -> None:
    told = {"step": 50, "steps": 100, "seconds": 5.0}
    assert not run_times.is_trained(run(told))
    assert run_times.is_trained(run(told | {"step": 100}))
    assert run_times.is_trained(run(told, stop_step=50))
    assert run_times.is_trained(run(told, time_budget=5.0))
    assert not run_times.is_trained(run(told, time_budget=10.0))
    assert not run_times.is_trained(run({}))
