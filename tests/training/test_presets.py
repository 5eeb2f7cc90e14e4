from dataclasses import replace
from pathlib import Path

import pytest

from core.training.events import Finished, Progress
from core.training.experiment import Experiment
from core.training.loop import train
from core.training.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_spec_and_learns(name: str) -> None:
    experiment = PRESETS[name].experiment
    assert Experiment.from_json(experiment.to_json()) == experiment
    assert PRESETS[name].name == name
    short = replace(experiment, data="mnist-5k", train_images=2000, epochs=1, batch_size=100)
    events = list(train(short, "cpu", threads=1))
    losses = [event.loss for event in events if isinstance(event, Progress)]
    assert sum(losses[-3:]) < 0.6 * sum(losses[:3])
    assert isinstance(events[-1], Finished)
    assert events[-1].test_accuracy > 0.7


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "promise"), [("mnist-mlp", 0.985), ("mnist-cnn", 0.99)])
def test_presets_keep_their_promise(
    name: str, promise: float, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One seed of what tests/bench/mnist.py measures over five; three deviations of a test set of 10,000 below it."""
    monkeypatch.setenv("CNNLAB_DATA", str(real_data))
    *_, last = train(PRESETS[name].experiment)
    assert isinstance(last, Finished)
    assert last.data == "mnist"
    assert last.test_accuracy > promise - 3 * (promise * (1 - promise) / 10_000) ** 0.5
