import dataclasses
import functools
import itertools
import json
import math
from pathlib import Path

import pytest
import torch

from core.layers.calculator import LayerError, analyze
from core.layers.specs import Activation, BatchNorm, Conv, Dropout, Flatten, Linear, Network, Pool
from core.training import checkpoints, evaluation_plan
from core.training.augmentation.pipeline import random_affine
from core.training.events import Checkpoint, Evaluated, Event, Finished, Progress, Snapshot, Started
from core.training.experiment import OPTIMIZERS, Experiment, ExperimentError
from core.training.loop import Diverged, Interrupt, train

MLP = (Flatten(), Linear(32), Activation(), Dropout(0.2), Linear(10))
CNN = (Conv(4, 5), Pool("max", 2), BatchNorm(), Activation(), Flatten(), Dropout(0.2), Linear(10))
SMALL = Experiment(
    layers=MLP, data="mnist-5k", train_images=600, epochs=3, batch_size=50, augmentation=random_affine(shift=1)
)


def run(experiment: Experiment, resume: Path | Checkpoint | None = None) -> list[Event]:
    return list(train(experiment, "cpu", resume, threads=1))


def weights(events: list[Event]) -> dict[str, torch.Tensor]:
    last = [event for event in events if isinstance(event, Checkpoint)][-1]
    return {name: tensor for name, tensor in last.tensors.items() if name.startswith("model.")}


@functools.cache
def uninterrupted(experiment: Experiment) -> dict[str, torch.Tensor]:
    """The weights of a run that several tests interrupt elsewhere."""
    return weights(run(experiment))


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_the_events_of_a_run_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation_plan, "ALLOWED_SECONDS", 60.0)  # no evaluation is left out on a busy machine
    events = run(SMALL)
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    started, finished = events[0], events[-1]
    assert started.steps == 36
    assert started.parameters == sum(row.parameters for row in analyze(MLP, (1, 28, 28)))
    progress = [event for event in events if isinstance(event, Progress)]
    assert [event.step for event in progress] == list(range(1, 37))
    assert progress[-1].epoch == 3
    assert progress[-1].images == 1800
    assert all(a.seconds < b.seconds for a, b in itertools.pairwise(progress))
    assert len([event for event in events if isinstance(event, Checkpoint)]) == 3
    tests = [event for event in events if isinstance(event, Evaluated)]
    assert {12, 24, 36} <= {event.step for event in tests}
    assert tests[0].accuracy < 0.7 < finished.test_accuracy == tests[-1].accuracy
    assert finished.train_seconds == pytest.approx(progress[-1].seconds)
    assert finished.images_per_second == pytest.approx(1800 / finished.train_seconds)
    for event in events:
        json.dumps(event.to_dict(), allow_nan=False)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_every_optimizer_learns_and_is_deterministic(optimizer: str, precision: str) -> None:
    rate = {"sgd": 0.05, "nesterov": 0.05, "adadelta": 1.0}.get(optimizer, 0.003)
    experiment = dataclasses.replace(SMALL, layers=CNN, optimizer=optimizer, learning_rate=rate, precision=precision)
    first = run(experiment)
    losses = [event.loss for event in first if isinstance(event, Progress)]
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])
    assert same(weights(first), weights(run(experiment)))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("stop_step", [7, 12, 30])
def test_a_resumed_run_equals_the_uninterrupted_one_to_the_bit(optimizer: str, stop_step: int, tmp_path: Path) -> None:
    experiment = dataclasses.replace(SMALL, layers=CNN, optimizer=optimizer, learning_rate=0.01, warmup=0.2)
    whole = uninterrupted(experiment)
    events = train(experiment, "cpu", threads=1)
    for event in events:
        if isinstance(event, Progress) and event.step == stop_step:
            break
    checkpoint = events.throw(Interrupt())  # type: ignore[attr-defined]
    assert isinstance(checkpoint, Checkpoint)
    assert checkpoint.step == stop_step
    with pytest.raises(StopIteration):
        next(events)
    checkpoints.save(tmp_path / "checkpoint.safetensors", checkpoint)
    resumed = run(experiment, tmp_path / "checkpoint.safetensors")
    assert isinstance(resumed[0], Started)
    assert resumed[0].step == stop_step
    assert same(weights(resumed), whole)


def test_two_runs_in_one_process_do_not_disturb_each_other() -> None:
    alone = weights(run(SMALL))
    first, second = train(SMALL, "cpu", threads=1), train(dataclasses.replace(SMALL, seed=9), "cpu", threads=1)
    events: list[Event] = []
    for event, _ in zip(first, second, strict=False):
        events.append(event)
    assert same(weights([*events, *first]), alone)


def test_a_run_resumed_after_its_last_step_still_finishes() -> None:
    last = [event for event in run(SMALL) if isinstance(event, Checkpoint)][-1]
    events = run(SMALL, last)
    assert [event.kind for event in events] == ["started", "phase", "evaluated", "snapshot", "checkpoint", "finished"]


def test_a_checkpoint_of_another_experiment_is_refused() -> None:
    last = [event for event in run(SMALL) if isinstance(event, Checkpoint)][-1]
    with pytest.raises(checkpoints.CheckpointError, match="another experiment"):
        run(dataclasses.replace(SMALL, seed=5), last)


@pytest.mark.parametrize("content", [None, b"", b"\x80\x04\x95evil pickle", b"\xff" * 100])
def test_a_broken_checkpoint_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(checkpoints.CheckpointError, match="missing or broken"):
        run(SMALL, path)


@pytest.mark.parametrize("layers", [(Flatten(), Linear(32), Linear(32), Linear(10)), MLP])
def test_a_diverging_run_says_so(layers: Network) -> None:
    """Without ReLUs the loss becomes NaN; with them they die after an explosion, and leave it finite."""
    experiment = dataclasses.replace(SMALL, layers=layers, optimizer="sgd", learning_rate=100.0)
    with pytest.raises(Diverged, match="learning rate of 100"):
        run(experiment)


def test_the_rate_that_was_set_last_is_blamed() -> None:
    experiment = dataclasses.replace(SMALL, optimizer="sgd", learning_rate=0.01, lr_changes=((2, 50.0),))
    with pytest.raises(Diverged, match="learning rate of 50"):
        run(experiment)


def test_a_run_whose_last_update_went_too_far_says_so() -> None:
    layers = (Flatten(), Linear(32), Linear(32), Linear(32), Linear(32), Linear(10))
    once = dataclasses.replace(SMALL, layers=layers, optimizer="sgd", learning_rate=100.0, schedule="constant")
    with pytest.raises(Diverged):
        run(dataclasses.replace(once, epochs=1, stop_step=2))


def test_figures_that_are_no_numbers_are_left_out_of_the_json() -> None:
    place = {"step": 1, "epoch": 1.0, "images": 1, "seconds": 1.0, "whole_seconds": 1.0}
    told = Snapshot(**place, per_class=[math.nan, None], answers=[[math.inf, 0.5]], filters={"data": [-math.inf]})
    found = told.to_dict()
    assert (found["per_class"], found["answers"]) == ([None, None], [[None, 0.5]])
    assert found["filters"] == {"data": [None]}
    last = Evaluated(**place, split="test", loss=math.nan, accuracy=0.5, pictures=1, final=True)
    assert last.to_dict()["loss"] is None


@pytest.mark.parametrize("part", ["model.", "optimizer.0."])
def test_a_checkpoint_with_numbers_that_are_none_is_refused(part: str, tmp_path: Path) -> None:
    kept = next(event for event in run(SMALL) if isinstance(event, Checkpoint))
    name = next(name for name, tensor in kept.tensors.items() if name.startswith(part) and tensor.ndim)
    tensors = kept.tensors | {name: kept.tensors[name].clone().fill_(math.nan)}
    checkpoints.save(tmp_path / "checkpoint.safetensors", dataclasses.replace(kept, tensors=tensors))
    with pytest.raises(checkpoints.CheckpointError):
        checkpoints.load(tmp_path / "checkpoint.safetensors")


def test_the_right_number_of_outputs_is_asked_for() -> None:
    with pytest.raises(ExperimentError, match="10 classes"):
        run(dataclasses.replace(SMALL, layers=(Flatten(), Linear(7))))


def test_a_network_that_does_not_fit_is_refused() -> None:
    with pytest.raises(LayerError, match="layer 1"):
        run(dataclasses.replace(SMALL, layers=(Conv(4, 31), Flatten(), Linear(10))))


def test_held_out_pictures_are_scored_and_not_trained_on() -> None:
    events = run(dataclasses.replace(SMALL, train_images=5000, held_out=3500, epochs=1))
    assert isinstance(events[0], Started)
    assert events[0].train_images == 500
    splits = [event.split for event in events if isinstance(event, Evaluated)]
    assert splits.count("held-out") == splits.count("test") > 0
    assert isinstance(events[-1], Finished)
    assert events[-1].held_out_accuracy is not None


def test_shuffled_pixels_change_what_a_cnn_learns_but_train_all_the_same() -> None:
    plain, shuffled = (
        run(dataclasses.replace(SMALL, layers=CNN)),
        run(dataclasses.replace(SMALL, layers=CNN, shuffle_pixels=True)),
    )
    assert isinstance(plain[-1], Finished)
    assert isinstance(shuffled[-1], Finished)
    assert plain[-1].test_accuracy > shuffled[-1].test_accuracy > 0.3


def test_a_batch_larger_than_the_data_is_the_data() -> None:
    events = run(dataclasses.replace(SMALL, train_images=30, batch_size=512, epochs=2))
    assert isinstance(events[0], Started)
    assert events[0].steps == 2


def test_no_cuda_here_is_said_in_a_sentence() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(ExperimentError, match="has no 'cuda'"):
        next(train(SMALL, "cuda"))


@pytest.mark.cuda
def test_the_gpu_learns_what_the_cpu_learns() -> None:
    events = list(train(dataclasses.replace(SMALL, layers=CNN, learning_rate=0.01), "cuda"))
    assert isinstance(events[-1], Finished)
    assert events[-1].device == "cuda"
    assert events[-1].test_accuracy > 0.6
    assert math.isfinite(events[-1].test_loss)
