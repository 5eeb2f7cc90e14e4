"""Training with pipelines: every step trains, and a resumed run equals the uninterrupted one to the bit."""

from pathlib import Path

import pytest
import torch

from core.layers.builders import mlp
from core.training import checkpoints
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.specs import (
    KINDS,
    Affine,
    AutoAugment,
    Elastic,
    HorizontalFlip,
    Mixup,
    Noise,
    Normalize,
)
from core.training.augmentation.step import Step
from core.training.events import Checkpoint, Event, Finished, Progress
from core.training.experiment import Experiment
from core.training.loop import Interrupt, train
from core.training.objective import right

BUSY = Pipeline((Affine(2, 10, 0.1), HorizontalFlip(alternating=True), Elastic(), Noise(), AutoAugment(), Mixup(0.5)))


def small(*steps: Step) -> Experiment:
    return Experiment(
        layers=mlp((16,)),
        data="mnist-5k",
        train_images=100,
        epochs=2,
        batch_size=20,
        augmentation=Pipeline(steps),
        precision="float32",
    )


def last_weights(events: list[Event]) -> dict[str, torch.Tensor]:
    last = [event for event in events if isinstance(event, Checkpoint)][-1]
    return {name: tensor for name, tensor in last.tensors.items() if name.startswith("model.")}


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind is not Normalize], ids=str)
def test_every_step_trains(kind: type[Step]) -> None:
    step = Affine(1) if kind is Affine else kind()
    events = list(train(small(step), "cpu", threads=1))
    assert isinstance(events[-1], Finished)
    assert all(0 <= event.accuracy <= 1 for event in events if isinstance(event, Progress))
    plain = last_weights(list(train(small(), "cpu", threads=1)))
    changed = last_weights(events)
    same = all(torch.allclose(changed[name], plain[name], atol=1e-3) for name in plain)
    assert same == (step.name == "Grayscale")  # a digit is gray already


@pytest.mark.parametrize("stop_step", [3, 5, 8])
def test_a_resumed_run_equals_the_uninterrupted_one_to_the_bit(stop_step: int, tmp_path: Path) -> None:
    experiment = small(*BUSY.steps)
    whole = last_weights(list(train(experiment, "cpu", threads=1)))
    events = train(experiment, "cpu", threads=1)
    for event in events:
        if isinstance(event, Progress) and event.step == stop_step:
            break
    checkpoint = events.throw(Interrupt())
    assert isinstance(checkpoint, Checkpoint)
    checkpoints.save(tmp_path / "checkpoint.safetensors", checkpoint)
    resumed = last_weights(list(train(experiment, "cpu", tmp_path / "checkpoint.safetensors", threads=1)))
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)


def test_an_answer_to_a_mixture_has_its_labels_part() -> None:
    outputs = torch.eye(3)  # the answers are 0, 1 and 2
    assert right(outputs, torch.tensor([0, 1, 1])) == 2
    targets = torch.tensor([[0.7, 0.3, 0.0], [0.7, 0.3, 0.0], [0.0, 0.5, 0.5]])
    assert float(right(outputs, targets)) == pytest.approx(0.7 + 0.3 + 0.5)
