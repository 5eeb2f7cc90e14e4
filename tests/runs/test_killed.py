"""kill -9 in mid-run: what comes of the run is, to the bit, what it would have been if left in peace."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psutil
import pytest
import torch

from core.layers import cifar_networks
from core.runs import hardware
from core.runs.run_files import WEIGHTS
from core.runs.service import RunService
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.specs import HorizontalFlip, PaddedCrop
from core.training.checkpoints import load_weights
from core.training.events import Checkpoint, Finished
from core.training.experiment import Experiment
from core.training.loop import train

EPOCHS = 5
# With every state that a resumed run must find again: the optimizer's, the average's, whose turn it is to be flipped,
# and whether pictures are small still.
CIFAR = Experiment(
    layers=cifar_networks.SMALL,
    data="cifar10-standin",
    train_images=600,
    held_out=500,
    epochs=EPOCHS,
    batch_size=50,
    whitening=True,
    dirac_init=True,
    head_scale=1 / 64,
    low_res_fraction=0.5,
    augmentation=Pipeline((PaddedCrop(padding=2, mode="reflect"), HorizontalFlip(alternating=True))),
    optimizer="muon",
    learning_rate=0.1,
    momentum=0.6,
    averaging="lookahead",
    averaging_decay=0.9,
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunService]:
    """One worker whose runs have one thread each: sums over two are added in another order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hardware, "threads", lambda slots, wanted: 1)
        service = RunService(tmp_path_factory.mktemp("killed"), slots=1, device="cpu")
        yield service
        service.stop()


def worker(service: RunService) -> psutil.Process:
    """The process that trains for it."""
    (found,) = [
        process
        for process in psutil.Process().children(recursive=True)
        if {"core.runs.worker", str(service.home)} <= set(process.cmdline())
    ]
    return found


@pytest.mark.parametrize("name", ["cifar, Muon and Lookahead", "mnist, AdamW and EMA"])
def test_a_run_resumed_after_kill_9_equals_the_uninterrupted_one(service: RunService, lab: Any, name: str) -> None:
    digits = replace(lab.lasting(epochs=EPOCHS), averaging="ema", averaging_decay=0.95)
    experiment = CIFAR if name.startswith("cifar") else digits
    run = service.submit(experiment, "me")
    lab.in_epoch(service, run, 1)
    worker(service).kill()
    ended = lab.ended(service, run)
    assert (ended.state, ended.attempts) == ("finished", 2), ended.reason
    resumed = lab.steps(service, run, "started")[-1]
    assert 0 < resumed < ended.summary["steps"]
    *_, final, finished = train(experiment, device="cpu", threads=1)
    assert isinstance(final, Checkpoint)
    assert isinstance(finished, Finished)
    part = "average." if experiment.averaging != "none" else "model."
    expected = {key.removeprefix(part): tensor for key, tensor in final.tensors.items() if key.startswith(part)}
    weights, _ = load_weights(ended.folder / WEIGHTS)
    assert weights.keys() == expected.keys()
    assert all(torch.equal(weights[key], expected[key]) for key in expected)
    assert ended.summary["test_loss"] == finished.test_loss
