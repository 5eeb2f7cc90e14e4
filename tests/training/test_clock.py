"""The whole clock of a run, and how little of it the looks on the way take."""

import functools
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core.data
from core.layers.builders import cnn_of_blocks
from core.layers.specs import Activation, BatchNorm, Conv, Flatten, Linear, Pool
from core.runs.run_files import PREDICTIONS, load_predictions, save_predictions
from core.training import checkpoints, evaluation_plan, pace, session
from core.training.augmentation.pipeline import random_affine
from core.training.clock import Clock
from core.training.devices import Device, choose
from core.training.events import (
    SNAPSHOT_PICTURES,
    Checkpoint,
    Evaluated,
    Event,
    Finished,
    Phase,
    Progress,
    Snapshot,
    Started,
)
from core.training.experiment import Experiment
from core.training.loop import Interrupt, train
from core.training.presets import PRESETS
from core.training.session import Session
from core.training.tensors import Tensors

pytestmark = [pytest.mark.slow, pytest.mark.clock]

CPU = Device("cpu", "float32", "test")
CNN = cnn_of_blocks([(16, 3), (32, 5)], padded=False, batch_norm=True, dense=64)
DIGITS = Experiment(
    layers=CNN, data="mnist-5k", train_images=2000, epochs=2, batch_size=64, augmentation=random_affine(shift=1)
)


def parts(finished: Finished) -> float:
    return finished.prepare_seconds + finished.train_seconds + finished.evaluate_seconds + finished.save_seconds


def slowly(events: Iterator[Event], folder: Path) -> Iterator[Event]:
    """Write every checkpoint to disk, as a worker does, and take a moment for it."""
    for event in events:
        if isinstance(event, Checkpoint):
            checkpoints.save(folder / "checkpoint", event)
            time.sleep(0.1)
        yield event


@pytest.mark.parametrize("test_time", ["none", "mirror+shift"])
def test_the_parts_add_up_to_what_a_clock_on_the_wall_says(test_time: str, tmp_path: Path) -> None:
    began = time.perf_counter()
    events = list(slowly(train(replace(DIGITS, test_time=test_time), "cpu", threads=1), tmp_path))
    wall = time.perf_counter() - began
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.whole_seconds == pytest.approx(wall, rel=0.05)
    assert parts(finished) == pytest.approx(finished.whole_seconds, rel=1e-6)
    assert finished.save_seconds > 0.2  # both checkpoints
    whole = [event.whole_seconds for event in events if not isinstance(event, Checkpoint)]
    assert whole == sorted(whole)
    assert finished.data_title
    assert (finished.train_images, finished.test_images) == (2000, events[0].test_images)  # type: ignore[attr-defined]


LARGE = "cifar-94"  # 5 s of processor time; tests/training/test_presets.py trains it too
FEW = 100  # pictures that each preset is tested on: on 1,000, a large network takes most of its time for that


@functools.cache
def with_few_test_pictures(name: str, device: Device, shuffled: bool = False) -> Tensors:
    whole = core.data.load(name)
    few = replace(
        whole,
        info=replace(whole.info, test_images=FEW),
        test_images=whole.test_images[:FEW],
        test_labels=whole.test_labels[:FEW],
    )
    return Tensors(few, device, shuffled)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.nightly if name == LARGE else ()) for name in PRESETS]
)
def test_the_parts_of_every_preset_add_up(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "tensors", with_few_test_pictures)
    preset = PRESETS[name].experiment
    data = "mnist-5k" if preset.data == "mnist" else "cifar10-standin"
    short = replace(preset, data=data, train_images=200, batch_size=50, epochs=1)
    for _ in range(3):  # another process can take the core between the clock's last look and this one's
        began = time.perf_counter()
        *_, finished = slowly(train(short, "cpu", threads=1), tmp_path)
        wall = time.perf_counter() - began
        assert isinstance(finished, Finished)
        if agree := finished.whole_seconds == pytest.approx(wall, rel=0.05):
            break
    assert agree, (finished.whole_seconds, wall)
    assert parts(finished) == pytest.approx(finished.whole_seconds, rel=1e-6)
    assert (finished.views, finished.test_images) == (preset.test_time, FEW)


def test_a_resumed_run_counts_all_its_attempts(tmp_path: Path) -> None:
    events = train(DIGITS, "cpu", threads=1)
    for event in events:
        if isinstance(event, Progress) and event.step == 20:
            break
    checkpoint = events.throw(Interrupt())
    assert isinstance(checkpoint, Checkpoint)
    checkpoints.save(tmp_path / "checkpoint", checkpoint)
    resumed = list(train(DIGITS, "cpu", tmp_path / "checkpoint", threads=1))
    started, finished = resumed[0], resumed[-1]
    assert isinstance(started, Started)
    assert isinstance(finished, Finished)
    assert started.whole_seconds > event.whole_seconds > event.seconds
    assert parts(finished) == pytest.approx(finished.whole_seconds, rel=1e-6)
    assert finished.prepare_seconds > checkpoint.state["prepare_seconds"] > 0


def test_a_checkpoint_from_before_there_were_parts_is_read() -> None:
    clock = Clock.from_dict({"seconds": 3.0, "evaluate_seconds": 1.5})
    assert (clock.prepare, clock.train, clock.evaluate, clock.save, clock.whole) == (0.0, 3.0, 1.5, 0.0, 4.5)


@pytest.mark.parametrize("held_out", [0, 500])
@pytest.mark.parametrize(("images", "epochs"), [(1000, 2), (3500, 4)])
def test_looks_on_the_way_take_at_most_a_tenth_of_the_training(images: int, epochs: int, held_out: int) -> None:
    experiment = replace(DIGITS, train_images=images, epochs=epochs, held_out=held_out)
    list(train(replace(experiment, train_images=128, epochs=1), "cpu", threads=1))  # the data is in memory then
    events, beyond = _looked_at(experiment, 0.05)
    tests = [event for event in events if isinstance(event, Evaluated) and event.split == "test"]
    assert len(tests) >= 2 or held_out
    assert beyond < 0
    assert [event.final for event in tests] == [False] * (len(tests) - 1) + [True]
    assert len({event.pictures for event in tests[:-1]}) == 1
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert tests[-1].pictures == finished.test_images >= tests[0].pictures


@pytest.mark.parametrize(("seconds", "held_out"), [(2.0, 0), (2.5, 400)])
def test_looks_within_a_time_budget_are_spread_over_it_and_take_at_most_a_tenth(seconds: float, held_out: int) -> None:
    experiment = replace(DIGITS, train_images=3000, epochs=200, time_budget=seconds, held_out=held_out)
    list(train(replace(DIGITS, train_images=128, epochs=1), "cpu", threads=1))
    events, beyond = _looked_at(experiment, 0.0)
    tests = [event for event in events if isinstance(event, Evaluated) and event.split == "test"]
    assert len(tests) >= 2  # how many of 1,000 pictures are affordable is the machine's doing
    assert tests[-2].seconds > 0.3 * seconds  # not all in its first part
    assert beyond < 0


def _looked_at(experiment: Experiment, least: float) -> tuple[list[Event], float]:
    """A run's events, and how far its looks went beyond a tenth of the training, or `least` seconds if that is more.

    Of up to three runs, the one that went least beyond: one that another process held up says nothing about the plan.
    """
    tries = []
    for _ in range(3):
        events = list(train(experiment, "cpu", threads=1))
        finished = events[-1]
        assert isinstance(finished, Finished)
        last = next(event for event in events if isinstance(event, Phase) and event.phase == "testing")
        before_the_end = last.whole_seconds - finished.prepare_seconds - finished.train_seconds
        tries.append((events, before_the_end - max(0.1 * finished.train_seconds, least) - finished.save_seconds))
        if tries[-1][1] < 0:
            break
    return min(tries, key=lambda one: one[1])


@pytest.mark.parametrize("changes", [{"stop_step": 30}, {"time_budget": 60.0, "stop_step": 30}, {"time_budget": 0.4}])
def test_seconds_left_are_above_nothing_until_the_end(changes: dict[str, Any]) -> None:
    events = list(train(replace(DIGITS, epochs=100, **changes), "cpu", threads=1))
    progress = [event for event in events if isinstance(event, Progress)]
    assert all(event.seconds_left is None or event.seconds_left > 0 for event in progress)
    testing = [event for event in events if isinstance(event, Phase)]
    assert testing
    assert all(event.seconds_left is not None and event.seconds_left >= 0 for event in testing)


def test_a_run_that_is_ended_early_counts_its_test_alone(tmp_path: Path) -> None:
    events = train(replace(DIGITS, epochs=100), "cpu", threads=1)
    for event in events:
        if isinstance(event, Progress) and event.step == 40:
            break
    checkpoint = events.throw(Interrupt())
    assert isinstance(checkpoint, Checkpoint)
    ended = replace(DIGITS, epochs=100, stop_step=40)
    checkpoint = replace(checkpoint, state=checkpoint.state | {"experiment": ended.to_json()})
    started, testing, *_, finished = train(ended, "cpu", checkpoint, threads=1)
    assert isinstance(started, Started)
    assert isinstance(testing, Phase)
    assert isinstance(finished, Finished)
    assert testing.seconds_left is not None
    assert event.seconds_left is not None
    assert 0 < testing.seconds_left < event.seconds_left / 5  # of which most was training that is left out now


@pytest.mark.parametrize("test_time", ["none", "mirror+shift"])
def test_the_pictures_that_are_watched_end_with_the_answers_that_are_kept(test_time: str, tmp_path: Path) -> None:
    events = list(train(replace(DIGITS, epochs=1, test_time=test_time), "cpu", threads=1))
    last = [event for event in events if isinstance(event, Evaluated)][-1]
    snapshot = [event for event in events if isinstance(event, Snapshot)][-1]
    assert last.predictions is not None
    save_predictions(tmp_path / PREDICTIONS, *last.predictions)
    kept, _ = load_predictions(tmp_path)
    np.testing.assert_allclose(snapshot.answers, kept[:SNAPSHOT_PICTURES], rtol=0, atol=1e-6)


def test_a_range_test_says_how_many_pictures_it_was_tested_on_and_keeps_no_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "RANGE_PICTURES", 300)
    events = list(train(replace(DIGITS, schedule="range"), "cpu", threads=1))
    last = [event for event in events if isinstance(event, Evaluated)][-1]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.test_images == last.pictures == 300
    assert last.predictions is None


@pytest.mark.parametrize(
    ("trained", "splits", "count", "pictures"),
    [
        (2_000, 1, 3, 160),
        (20_000, 1, 4, 1_200),
        (20_000, 2, 2, 2_400),
        (10_000, 1, 2, 1_200),  # of at least 1,000 pictures where that allows, and only then fewer
        (4_200, 1, 1, 1_008),
        (4_100, 1, 3, 328),
        (150_000, 1, 15, 2_000),
        (250_000, 2, 15, 4_000),
        (1_200, 1, 2, 144),
        (300, 1, 0, 0),
    ],
)
def test_the_plan_of_the_looks(trained: int, splits: int, count: int, pictures: int) -> None:
    assert evaluation_plan.plan(trained, splits) == evaluation_plan.EvaluationPlan(count, pictures)
    assert count * pictures * evaluation_plan.FORWARD_SHARE <= evaluation_plan.PLANNED_SHARE * trained


@pytest.mark.parametrize(
    ("steps", "epochs", "count"), [(36, 3, 3), (200, 1, 4), (1000, 5, 15), (1000, 200, 15), (7, 1, 0)]
)
def test_the_last_step_is_a_look_and_so_are_the_ends_of_few_epochs(steps: int, epochs: int, count: int) -> None:
    found = evaluation_plan.evaluation_steps(steps, epochs, count)
    assert max(found) == steps
    assert len(found) <= count + 1
    if epochs <= count + 1:
        assert {steps * epoch // epochs for epoch in range(1, epochs + 1)} <= found


@pytest.mark.parametrize("count", [10, 137, 1000, 5000])
def test_a_part_of_a_set_has_its_share_of_every_class(count: int) -> None:
    labels = np.random.default_rng(1).choice(4, 3000, p=[0.4, 0.3, 0.2, 0.1])
    rows = evaluation_plan.stratified(labels, count)
    assert len(rows) == min(count, 3000) == len(set(rows.tolist()))
    assert (np.diff(rows) > 0).all()
    np.testing.assert_allclose(
        np.bincount(labels[rows], minlength=4) / len(rows), np.bincount(labels) / 3000, atol=1.01 / len(rows)
    )


@pytest.mark.parametrize("test_time", ["mirror", "mirror+shift"])
def test_the_last_evaluation_tells_what_one_view_gives_and_what_all_give(test_time: str) -> None:
    events = list(train(replace(DIGITS, test_time=test_time), "cpu", threads=1))
    plain = list(train(DIGITS, "cpu", threads=1))
    last, alone = ([e for e in all_ if isinstance(e, Evaluated)][-1] for all_ in (events, plain))
    assert last.views == test_time
    assert last.one_view_accuracy == alone.accuracy
    assert last.one_view_loss == pytest.approx(alone.loss)
    assert alone.one_view_accuracy is None
    assert last.predictions is not None
    probabilities, labels = last.predictions
    assert (probabilities.argmax(axis=1) == labels).mean() == pytest.approx(last.accuracy)
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.views, finished.one_view_accuracy) == (test_time, alone.accuracy)


def test_seconds_left_count_the_final_test() -> None:
    events = list(train(replace(DIGITS, test_time="mirror+shift"), "cpu", threads=1))
    progress = [event for event in events if isinstance(event, Progress)]
    assert progress[0].seconds_left is None  # the first step of a run is slow, and says nothing
    before = progress[-1]  # all training is done, and the test is still to come
    assert all(event.seconds_left and event.seconds_left > 0 for event in progress[1:])
    assert before.seconds_left is not None
    finished = events[-1]
    assert isinstance(finished, Finished)
    left = finished.whole_seconds - before.whole_seconds
    assert left / 3 < before.seconds_left < 3 * left  # mostly the six views of the test


# ---------------------------------------------------------------------- the last batch of an epoch


@pytest.mark.parametrize(("images", "batch", "steps"), [(500, 128, 4), (500, 100, 5), (500, 499, 2), (130, 128, 2)])
def test_an_epoch_shows_every_picture(images: int, batch: int, steps: int) -> None:
    session = Session(
        replace(DIGITS, train_images=images, batch_size=batch, epochs=2, augmentation=random_affine()), CPU
    )
    assert session.steps_per_epoch == steps
    seen = []
    for _ in range(steps):
        session.train_step()
        place = (session.step - 1) * batch
        seen += session.order[place : place + batch].tolist()
    assert sorted(seen) == list(range(images))
    assert session.images == images


def test_a_last_batch_of_one_is_left_out_where_batch_norm_needs_two_values() -> None:
    dense = (Flatten(), Linear(16), BatchNorm(), Activation(), Linear(10))
    session = Session(replace(DIGITS, layers=dense, train_images=129, batch_size=64, augmentation=random_affine()), CPU)
    assert (session.steps_per_epoch, session.epoch_images) == (2, 128)
    started = next(train(session.experiment, "cpu", threads=1))
    assert isinstance(started, Started)
    assert (started.train_images, started.epoch_images) == (129, 128)
    planes = (Conv(4, 3), Pool("max", 2), BatchNorm(), Activation(), Flatten(), Linear(10))
    session = Session(
        replace(DIGITS, layers=planes, train_images=129, batch_size=64, augmentation=random_affine()), CPU
    )
    assert (session.steps_per_epoch, session.epoch_images) == (3, 129)


def test_an_experiment_of_before_drops_the_rest_and_keeps_its_key() -> None:
    old = DIGITS.to_json().replace('"schema":2', '"schema":1')
    assert old != DIGITS.to_json()
    experiment = Experiment.from_json(old)
    assert experiment.to_json() == old
    assert experiment == replace(DIGITS, short_batch=False)
    assert Session(replace(experiment, train_images=500, batch_size=128), CPU).steps_per_epoch == 3


def test_accuracy_and_loss_of_uneven_batches_are_means_over_pictures() -> None:
    experiment = replace(DIGITS, train_images=130, batch_size=128, epochs=1, precision="float32")
    (first, second) = (e for e in train(experiment, "cpu", threads=1) if isinstance(e, Progress))
    assert first.images == 128
    assert second.images == 130
    assert second.accuracy in (0.0, 0.5, 1.0)
    session = Session(experiment, choose(precision="float32"))
    assert float(session.train_step()[0]) / 128 == pytest.approx(first.loss, rel=1e-6)
