"""The service with real workers: what a run is from click to files."""

import re
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from core.layers.calculator import analyze
from core.layers.specs import Conv, Flatten, Linear
from core.runs.database import Database
from core.runs.host_limits import HostLimits
from core.runs.run import QueueFull
from core.runs.run_files import load_predictions
from core.runs.service import RunService
from core.runs.store import Store


def test_a_run_from_the_click_to_its_files(service: RunService, lab: Any) -> None:
    experiment = lab.tiny(epochs=2)
    run = service.submit(experiment, "me")
    assert run == experiment.key
    ended = lab.ended(service, run)
    assert (ended.state, ended.reason, ended.attempts, ended.owners) == ("finished", None, 1, ("me",))
    assert ended.experiment == experiment

    history = service.history(run)
    assert [event["seq"] for event in history] == list(range(1, len(history) + 1))
    assert history[0]["event"] == "started"
    assert history[-1]["event"] == "finished"
    steps = lab.steps(service, run)
    assert steps[-1] == 20
    assert all(a < b for a, b in pairwise(steps))
    assert service.history(run, since=5) == history[5:]

    finished = {name: value for name, value in history[-1].items() if name not in ("seq", "event")}
    assert finished.items() <= ended.summary.items()
    weights = load_file(ended.folder / "weights.safetensors")
    assert sum(array.size for array in weights.values()) == sum(
        row.parameters for row in analyze(experiment.layers, (1, 28, 28))
    )
    probabilities, labels = load_predictions(ended.folder)
    assert probabilities.shape == (len(labels), 10)
    assert (probabilities.argmax(axis=1) == labels).mean() == pytest.approx(ended.summary["test_accuracy"], abs=0.003)
    assert sorted(path.name for path in ended.folder.iterdir()) == ["predictions.npz", "weights.safetensors"]


def test_the_worker_tells_what_the_machine_has(service: RunService, lab: Any) -> None:
    machine = lab.until(service.machine)
    assert machine["devices"][-1] == "cpu"
    assert machine["cores"] >= 1
    assert machine["torch"].startswith("2.")
    assert service.trouble is None
    assert service.leads


def test_thirty_who_ask_for_the_same_train_it_once(service: RunService, lab: Any) -> None:
    experiment = lab.tiny(seed=1, epochs=10)
    before = sum(service.counts().values())
    found: set[str] = set()
    people = [
        threading.Thread(target=lambda i=i: found.add(service.submit(experiment, f"person {i}"))) for i in range(30)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert found == {experiment.key}
    run = lab.ended(service, experiment.key)
    assert len(run.owners) == 30
    assert sum(service.counts().values()) == before + 1
    assert len(lab.steps(service, run.id, "started")) == 1
    started = run.started
    assert service.submit(experiment, "late") == run.id  # finished: shown at once
    assert service.get(run.id).state == "finished"
    assert service.get(run.id).started == started


def test_a_run_stops_when_nobody_watches_and_goes_on_when_somebody_does(service: RunService, lab: Any) -> None:
    run = service.submit(lab.lasting(seed=2), "a")
    service.submit(lab.lasting(seed=2), "b")
    lab.in_epoch(service, run, 2)
    service.cancel(run, "a")
    epoch = service.get(run).summary["epoch"]
    lab.until(lambda: service.get(run).summary["epoch"] > epoch)  # b still watches
    service.cancel(run, "b")
    stopped = lab.ended(service, run)
    assert stopped.state == "stopped"
    last = lab.steps(service, run, "checkpoint")[-1]
    assert last >= lab.steps(service, run)[-1]  # where it was, not only where its epoch began

    service.submit(lab.lasting(seed=2), "c")
    lab.until(lambda: len(lab.steps(service, run, "started")) == 2)
    assert lab.steps(service, run, "started") == [0, last]
    lab.until(lambda: lab.steps(service, run)[-1] > last)
    steps = lab.steps(service, run)
    assert all(a < b for a, b in pairwise(steps))
    service.cancel(run, "c")
    assert lab.ended(service, run).attempts == 1


@pytest.mark.clock
def test_a_run_stops_within_two_seconds_of_the_click(service: RunService, lab: Any) -> None:
    took = []
    for seed in range(20, 23):  # the quickest counts: other processes may hold one up
        run = service.submit(lab.lasting(seed), "me")
        lab.until(lambda run=run: lab.steps(service, run))
        clicked = time.monotonic()
        service.cancel(run, "me")
        assert lab.ended(service, run).state == "stopped"
        took.append(time.monotonic() - clicked)
    assert min(took) < 2


def test_a_diverging_run_stops_and_says_so(service: RunService, lab: Any) -> None:
    deep = (Flatten(), Linear(32), Linear(32), Linear(10))  # no ReLU that could die and keep the loss finite
    run = service.submit(lab.tiny(layers=deep, optimizer="sgd", learning_rate=100.0, epochs=50), "me")
    ended = lab.ended(service, run)
    assert ended.state == "failed"
    assert "100" in str(ended.reason)
    assert ended.attempts == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"layers": (Conv(4, 64), Flatten(), Linear(10))}, "[Ll]ayer 1"),
        ({"layers": (Flatten(), Linear(7))}, "ends in 7"),
        ({"data": "pets@0a1b2c3d"}, "pets.zip"),
    ],
    ids=["a kernel too large", "classes", "data"],
)
def test_what_cannot_be_trained_fails_with_a_sentence(
    service: RunService, lab: Any, changes: dict[str, Any], words: str
) -> None:
    ended = lab.ended(service, service.submit(lab.tiny(**changes), "me"))
    assert ended.state == "failed"
    assert re.search(words, str(ended.reason))


def test_a_broken_checkpoint_is_said_and_the_run_starts_again(service: RunService, lab: Any) -> None:
    experiment = lab.tiny(seed=4)
    folder = service.home / "runs" / experiment.key
    folder.mkdir(parents=True)
    (folder / "checkpoint.safetensors").write_bytes(b"half a file")
    run = service.submit(experiment, "me")
    assert lab.ended(service, run).state == "finished"
    notes = [event["text"] for event in service.history(run) if event["event"] == "note"]
    assert len(notes) == 1
    assert "broken" in notes[0]


def test_a_device_that_is_not_there_is_refused(service: RunService, lab: Any) -> None:
    ended = lab.ended(service, service.submit(lab.tiny(seed=3), "me", device="abacus"))
    assert "no 'abacus'" in str(ended.reason)


def test_what_is_expected_and_cannot_be_trained_harms_nobody(service: RunService, lab: Any) -> None:
    service.warm_up(lab.tiny(layers=(Flatten(), Linear(7))), lab.tiny(layers=(Linear(3),)))
    log = service.home / "logs" / "worker-0.log"
    lab.until(lambda: "Could not warm up: " in log.read_text())
    assert "ends in 7" in log.read_text()
    service.warm_up(lab.tiny(), lab.tiny(batch_size=100))
    ended = lab.ended(service, service.submit(lab.tiny(seed=5), "me"))
    assert (ended.state, ended.attempts) == ("finished", 1)


def test_places_in_the_queue_are_fair(tmp_path: Path, lab: Any) -> None:
    service = RunService(tmp_path, slots=0, limits=HostLimits(queued_per_person=4))
    try:
        mine = [service.submit(lab.tiny(seed=seed), "many") for seed in range(4)]
        with pytest.raises(QueueFull):
            service.submit(lab.tiny(seed=4), "many")
        other = service.submit(lab.tiny(seed=5), "one")
        lab.until(lambda: service.get(other).place == 2)
        assert [service.get(run).place for run in mine] == [1, 3, 4, 5]
        assert [run.id for run in service.recent(2)] == [other, mine[3]]
        assert service.get_many([other, "unknown"]).keys() == {other}
        service.cancel(other, "one")
        assert service.get(other).place is None
    finally:
        service.stop()


def test_a_run_that_is_said_to_train_and_has_no_worker_waits_again(tmp_path: Path, lab: Any) -> None:
    service = RunService(tmp_path, slots=0)
    try:
        run = service.submit(lab.tiny(), "me")
        lab.until(lambda: service.leads)
        store = Store(Database(tmp_path))
        assert store.claim([run], "nobody")
        lab.until(lambda: service.get(run).state == "queued")
        assert service.get(run).attempts == 1
    finally:
        service.stop()
