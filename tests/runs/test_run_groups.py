"""Means over seeds with their intervals, the frontier of the best so far, and the run that stands for a group."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.layers import builders
from core.runs.board import BoardRun
from core.runs.run_groups import frontier, mean, middle
from core.training.experiment import Experiment

FIGURES = st.floats(0, 1)


def run(id: str, state: str = "finished", accuracy: float | None = None) -> BoardRun:
    figures = {} if accuracy is None else {"test_accuracy": accuracy}
    return BoardRun(id, Experiment(layers=builders.mlp((8,))), "r", state, (), 0.0, None, figures=figures)


@given(st.lists(FIGURES, min_size=2, max_size=12, unique=True))
def test_the_interval_is_students(values: list[float]) -> None:
    found = mean(values)
    assert found is not None
    low, high = stats.t.interval(0.95, len(values) - 1, loc=sum(values) / len(values), scale=stats.sem(values))
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
    assert found.n == len(values)


def test_one_run_has_no_interval_and_none_no_mean() -> None:
    one = mean([0.5])
    assert one is not None
    assert (one.value, one.n, one.low, one.high) == (0.5, 1, None, None)
    assert mean([]) is None


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), max_size=12))
def test_nothing_at_the_same_cost_or_less_is_as_good_as_the_frontier(points: list[tuple[float, float]]) -> None:
    found = frontier(points)
    costs, scores = [points[index][0] for index in found], [points[index][1] for index in found]
    assert costs == sorted(set(costs))
    assert scores == sorted(set(scores))
    for cost, score in points:  # each point is on it, or no better than one that costs no more
        assert any(points[index][0] <= cost and points[index][1] >= score for index in found)


def test_the_run_nearest_the_mean_stands_for_a_group() -> None:
    runs = [run("a", "running", 0.1), run("b", accuracy=0.90), run("c", accuracy=0.97), run("d", accuracy=0.95)]
    assert middle(runs).id == "d"
    assert middle(runs[:1]).id == "a"
