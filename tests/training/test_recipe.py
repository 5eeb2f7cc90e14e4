"""The switches of a recipe, each against what it is said to do."""

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch
from torch import nn

from core.layers.builders import capsule_network
from core.layers.specs import Activation, BatchNorm, Conv, Flatten, GlobalPool, Linear, Network, Pool
from core.nets.network import build
from core.training import checkpoints, clock, measured_memory, pace
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.specs import HorizontalFlip
from core.training.devices import choose
from core.training.evaluation import Evaluation, predict, views
from core.training.events import (
    Checkpoint,
    Evaluated,
    Event,
    Finished,
    Progress,
    Snapshot,
    Started,
    decode_float16,
    decode_uint8,
    encode_float16,
)
from core.training.experiment import Experiment, ExperimentError
from core.training.initialization import prepare
from core.training.learning_rate import learning_rate
from core.training.loop import Interrupt, train
from core.training.optimizers import optimizer
from core.training.range_test import range_test, suggestion
from core.training.run_changes import stopped
from core.training.session import Session
from core.training.weight_averaging import Average

CNN: Network = (Conv(6, 3, padding=1), Pool("max", 2), BatchNorm(), Activation(), GlobalPool(), Flatten(), Linear(10))
DIGITS = Experiment(
    layers=CNN, data="mnist-5k", train_images=400, epochs=2, batch_size=50, learning_rate=0.02, precision="float32"
)
Kind = TypeVar("Kind", bound=Event)
CPU = choose("cpu", "float32")


def run(experiment: Experiment, resume: Checkpoint | None = None) -> list[Event]:
    return list(train(experiment, "cpu", resume, threads=1))


def of(events: list[Event], kind: type[Kind]) -> list[Kind]:
    return [event for event in events if isinstance(event, kind)]


# ---------------------------------------------------------------------- how a network begins


def test_dirac_filters_pass_their_input_on() -> None:
    layers: Network = (Conv(8, 3, padding=1, bias=False),)
    network = build(layers, (5, 9, 9))
    prepare(network, replace(DIGITS, layers=layers, dirac_init=True), torch.zeros(1, 5, 9, 9))
    picture = torch.rand(2, 5, 9, 9)
    assert torch.equal(network(picture)[:, :5], picture)
    assert network[0].weight[5:].abs().sum() > 0  # the filters that are left over stay random


def test_batch_norm_does_as_the_recipe_says() -> None:
    network = build(CNN, (1, 28, 28))
    prepare(network, replace(DIGITS, norm_momentum=0.4, norm_scale=False), torch.zeros(1, 1, 28, 28))
    norm = network[2]
    assert norm.momentum == 0.4
    assert [norm.weight.requires_grad, norm.bias.requires_grad] == [False, True]


@pytest.mark.parametrize("kind", ["sgd", "nesterov"])
def test_a_scaled_head_learns_as_one_whose_answers_are_multiplied(kind: str) -> None:
    """Against the plain way: the same weights, and the answers times s in the loss."""
    scale, layers = 0.2, (Flatten(), Linear(6), Activation(), Linear(4))
    experiment = Experiment(layers=layers, optimizer=kind, learning_rate=0.3, head_scale=scale, weight_decay=0.01)
    torch.manual_seed(0)
    plain = build(layers, (1, 3, 3)).double()
    ours = build(layers, (1, 3, 3)).double()
    ours.load_state_dict(plain.state_dict())
    prepare(ours, experiment, torch.zeros(1, 1, 3, 3))
    made = optimizer(experiment, ours)
    for group in made.param_groups:
        group["lr"] = 0.3 * group["multiple"]
    theirs = optimizer(replace(experiment, head_scale=1.0), plain)
    for _ in range(4):
        pictures, labels = torch.rand(8, 1, 3, 3, dtype=torch.float64), torch.randint(4, (8,))
        answers = scale * plain(pictures)
        torch.testing.assert_close(ours(pictures), answers)
        for optimize, logits in ((made, ours(pictures)), (theirs, answers)):
            optimize.zero_grad()
            nn.functional.cross_entropy(logits, labels).backward()
            optimize.step()


# ---------------------------------------------------------------------- averages


def test_an_exponential_mean_of_the_weights_is_what_its_formula_says() -> None:
    layer = nn.Linear(3, 2)
    average = Average("ema", 0.9, layer)
    expected = layer.weight.detach().clone()
    for step in range(1, 40):
        with torch.no_grad():
            layer.weight.add_(torch.randn(2, 3))
        average.update(layer, step, step / 40)
        keep = min(0.9, (1 + step) / (10 + step))
        expected = keep * expected + (1 - keep) * layer.weight.detach()
    torch.testing.assert_close(average.network.weight, expected)


def test_lookahead_and_the_weights_meet_every_fifth_step_and_at_the_end() -> None:
    layer = nn.Linear(3, 2)
    average = Average("lookahead", 0.9, layer)
    for step in range(1, 8):
        before = average.network.weight.detach().clone()
        with torch.no_grad():
            layer.weight.add_(1.0)
        moved = layer.weight.detach().clone()
        average.update(layer, step, step / 7)
        if step == 5:
            keep = 0.9**5 * (5 / 7) ** 3
            torch.testing.assert_close(average.network.weight, keep * before + (1 - keep) * moved)
        if step in (5, 7):
            assert torch.equal(average.network.weight, layer.weight)
        else:
            assert torch.equal(layer.weight, moved)
            assert torch.equal(average.network.weight, before)
    assert torch.equal(layer.weight, before)  # at the end the average alone counts


@pytest.mark.parametrize("kind", ["ema", "lookahead"])
def test_an_averaged_run_resumes_to_the_bit_and_keeps_the_average(kind: str, tmp_path: Path) -> None:
    experiment = replace(DIGITS, averaging=kind, averaging_decay=0.95)
    events = run(experiment)
    first, last = of(events, Checkpoint)
    again = of(run(experiment, first), Checkpoint)[-1]
    assert again.tensors.keys() == last.tensors.keys()
    assert all(torch.equal(again.tensors[name], tensor) for name, tensor in last.tensors.items())
    checkpoints.save_weights(tmp_path / "weights", last)
    kept, _ = checkpoints.load_weights(tmp_path / "weights")
    assert torch.equal(kept["0.weight"], last.tensors["average.0.weight"])
    if kind == "ema":
        assert not torch.equal(kept["0.weight"], last.tensors["model.0.weight"])
    network = build(CNN, (1, 28, 28))
    network.load_state_dict(kept)
    session = Session(experiment, CPU)
    pictures = session.data.normalized(session.data.test_images)
    right = predict(network, pictures, CPU).argmax(dim=1) == session.data.test_labels
    assert right.sum().item() / len(right) == of(events, Finished)[0].test_accuracy


# ---------------------------------------------------------------------- answers


@pytest.mark.parametrize(("kind", "count"), [("none", 1), ("mirror", 2), ("mirror+shift", 6)])
def test_an_answer_is_the_mean_over_the_views(kind: str, count: int) -> None:
    pictures = torch.rand(3, 1, 28, 28)
    shown = list(views(pictures, kind))
    assert len(shown) == count
    assert math.isclose(sum(weight for _, weight in shown), 1)
    assert torch.equal(shown[0][0], pictures)
    if count > 1:
        assert torch.equal(shown[1][0], pictures.flip(-1))
    if count > 2:
        assert torch.equal(shown[2][0][..., 1:, 1:], pictures[..., :-1, :-1])  # moved to the lower right
        assert torch.equal(shown[4][0][..., :-1, :-1], pictures[..., 1:, 1:])
    network = build(CNN, (1, 28, 28)).eval()
    with torch.inference_mode():
        expected = sum(weight * network(view) for view, weight in shown).softmax(dim=1)  # type: ignore[union-attr]
    torch.testing.assert_close(predict(network, pictures, CPU, kind), expected)


def test_a_score_is_what_counting_says() -> None:
    network = build((Flatten(), Linear(4)), (1, 3, 3)).eval()
    pictures, labels = torch.randn(900, 1, 3, 3), torch.randint(3, (900,))  # the fourth class has no picture
    evaluation = Evaluation(network, pictures, labels, lambda batch: batch, 4, CPU)
    assert list(evaluation) == pytest.approx([250 / 900, 500 / 900, 750 / 900, 1.0])
    found = evaluation.score
    with torch.inference_mode():
        right = network(pictures).argmax(dim=1) == labels
        loss = nn.functional.cross_entropy(network(pictures), labels)
    assert found.accuracy == right.sum().item() / 900
    assert found.loss == pytest.approx(loss.item(), rel=1e-5)
    assert found.per_class[3] is None
    for label in range(3):
        assert found.per_class[label] == pytest.approx(right[labels == label].float().mean().item())


def test_a_run_looks_nearer_at_every_evaluation() -> None:
    events = run(DIGITS)
    snapshot = of(events, Snapshot)
    assert [event.step for event in snapshot] == [event.step for event in of(events, Evaluated)]
    last = snapshot[-1]
    assert np.shape(last.answers) == (16, 10)
    np.testing.assert_allclose(np.sum(last.answers, axis=1), 1, atol=0.01)
    assert last.filters is not None
    weights = of(events, Checkpoint)[-1].tensors["model.0.weight"]
    np.testing.assert_allclose(decode_float16(last.filters), weights.numpy(), rtol=1e-3)
    assert len(last.per_class) == 10
    assert last.redrawn is None
    assert of(run(replace(DIGITS, layers=(Flatten(), Linear(10)), epochs=1)), Snapshot)[-1].filters is None
    assert all(event.memory_bytes > 10**7 for event in of(events, Progress))


def test_a_decoder_redraws_the_sixteen_pictures_from_their_longest_capsules() -> None:
    layers = capsule_network(4, types=2, pose=4, dimensions=4, decoder=(8, 8))
    events = run(replace(DIGITS, layers=layers))
    last = of(events, Snapshot)[-1]
    assert last.redrawn is not None
    network = build(layers, (1, 28, 28))
    tensors = of(events, Checkpoint)[-1].tensors
    network.load_state_dict({name.removeprefix("model."): value for name, value in tensors.items() if "model." in name})
    session = Session(replace(DIGITS, layers=layers), CPU)
    with torch.inference_mode():
        capsules = network[:-2](session.data.normalized(session.data.test_images[:16]))
        longest = capsules.norm(dim=2).argmax(dim=1)
        others = network[-2].pictures(capsules, (longest + 1) % 10)
        drawn = network[-2].pictures(capsules, longest)
    found = decode_uint8(last.redrawn).reshape(16, 784) / 255
    np.testing.assert_allclose(found, drawn.numpy(), atol=0.51 / 255)
    assert np.abs(found - others.numpy()).max() > 0.01
    assert np.argmax(last.answers, axis=1).tolist() == longest.tolist()


def test_views_are_asked_at_the_end_alone() -> None:
    plain, mirrored = (of(run(replace(DIGITS, test_time=kind)), Evaluated) for kind in ("none", "mirror"))
    assert [event.loss for event in plain[:-1]] == [event.loss for event in mirrored[:-1]]
    assert plain[-1].loss != mirrored[-1].loss


def test_packed_numbers_come_back_to_three_digits() -> None:
    values = np.random.default_rng(0).normal(size=(3, 2, 5)).astype(np.float32)
    np.testing.assert_allclose(decode_float16(encode_float16(values)), values, rtol=1e-3)


# ---------------------------------------------------------------------- pictures and time


def test_smaller_pictures_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(replace(DIGITS, low_res_fraction=0.5, small_size=20), CPU)
    sides = []
    forward = session.forward
    monkeypatch.setattr(session, "forward", lambda x: (sides.append(x.shape[-1]), forward(x))[1])
    while not session.over:
        session.train_step()
    assert sides == [20] * 8 + [28] * 8


def test_pictures_grow_in_stages() -> None:
    session = Session(replace(DIGITS, low_res_fraction=0.25, small_size=12, middle_until=0.5, middle_size=20), CPU)
    sides = [session._batch(done)[0].shape[-1] for done in (0.0, 0.24, 0.26, 0.49, 0.51, 1.0)]
    assert sides == [12, 12, 20, 20, 28, 28]
    between = replace(DIGITS, middle_until=0.5, middle_size=20)
    assert between.sizes == ()  # nothing is made smaller first, so nothing comes between
    assert replace(between, low_res_fraction=0.6, small_size=12).sizes == ((0.6, 12),)


def test_a_network_that_takes_one_size_only_says_so() -> None:
    flat: Network = (Conv(4, 3), Flatten(), Linear(10))
    with pytest.raises(ExperimentError, match="20 × 20 first"):
        Session(replace(DIGITS, layers=flat, low_res_fraction=0.5, small_size=20), CPU)


def test_a_time_budget_ends_the_run_and_its_schedule() -> None:
    events = run(replace(DIGITS, epochs=200, time_budget=1.5, learning_rate=0.01))
    started, finished, points = of(events, Started)[0], of(events, Finished)[0], of(events, Progress)
    assert started.steps == 1600
    assert 1.5 <= finished.train_seconds < 5
    assert points[-1].step < 1600
    assert all(a.learning_rate >= b.learning_rate for a, b in itertools.pairwise(points))
    assert points[-1].learning_rate < 0.002
    tests = of(events, Evaluated)
    assert 1 <= len(tests) <= 17
    assert tests[-1].step == points[-1].step == of(events, Checkpoint)[-1].step


@pytest.mark.parametrize("budget", range(400, 409))
def test_a_time_budget_that_runs_out_between_two_looks_at_the_clock_ends_with_the_whole_test(
    budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock moves at each look, so that it runs out at every place of the loop."""
    looks = itertools.count()
    monkeypatch.setattr(clock.time, "perf_counter", lambda: next(looks) / 1000)
    monkeypatch.setattr(pace, "MAX_PROGRESS_POINTS", 8)  # so that not every step is reported
    events = run(replace(DIGITS, layers=(Flatten(), Linear(10)), epochs=200, time_budget=budget / 1000))
    tests, finished = of(events, Evaluated), of(events, Finished)[0]
    assert len(tests) > 1
    assert tests[-1].final
    assert tests[-1].pictures == finished.test_images == of(events, Started)[0].test_images
    assert tests[-1].step == of(events, Progress)[-1].step


@pytest.mark.parametrize("kind", ["none", "ema", "lookahead"])
@pytest.mark.parametrize("step", [7, 10])
def test_what_is_stopped_early_is_what_its_experiment_gives_from_the_beginning(kind: str, step: int) -> None:
    experiment = replace(DIGITS, averaging=kind, averaging_decay=0.9)
    ended = stopped(experiment, step)
    events = train(experiment, "cpu", threads=1)
    next(event for event in events if isinstance(event, Progress) and event.step == step)
    here = events.throw(Interrupt())
    assert isinstance(here, Checkpoint)
    went_on = of(run(ended, replace(here, state=here.state | {"experiment": ended.to_json()})), Checkpoint)[-1]
    again = of(run(ended), Checkpoint)[-1]
    kept = checkpoints.weights(went_on.tensors)
    assert all(torch.equal(kept[name], tensor) for name, tensor in checkpoints.weights(again.tensors).items())


def test_a_time_budget_that_is_not_needed_changes_nothing() -> None:
    plain = of(run(DIGITS), Checkpoint)[-1].tensors
    budgeted = of(run(replace(DIGITS, time_budget=86_400.0)), Checkpoint)[-1].tensors
    assert all(torch.equal(plain[name], tensor) for name, tensor in budgeted.items())


# ---------------------------------------------------------------------- the learning rate


def test_a_changed_rate_is_scaled_by_the_schedule() -> None:
    experiment = replace(DIGITS, learning_rate=1.0, lr_changes=((40, 0.5), (60, 2.0)))
    rates = [learning_rate(experiment, step, 100, 10) for step in range(100)]
    plain = [learning_rate(replace(experiment, lr_changes=()), step, 100, 10) for step in range(100)]
    factors = np.divide(rates, plain)
    np.testing.assert_allclose(factors, [1.0] * 40 + [0.5] * 20 + [2.0] * 40)


@pytest.mark.parametrize(
    "changes",
    [((5, 0.1), (3, 0.1)), ((1, -1.0),), ((1.5, 0.1),), ((True, 0.1),), (("a", 0.1),), ((1,),), 3, [[1, None]]],
)
def test_changes_that_cannot_be_are_refused(changes: object) -> None:
    with pytest.raises(ExperimentError, match="changes is a list"):
        replace(DIGITS, lr_changes=changes)  # type: ignore[arg-type]


def test_a_range_test_rises_evenly_until_the_loss_does() -> None:
    test = range_test(replace(DIGITS, optimizer="sgd", train_images=5000, batch_size=20, warmup=0.3))
    assert (test.schedule, test.warmup, test.learning_rate) == ("range", 0.0, 10.0)
    events = run(test)
    points = of(events, Progress)
    ratios = [b.learning_rate / a.learning_rate for a, b in itertools.pairwise(points)]
    np.testing.assert_allclose(ratios, 1e6 ** (1 / 119), rtol=1e-6)
    assert points[0].learning_rate == pytest.approx(1e-5)
    assert len(points) <= 120
    assert isinstance(events[-1], Finished)
    found = suggestion([point.learning_rate for point in points], [point.loss for point in points])
    assert found is not None
    assert found.steepest <= found.lowest
    assert 1e-3 < found.learning_rate < 10


def test_a_suggestion_is_read_off_the_curve() -> None:
    rates = [10 ** (place / 10 - 5) for place in range(60)]
    losses = [2.3 if rate < 1e-3 else max(0.5, 2.3 - 1.5 * math.log10(rate / 1e-3)) for rate in rates]
    losses = [loss if rate < 0.5 else 50.0 for loss, rate in zip(losses, rates, strict=True)]
    found = suggestion(rates, losses)
    assert found is not None
    assert 1e-3 < found.steepest < 0.1
    assert found.lowest == pytest.approx(0.4, rel=0.2)
    assert found.learning_rate == pytest.approx(found.lowest / 4)
    assert suggestion(rates[:5], losses[:5]) is None


# ---------------------------------------------------------------------- memory


def test_a_batch_that_does_not_fit_is_refused_with_one_that_does(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(replace(DIGITS, batch_size=400), CPU)
    forward = session.network.forward

    def scarce(x: torch.Tensor) -> torch.Tensor:
        if len(x) > 120:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return forward(x)

    monkeypatch.setattr(session.network, "forward", scarce)
    with pytest.raises(ExperimentError, match="A batch of 400 pictures does not fit in memory: one of 100 does"):
        session.train_step()
    assert all(p.grad is None for p in session.network.parameters())


def test_where_not_one_picture_fits_that_is_said() -> None:
    def never(batch: int) -> None:
        raise MemoryError

    assert "Not even one picture" in str(measured_memory.refuse(64, never, CPU))


def test_another_error_is_not_taken_for_a_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(DIGITS, CPU)
    monkeypatch.setattr(session, "forward", lambda x: (_ for _ in ()).throw(RuntimeError("shapes do not fit")))
    with pytest.raises(RuntimeError, match="shapes"):
        session.train_step()


# ---------------------------------------------------------------------- flips


def test_alternating_flips_show_each_picture_the_other_way_round_every_other_epoch() -> None:
    pipeline = Pipeline((HorizontalFlip(alternating=True),))
    session = Session(replace(DIGITS, augmentation=pipeline, epochs=4, batch_size=100), CPU)
    plain = session.train_images
    ways: list[dict[int, bool]] = []
    for epoch in range(4):
        seen: dict[int, bool] = {}
        for place in range(4):
            session.step = 4 * epoch + place
            images, _ = session._batch(0.0)
            rows = session.order[100 * place : 100 * (place + 1)]
            for picture, row in zip(images, rows.tolist(), strict=True):
                seen[row] = not torch.equal(picture, plain[row])
                assert torch.equal(picture.flip(-1) if seen[row] else picture, plain[row])
        ways.append(seen)
    uneven = [row for row in range(400) if not torch.equal(plain[row], plain[row].flip(-1))]
    assert all(ways[0][row] != ways[1][row] and ways[0][row] == ways[2][row] for row in uneven)
    assert 0.35 < np.mean([ways[0][row] for row in uneven]) < 0.65


@pytest.mark.cuda
def test_the_gpu_trains_with_every_switch() -> None:
    experiment = replace(
        DIGITS,
        optimizer="muon",
        whitening=False,
        dirac_init=True,
        averaging="ema",
        test_time="mirror",
        low_res_fraction=0.5,
        small_size=20,
        compiled=True,
        precision="auto",
    )
    *_, last = train(experiment, "cuda")
    assert isinstance(last, Finished)
    assert math.isfinite(last.test_loss)
