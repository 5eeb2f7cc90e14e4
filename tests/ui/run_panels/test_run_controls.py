"""Which experiments a page offers to train."""

import pytest

from core.layers.builders import mlp
from core.training.experiment import Experiment
from core.ui.run_panels import run_controls
from tests.ui.run_panels.test_redraw_interval import watched

EXPERIMENTS = [Experiment(layers=mlp([8]), seed=seed) for seed in (0, 1)]


def test_an_experiment_without_a_run_can_be_trained() -> None:
    assert run_controls.untrained(EXPERIMENTS, {}) == EXPERIMENTS


@pytest.mark.parametrize(
    ("state", "trainable"),
    [
        ("queued", False),
        ("running", False),
        ("pausing", False),
        ("stopping", False),
        ("finished", False),
        ("stopped", True),
        ("failed", True),
    ],
)
def test_a_run_is_trained_again_if_it_was_stopped_or_failed(state: str, trainable: bool) -> None:
    first, second = EXPERIMENTS
    runs = {first.key: watched(state=state).run}
    assert run_controls.untrained(EXPERIMENTS, runs) == ([first, second] if trainable else [second])
