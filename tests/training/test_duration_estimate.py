"""The whole seconds of a run before it begins: its parts by the arithmetic of what it will do."""

from dataclasses import replace
from typing import Any

import pytest

from core.data.cifar10 import INFO
from core.layers.calculator import analyze, totals
from core.layers.cifar_networks import SMALL
from core.training import evaluation_plan
from core.training.duration_estimate import PREPARE_SECONDS, Parts, planned_seconds
from core.training.experiment import TEST_TIMES, Experiment

RATE = 1_000.0


def planned(**settings: Any) -> Parts:
    defaults: dict[str, Any] = {"layers": SMALL, "data": "cifar10", "train_images": 20_000, "epochs": 1}
    return planned_seconds(Experiment(**defaults | settings), INFO, RATE)


def test_training_is_every_picture_of_every_epoch() -> None:
    assert planned().train == 20.0
    assert planned(epochs=3).train == 60.0
    assert planned(train_images=60_000, held_out=5_000).train == 45.0  # what there is and is not held out


def test_a_time_budget_is_the_training_time() -> None:
    assert planned(time_budget=12.0, epochs=200).train == 12.0
    assert planned(time_budget=600.0).train == 20.0  # the epochs end first


@pytest.mark.parametrize(("stop_step", "seconds"), [(50, 5.0), (200, 20.0), (400, 20.0)])
def test_a_run_that_ends_early_takes_as_long_as_it_goes(stop_step: int, seconds: float) -> None:
    assert planned(batch_size=100, stop_step=stop_step).train == seconds


def test_testing_is_the_last_test_with_its_views_and_the_looks_before() -> None:
    once = INFO.test_images * evaluation_plan.FORWARD_SHARE / RATE
    plan, both = evaluation_plan.plan(20_000), evaluation_plan.plan(20_000, 2)
    before, beside = (one.count * one.pictures * evaluation_plan.FORWARD_SHARE / RATE for one in (plan, both))
    assert 0 < before <= evaluation_plan.MAX_SHARE * 20.0
    assert planned().evaluate == pytest.approx(once + before)
    assert planned(test_time="mirror+shift").evaluate == pytest.approx(6 * once + before)
    assert planned(test_time="mirror", held_out=5_000).evaluate == pytest.approx(2 * 1.5 * once + beside)


def test_the_whole_is_the_sum_of_its_parts() -> None:
    parts = planned()
    assert parts.prepare == PREPARE_SECONDS
    assert parts.whole == pytest.approx(parts.prepare + parts.train + parts.evaluate)
    assert replace(parts, save=2.0).whole == pytest.approx(parts.whole + 2)


def test_smaller_pictures_first_take_less_time() -> None:
    small, full = (totals(analyze(SMALL, (3, side, side))).macs for side in (24, 32))
    assert planned(low_res_fraction=0.5).train == pytest.approx(20.0 * (0.5 + 0.5 * small / full))


def test_every_choice_of_views_has_a_number() -> None:
    assert tuple(evaluation_plan.VIEWS) == TEST_TIMES
