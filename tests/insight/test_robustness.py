"""Shares and their intervals against hand counts and scipy."""

import numpy as np
import pytest
from scipy import stats

from core.insight import robustness
from core.insight.transforms import SHIFTS


def test_the_loss_is_a_paired_mean_with_its_interval() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 400)
    still = np.where(rng.random(400) < 0.95, labels, (labels + 1) % 10)
    moved = np.stack([np.where(rng.random(400) < share, labels, (labels + 2) % 10) for share in (0.9, 0.8, 0.7, 0.6)])
    found = robustness.lost(still, moved, labels)
    each = (still == labels) - (moved == labels).mean(axis=0)
    assert found.value == pytest.approx((still == labels).mean() - (moved == labels).mean())
    low, high = stats.norm.interval(0.95, loc=each.mean(), scale=stats.sem(each))
    assert (found.low, found.high) == pytest.approx((low, high))


def test_consistency_counts_neighbors() -> None:
    answers = np.zeros((17, 17, 2), np.uint8)
    answers[:, 9:, 0] = 1  # the first picture's answer changes once on every row, between 0 and 1 px to the right
    pairs = 2 * 16 * 17
    assert robustness.consistency(answers).value == pytest.approx(1 - 17 / pairs / 2)
    shares = robustness.consistency_map(answers)
    assert shares.shape == (17, 17)
    assert shares[4, 8] == shares[4, 9] == pytest.approx(1 - 1 / 4 / 2)
    assert shares[0, 8] == pytest.approx(1 - 1 / 3 / 2)  # a place at the border has three neighbors
    assert shares[4, 0] == 1
    assert robustness.consistency(answers, within=1).value == pytest.approx(1 - 3 / 12 / 2)


def test_the_interval_of_consistency_takes_each_picture_as_one_observation() -> None:
    answers = np.random.default_rng(0).choice(2, (17, 17, 50), p=[0.9, 0.1]).astype(np.uint8)
    across, down = answers[:, 1:] == answers[:, :-1], answers[1:] == answers[:-1]
    each = (across.sum((0, 1)) + down.sum((0, 1))) / (2 * 16 * 17)
    found = robustness.consistency(answers)
    wanted = stats.norm.interval(0.95, loc=each.mean(), scale=stats.sem(each))
    assert (found.low, found.high) == pytest.approx(wanted)


def test_where_the_answer_changes() -> None:
    assert robustness.changes([3, 3, 5, 5, 3]) == [2, 4]
    assert robustness.changes([3]) == []


def test_the_four_directions() -> None:
    assert [(move.dx, move.dy) for move in robustness.directions(4)] == [(4, 0), (-4, 0), (0, 4), (0, -4)]
    assert all(distance in SHIFTS for distance in robustness.DISTANCES)
