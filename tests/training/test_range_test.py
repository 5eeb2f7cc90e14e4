"""What is read off a range test's points, and when nothing can be."""

import math

import numpy as np
import pytest

from core.training.range_test import Suggestion, doubt, suggestion

RATES = np.geomspace(1e-5, 10, 120).tolist()
SEEDS = [pytest.param(seed, marks=pytest.mark.nightly if seed >= 4 else ()) for seed in range(20)]


def curve(falls_from: float, risen_at: float, start: float = 2.3, low: float = 1.0) -> list[float]:
    """A loss that falls evenly on a log scale between two rates, and rises steeply after the second."""
    share = [math.log(rate / falls_from) / math.log(risen_at / falls_from) for rate in RATES]
    return [start - (start - low) * min(max(at, 0.0), 1.0) + 40 * max(at - 1.0, 0.0) for at in share]


def noisy(losses: list[float], deviation: float, seed: int) -> list[float]:
    return (np.array(losses) + np.random.default_rng(seed).normal(0, deviation, len(losses))).tolist()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("start", "low", "deviation"), [(2.3, 1.0, 0.1), (2.3, 1.9, 0.05), (4.6, 3.9, 0.1)])
def test_a_loss_that_falls_and_rises_again_has_a_best_rate(
    start: float, low: float, deviation: float, seed: int
) -> None:
    found = suggestion(RATES, noisy(curve(1e-3, 0.1, start, low), deviation, seed))
    assert isinstance(found, Suggestion)
    assert found.learning_rate == pytest.approx(0.1 / 4, rel=0.6)
    assert 1e-3 / 3 < found.steepest <= found.lowest


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("start", [0.7, 2.3, 7.0])
@pytest.mark.parametrize("deviation", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("shape", ["flat", "rises", "rises at the end", "falls a little"])
def test_a_loss_that_never_falls_suggests_nothing(shape: str, deviation: float, start: float, seed: int) -> None:
    share = np.linspace(0, 1, 120)
    losses = {
        "flat": np.full(120, start),
        "rises": start * (1 + share),
        "rises at the end": start + 50 * np.maximum(share - 0.8, 0),
        "falls a little": start * (1 - 0.015 * share) + 50 * np.maximum(share - 0.9, 0),
    }[shape]
    losses = noisy(losses.tolist(), deviation * start, seed)
    assert suggestion(RATES, losses) is None
    assert "never fell" in doubt(RATES, losses)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("deviation", [0.0, 0.03])
@pytest.mark.parametrize("falls_from", [1e-5, 1e-2, 1.0])
def test_a_loss_that_still_falls_at_the_end_suggests_nothing(falls_from: float, deviation: float, seed: int) -> None:
    losses = noisy(curve(falls_from, 30.0, 2.3, 0.4), deviation, seed)
    assert suggestion(RATES, losses) is None
    assert "10" in doubt(RATES, losses)
    assert "the rates 0.1, 1 and 10" in doubt(RATES, losses)


def test_a_test_that_was_ended_while_the_loss_fell_suggests_nothing() -> None:
    losses = curve(1e-4, 0.1)[:70]
    assert suggestion(RATES[:70], losses) is None
    assert "had not risen again" in doubt(RATES[:70], losses)


@pytest.mark.parametrize("gone", [math.nan, math.inf])
def test_a_loss_that_is_no_number_any_more_has_risen(gone: float) -> None:
    losses = [loss if rate < 0.1 else gone for loss, rate in zip(curve(1e-3, 0.1), RATES, strict=True)]
    found = suggestion(RATES, losses)
    assert found is not None
    assert found.learning_rate == pytest.approx(0.1 / 4, rel=0.2)
    assert doubt(RATES, losses) == ""


@pytest.mark.parametrize("count", [0, 1, 9])
def test_too_few_points_suggest_nothing(count: int) -> None:
    assert suggestion(RATES[:count], [2.3] * count) is None
    assert f"only {count} points" in doubt(RATES[:count], [2.3] * count)
    assert suggestion(RATES, [2.3] * count + [math.nan] * (120 - count)) is None
