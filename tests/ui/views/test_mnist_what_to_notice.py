"""What the page says about runs: the numbers are theirs, and the verdict follows from their intervals."""

from dataclasses import replace
from typing import Any

import pytest

from core.layers.builders import cnn, mlp
from core.runs.run import QUEUED, Run
from core.training.experiment import Experiment
from core.ui.display import colors
from core.ui.run_panels import trained_run
from core.ui.run_panels.contenders import Contender, cost
from core.ui.views.mnist import what_to_notice
from tests.made_runs import made_run

NETWORKS = {"m_mlp": mlp([32]), "m_cnn": cnn(2, 8, 3)}


def pair(accuracies: tuple[float, float], **experiment: Any) -> tuple[list[Contender], list[Run]]:
    contenders, runs = [], []
    for (slot, layers), accuracy in zip(NETWORKS.items(), accuracies, strict=True):
        made = Experiment(layers=layers, **experiment)
        contenders.append(Contender(slot, colors.role(made), made, *cost(layers)))
        summary = dict(step=9, epoch=3.0, images=60_000, test_accuracy=accuracy, test_images=10_000, train_seconds=5.0)
        run = made_run(made, summary=summary)
        runs.append(run)
    return contenders, runs


def test_a_clear_difference_is_more_than_luck() -> None:
    said = " ".join(what_to_notice.sentences(*pair((0.962, 0.983))))
    assert "The CNN misclassifies 170 of 10,000 test digits, the MLP 380. They are 2.10 points apart" in said
    assert "do not overlap" in said


def test_a_small_difference_may_be_luck() -> None:
    said = " ".join(what_to_notice.sentences(*pair((0.9812, 0.9821))))
    assert "their 95 % intervals overlap" in said


def test_on_all_of_mnist_the_history_is_told() -> None:
    assert "LeNet-5 99.05" in " ".join(
        what_to_notice.sentences(*pair((0.982, 0.991), data="mnist", train_images=60_000))
    )
    assert "LeNet-5" not in " ".join(
        what_to_notice.sentences(*pair((0.982, 0.991), data="mnist-5k", train_images=4_000))
    )


def test_guessing_is_called_guessing() -> None:
    said = what_to_notice.sentences(*pair((0.098, 0.98), learning_rate=1.0))
    assert "The MLP is still guessing" in said[-1]
    assert "learning rate of 1 " in said[-1]


def test_before_anything_is_trained_the_sizes_are_told() -> None:
    contenders, _ = pair((0.0, 0.0))
    said = what_to_notice.sentences(contenders, [None, None])[1]
    assert "25,450 parameters" in said


def test_once_a_run_has_begun_nobody_is_told_to_train() -> None:
    contenders, runs = pair((0.0, 0.0))
    runs = [replace(run, state=QUEUED, summary={}) for run in runs]
    assert "Train both" in what_to_notice.sentences(contenders, [None, None])[0]
    assert "Train both" not in what_to_notice.sentences(contenders, runs)[0]


def test_the_interval_is_wilsons() -> None:
    run = pair((0.98, 0.98))[1][0]
    assert trained_run.accuracy_interval(run) == pytest.approx((0.97707, 0.98256), abs=1e-4)
