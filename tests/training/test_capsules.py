"""Capsule networks through the training loop: they learn from both losses, and a run is resumed to the bit."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from core.layers.builders import capsule_network
from core.training import evaluation_plan
from core.training.checkpoints import save
from core.training.devices import choose
from core.training.events import Checkpoint, Finished, Progress
from core.training.experiment import Experiment
from core.training.loop import Interrupt, train
from core.training.objective import loss
from core.training.presets import PRESETS
from core.training.session import Session

DRAWS = replace(
    PRESETS["capsule-small-decoder"].experiment,
    layers=capsule_network(16, types=4, decoder=(32, 64)),
    data="mnist-5k",
    train_images=1_000,
    batch_size=50,
    epochs=4,
    precision="float32",
)


@torch.no_grad()
def both_losses(session: Session) -> tuple[float, float]:
    """The margin loss on test digits, and what the reconstruction adds to it."""
    images, labels = session.data.normalized(session.data.test_images[:200]), session.data.test_labels[:200]
    session.network.eval()
    outputs, together = session.objective.finish(session.objective.trunk(images), images, labels)
    margin = float(loss(session.network, outputs, labels))
    return margin, float(together) - margin


def test_a_short_training_lowers_both_losses() -> None:
    session = Session(DRAWS, choose("cpu", "float32"))
    margin, drawing = both_losses(session)
    while not session.over:
        session.train_step()
    later_margin, later_drawing = both_losses(session)
    assert later_margin < 0.4 * margin
    assert later_drawing < 0.6 * drawing


@pytest.mark.parametrize("settings", [{}, {"through": True}, {"iterations": 1, "shared": True}], ids=str)
def test_a_small_network_leaves_chance_in_200_steps(settings: dict[str, Any]) -> None:
    experiment = replace(
        PRESETS["capsule-small"].experiment,
        layers=capsule_network(24, types=4, **settings),
        data="mnist-5k",
        train_images=3_200,
        batch_size=32,
        epochs=2,
        precision="float32",
    )
    events = list(train(experiment, "cpu", threads=1))
    last = events[-1]
    assert isinstance(last, Finished)
    assert events[-2].step == 200  # type: ignore[attr-defined]
    assert last.test_accuracy > 0.5


def after(experiment: Experiment, steps: int, resume: Path | None = None) -> Checkpoint:
    """The run's state after so many steps."""
    events = train(experiment, "cpu", resume, threads=1)
    while not (isinstance(event := next(events), Progress) and event.step == steps):
        pass
    checkpoint = events.throw(Interrupt())
    assert isinstance(checkpoint, Checkpoint)
    return checkpoint


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_a_run_is_resumed_to_the_bit(precision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation_plan, "MAX_EVALUATIONS", 1)  # the last
    experiment = replace(DRAWS, precision=precision, train_images=300)
    whole = after(experiment, 9)  # into the second epoch
    save(tmp_path / "checkpoint", after(experiment, 4))
    again = after(experiment, 9, tmp_path / "checkpoint")
    assert again.tensors.keys() == whole.tensors.keys()
    assert all(torch.equal(again.tensors[key], tensor) for key, tensor in whole.tensors.items())
