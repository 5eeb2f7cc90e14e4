from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.layers.calculator import analyze, totals
from core.layers.specs import CapsuleLengths
from core.training import evaluation_plan
from core.training.checkpoints import save
from core.training.events import Checkpoint, Finished, Progress
from core.training.experiment import Experiment
from core.training.loop import Interrupt, train
from core.training.presets import PRESETS

pytestmark = pytest.mark.slow

CIFAR = [name for name, preset in PRESETS.items() if preset.experiment.data == "cifar10"]
CAPSULES = [name for name, preset in PRESETS.items() if preset.experiment.layers[-1] == CapsuleLengths()]
MNIST = [name for name in PRESETS if name not in (*CIFAR, *CAPSULES)]  # capsules learn in test_capsules.py


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_spec(name: str) -> None:
    experiment = PRESETS[name].experiment
    assert Experiment.from_json(experiment.to_json()) == experiment
    assert PRESETS[name].name == name


@pytest.mark.parametrize("name", CIFAR)
def test_every_preset_for_cifar_learns_on_the_stand_in_and_resumes_to_the_bit(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_plan, "MAX_EVALUATIONS", 1)  # the last
    experiment = replace(PRESETS[name].experiment, data="cifar10-standin", train_images=400, batch_size=20, epochs=1)

    def after(steps: int, resume: Path | None = None) -> tuple[Checkpoint, list[float]]:
        """The run's state after so many steps, and the losses on the way."""
        events, losses = train(experiment, "cpu", resume, threads=1), []
        for event in events:
            if isinstance(event, Progress):
                losses.append(event.loss)
                if event.step == steps:
                    break
        checkpoint = events.throw(Interrupt())
        assert isinstance(checkpoint, Checkpoint)
        return checkpoint, losses

    whole, losses = after(12)
    assert sum(losses[-3:]) < sum(losses[:3])
    early, _ = after(4)
    save(tmp_path / "checkpoint", early)
    again, _ = after(12, tmp_path / "checkpoint")
    assert again.tensors.keys() == whole.tensors.keys()
    assert all(torch.equal(again.tensors[key], tensor) for key, tensor in whole.tensors.items())


@pytest.mark.parametrize("name", MNIST)
def test_every_preset_for_mnist_learns(name: str) -> None:
    experiment = PRESETS[name].experiment
    short = replace(experiment, data="mnist-5k", train_images=2000, epochs=1, batch_size=100)
    events = list(train(short, "cpu", threads=1))
    losses = [event.loss for event in events if isinstance(event, Progress)]
    assert sum(losses[-3:]) < 0.6 * sum(losses[:3])
    assert isinstance(events[-1], Finished)
    assert events[-1].test_accuracy > 0.7


@pytest.mark.realdata
@pytest.mark.usefixtures("whole_data")
@pytest.mark.parametrize(
    ("name", "promise"),
    [("mnist-mlp", 0.985), ("mnist-cnn", 0.99), pytest.param("capsule-small", 0.99, marks=pytest.mark.nightly)],
)
def test_presets_keep_their_promise(name: str, promise: float) -> None:
    """One seed of what tests/bench/mnist.py measures over five; three deviations of a test set of 10,000 below it."""
    *_, last = train(PRESETS[name].experiment)
    assert isinstance(last, Finished)
    assert last.data == "mnist"
    assert last.test_accuracy > promise - 3 * (promise * (1 - promise) / 10_000) ** 0.5


def test_capsules_and_their_companion_have_as_many_parameters_as_told() -> None:
    parameters = {name: totals(analyze(PRESETS[name].experiment.layers, (1, 28, 28))).parameters for name in CAPSULES}
    companion = totals(analyze(PRESETS["capsule-cnn"].experiment.layers, (1, 28, 28))).parameters
    assert parameters["capsnet"] == 8_215_568
    assert companion == pytest.approx(parameters["capsule-small"], rel=0.003)
    assert parameters["capsule-small"] == pytest.approx(242_000, abs=500)


def test_the_keys_of_the_presets_do_not_change() -> None:  # runs and links of theirs are found by them
    assert {preset.name: preset.experiment.key for preset in PRESETS.values()} == {
        "mnist-mlp": "4e3e75a46ae2341d",
        "mnist-cnn": "f1bfe81c8eb092ce",
        "mnist-cnn-995": "30b1f44ddd77e707",
        "capsule-small": "0cf4bc19648eb071",
        "capsule-small-decoder": "2af005d2dafea892",
        "capsule-affine": "38b0044c2242de88",
        "capsule-cnn": "8061eb348687ca9d",
        "capsnet": "6880559ba3293490",
        "cifar-70": "7e9f4e46b4ed0cff",
        "cifar-80": "a000444f9b615d21",
        "cifar-90": "441f3f307c05fa1f",
        "cifar-94": "ca4fa9001912dcac",
        "cifar-exercise": "6c636e312c1928d6",
    }
