"""A run that is changed while it trains becomes another one, whose key says so; a finished one can be gone on from."""

from pathlib import Path
from typing import Any

import pytest
import torch

from core.runs.run_files import load_predictions
from core.runs.service import NotNow, RunService
from core.runs.store import Store
from core.training.checkpoints import load_weights
from core.training.events import Changed, Checkpoint, Finished
from core.training.experiment import ExperimentError
from core.training.loop import train
from core.training.run_changes import continued, stopped, with_rate


def followed(lab: Any, service: RunService, run: str) -> str:
    """The id of the run that goes on from `run`, once there is one."""
    return str(lab.until(lambda: service.get(run).summary.get("successor")))


def test_a_new_learning_rate_makes_another_run_that_replays_to_the_bit(service: RunService, lab: Any) -> None:
    experiment = lab.tiny(seed=41, epochs=40, batch_size=5)  # 4,000 steps
    run = service.submit(experiment, "me")
    lab.until(lambda: service.get(run).summary.get("step", 0) > 20)
    service.set_learning_rate(run, "me", 0.0007)
    other = followed(lab, service, run)
    ended = lab.ended(service, other)
    assert ended.state == "finished"
    assert ended.owners == ("me",)
    assert service.get(run).state == "stopped"
    ((step, rate),) = ended.experiment.lr_changes
    assert rate == 0.0007
    assert ended.experiment == with_rate(experiment, step, 0.0007)
    history = service.history(other)
    (change,) = [event for event in history if event["event"] == "changed"]
    assert (change["step"], change["learning_rate"]) == (step + 1, 0.0007)
    steps = [event["step"] for event in history if event["event"] == "progress"]
    assert steps == sorted(set(steps))
    assert steps[0] <= 20  # with the old one's history
    (forked,) = [event for event in service.history(run) if event["event"] == "forked"]
    assert (forked["run"], forked["step"], forked["learning_rate"]) == (other, step, 0.0007)
    events = list(train(ended.experiment, "cpu", threads=1))  # from the beginning, in this process
    assert [event.step for event in events if isinstance(event, Changed)] == [step + 1]
    last = [event for event in events if isinstance(event, Checkpoint)][-1]
    kept, _ = load_weights(ended.folder / "weights.safetensors")
    threads = next(event["threads"] for event in history if event["event"] == "started")
    for name, tensor in kept.items():
        torch.testing.assert_close(last.tensors[f"model.{name}"], tensor, rtol=0 if threads == 1 else 1e-3, atol=1e-4)


def test_an_early_end_keeps_what_was_learned(service: RunService, lab: Any) -> None:
    run = service.submit(lab.lasting(seed=42), "me")
    lab.until(lambda: service.get(run).summary.get("step", 0) > 50)
    service.stop_early(run, "me")
    ended = lab.ended(service, followed(lab, service, run))
    assert ended.state == "finished"
    assert ended.experiment.stop_step == ended.summary["step"]
    assert ended.summary["test_accuracy"] > 0.1
    probabilities, labels = load_predictions(ended.folder)
    assert len(probabilities) == len(labels)
    assert service.get(run).state == "stopped"
    assert {run, ended.id} <= set(Store(service.database).owned_by("me")), "also the one that was left has files"


def test_who_else_asks_for_the_run_keeps_it(service: RunService, lab: Any) -> None:
    run = service.submit(lab.lasting(seed=43, epochs=30), "me")
    service.submit(lab.lasting(seed=43, epochs=30), "you")
    lab.until(lambda: service.get(run).summary.get("step", 0) > 50)
    service.stop_early(run, "me")
    assert lab.ended(service, followed(lab, service, run)).state == "finished"
    assert service.get(run).active
    assert service.get(run).owners == ("you",)
    lab.until(lambda: service.get(run).state == "running" and service.get(run).summary["phase"] == "training")
    service.set_learning_rate(run, "you", 0.0007)
    lab.until(lambda: not service.get(run).active)
    second = service.get(service.get(run).summary["successor"])
    assert second.experiment.lr_changes[0][1] == 0.0007
    assert "successor" not in second.summary  # that of me is not what this one became
    service.cancel(second.id, "you")


def test_a_finished_run_is_gone_on_from(service: RunService, lab: Any) -> None:
    first = service.submit(lab.tiny(seed=44, epochs=3), "me")
    assert lab.ended(service, first).state == "finished"
    more = service.continue_run(first, "me", epochs=2)
    ended = lab.ended(service, more)
    assert ended.state == "finished"
    assert ended.experiment.parent_run == first
    assert ended.experiment == continued(service.get(first).experiment, 2)
    begins = next(event["loss"] for event in service.history(more) if event["event"] == "progress")
    began = next(event["loss"] for event in service.history(first) if event["event"] == "progress")
    assert begins < 0.7 * began


def test_what_cannot_be_done_now_is_said(service: RunService, lab: Any) -> None:
    run = service.submit(lab.lasting(seed=45), "me")
    lab.until(lambda: service.get(run).state == "running")
    with pytest.raises(NotNow):
        service.set_learning_rate(run, "you", 0.1)
    with pytest.raises(ExperimentError, match="learning rate"):
        service.set_learning_rate(run, "me", -1.0)
    with pytest.raises(NotNow):
        service.continue_run(run, "me", 1)
    service.cancel(run, "me")
    lab.until(lambda: service.get(run).state == "stopped")
    with pytest.raises(NotNow):
        service.stop_early(run, "me")


def test_weights_that_are_not_there_are_missed_in_a_sentence(lab: Any, tmp_path: Path) -> None:
    more = continued(lab.tiny(), 1)
    for parent in (None, tmp_path / "weights.safetensors"):
        with pytest.raises(ExperimentError, match=lab.tiny().key):
            next(train(more, "cpu", threads=1, parent=parent))


def test_a_run_stopped_early_is_the_beginning_of_the_whole_one(lab: Any) -> None:
    *_, last = train(stopped(lab.tiny(), 7), "cpu", threads=1)
    assert isinstance(last, Finished)
    assert last.images_per_second == pytest.approx(7 * 50 / last.train_seconds)
    with pytest.raises(ExperimentError):
        stopped(lab.tiny(), 0)
