"""The host's limits: read from the environment, and passed by no crafted JSON and no new cookie."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from filelock import FileLock

from core.layers.specs import Flatten, Linear
from core.runs import executor, host_limits, retention, run_addresses, run_rows
from core.runs.database import Database
from core.runs.host_limits import HostLimits
from core.runs.person import Person
from core.runs.run import NoRoom, Run
from core.runs.run_files import CHECKPOINT
from core.runs.scheduler import Allowed, QueuedRun
from core.runs.service import RunService
from core.runs.store import Store
from core.runs.stored_runs import StoredRuns
from core.runs.tables import runs
from core.training import checkpoints
from core.training.events import Checkpoint
from core.training.experiment import Experiment, ExperimentError
from core.training.loop import train
from tests.runs.fake_gpus import served

MB = 1_000_000


def guest(name: str, address: str = "192.0.2.1") -> Person:
    return Person(name, name, "student", "browser", address)


@pytest.fixture
def waiting(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RunService]:
    """A service with the limits of the test, which trains nothing."""
    with FileLock(tmp_path / "leader.lock"):
        service = RunService(tmp_path, limits=getattr(request, "param", None))
        yield service
        service.stop()


def test_the_host_sets_limits_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in host_limits.VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    assert host_limits.from_environment() == HostLimits(20, 200, 0, 0, 0, 0, 0)
    monkeypatch.setenv("CNNLAB_RUN_WORK", "1e15")
    monkeypatch.setenv("CNNLAB_RUN_MINUTES", " ")
    monkeypatch.setenv("CNNLAB_QUEUED", "50")
    assert host_limits.from_environment() == HostLimits(queued=50, work=1e15)


@pytest.mark.parametrize(
    ("variable", "text"),
    [("CNNLAB_RUN_MINUTES", "long"), ("CNNLAB_RUN_WORK", "-1"), ("CNNLAB_QUEUED", "0"), ("CNNLAB_QUEUED", "nan")],
)
def test_what_is_no_limit_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, text: str) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ValueError, match=f"{variable} is '{text}'"):
        host_limits.from_environment()


# An MLP of 12,730 parameters, and as many multiply-adds but its 26 biases, on 500 pictures twice.
WORK = (784 * 16 + 16 * 10) * 1000


@pytest.mark.parametrize("waiting", [HostLimits(work=WORK, parameters=13_000)], indirect=True)
def test_parameters_and_the_whole_work_are_limited_also_for_crafted_json(waiting: RunService, lab: Any) -> None:
    assert waiting.submit(lab.tiny(), "me")
    crafted = json.loads(lab.tiny(seed=1).to_json())
    for changes, words in (
        ({"epochs": 3}, "multiply-adds"),
        ({"train_images": 1_000_000}, "multiply-adds"),
        ({"train_images": 1_000_000, "epochs": 200, "batch_size": 8192}, "multiply-adds"),
        ({"time_budget": 1.0, "epochs": 200}, "multiply-adds"),
    ):
        with pytest.raises(ExperimentError, match=words):
            waiting.submit(Experiment.from_json(json.dumps(crafted | changes)), guest("ada"))
    with pytest.raises(ExperimentError, match="parameters"):
        waiting.submit(lab.tiny(layers=(Flatten(), Linear(20), Linear(10)), epochs=1), "me")
    assert len(waiting.active()) == 1


def test_who_may_begin() -> None:
    allowed = Allowed(per_person=2, workers=10)
    assert allowed.per_address == 6
    mine, ours = QueuedRun("a", ("me",), 0.0, address="net"), QueuedRun("b", ("me", "you"), 0.0)
    assert allowed.begins(mine, {"me": 1}, {"net": 5})
    assert not allowed.begins(mine, {"me": 2}, {})
    assert not allowed.begins(mine, {"me": 0}, {"net": 6})
    assert allowed.begins(ours, {"me": 2, "you": 1}, {"": 9})  # nobody's network is no network
    for goes_on in (QueuedRun("c", ("me",), 0.0, front=True), QueuedRun("d", ("me",), 0.0, priority=1)):
        assert allowed.begins(goes_on, {"me": 9}, {})
    assert Allowed(per_person=2, workers=1).per_address == 2


def test_of_six_workers_a_person_gets_two_and_a_network_four_whatever_its_cookies(tmp_path: Path, lab: Any) -> None:
    with served(tmp_path, lab, limits=HostLimits(running_per_person=2)) as service:
        for seed in range(3):
            service.submit(lab.tiny(seed), guest("ada"))
        lab.until(lambda: service.counts()["running"] == 2)
        for seed in range(3, 8):
            service.submit(lab.tiny(seed), guest(f"cookie {seed}"))
        lab.until(lambda: service.counts()["running"] == 4)
        other = service.submit(lab.tiny(9), guest("bob", "192.0.2.2"))
        lab.until(lambda: service.get(other).state == "running")
        assert service.counts()["running"] == 5
        assert service.counts()["queued"] == 4


def attempt(store: Store, experiment: Experiment) -> Run:
    """Train under a fresh claim, and return the run as it is then."""
    run = store.enqueue(experiment, "me", "auto", 20, 200)
    store.claim([run], uuid.uuid4().hex)
    assert executor.execute(store.database, run, next(iter(store.running().values()))[0], "cpu", threads=1)
    return store.run(run)


def test_a_run_ends_at_the_minutes_of_the_host(tmp_path: Path, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNLAB_RUN_MINUTES", "0.001")
    ended = attempt(Store(Database(tmp_path)), lab.lasting())
    assert ended.state == "failed"
    assert "0.001 minutes" in str(ended.reason)


def test_the_minutes_are_those_of_all_attempts(tmp_path: Path, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = next(event for event in train(lab.tiny(), threads=1) if isinstance(event, Checkpoint))
    path = run_rows.folder(tmp_path, lab.tiny().key) / CHECKPOINT
    path.parent.mkdir(parents=True)
    checkpoints.save(path, replace(checkpoint, state=checkpoint.state | {"prepare_seconds": 3600.0}))
    monkeypatch.setenv("CNNLAB_RUN_MINUTES", "59")
    store = Store(Database(tmp_path))
    assert attempt(store, lab.tiny()).state == "failed"
    assert next(event["step"] for event in store.history(lab.tiny().key, 0) if event["event"] == "started") > 0
    monkeypatch.setenv("CNNLAB_RUN_MINUTES", "61")
    assert attempt(store, lab.tiny()).state == "finished"


def test_what_waits_does_not_begin_once_its_owner_s_files_take_too_much(
    tmp_path: Path, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else twenty runs are submitted while there is room for one."""
    monkeypatch.setenv("CNNLAB_PERSON_BYTES", str(MB))
    store = Store(Database(tmp_path))
    folder = run_rows.folder(tmp_path, store.enqueue(lab.tiny(1), "me", "auto", 20, 200))
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(bytes(2 * MB))
    refused = attempt(store, lab.tiny())
    assert (refused.state, "each person may have" in str(refused.reason)) == ("failed", True)
    store.enqueue(lab.tiny(2), "you", "auto", 20, 200)  # who has room wants it, too
    assert attempt(store, lab.tiny(2)).state == "finished"


def test_a_full_folder_refuses_what_needs_room_and_gives_what_is_there(
    waiting: RunService, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOOK_SECONDS", 0.0)
    run = waiting.submit(lab.tiny(), guest("ada"))
    (waiting.home / "filler").write_bytes(bytes(11 * MB))
    monkeypatch.setenv(retention.LIMIT_VARIABLE, str(10 * MB))
    with pytest.raises(NoRoom, match="CNNLAB_HOME_BYTES"):
        waiting.submit(lab.tiny(seed=1), guest("a new cookie"))
    assert waiting.submit(lab.tiny(), guest("bob")) == run  # it waits already
    (waiting.home / "filler").unlink()
    assert waiting.submit(lab.tiny(seed=1), guest("ada"))


@pytest.mark.parametrize("waiting", [HostLimits(bytes_per_person=MB)], indirect=True)
def test_a_person_s_files_are_limited(waiting: RunService, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "LOOK_SECONDS", 0.0)
    folder = waiting.get(waiting.submit(lab.tiny(), guest("ada"))).folder
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(bytes(2 * MB))
    with pytest.raises(NoRoom, match="each person may have"):
        waiting.submit(lab.tiny(seed=1), guest("ada"))
    assert waiting.submit(lab.tiny(seed=2), guest("bob"))
    waiting.cancel(lab.tiny().key, "ada")  # what it left on the disk is still hers
    with pytest.raises(NoRoom, match="each person may have"):
        waiting.submit(lab.tiny(seed=1), guest("ada"))
    assert waiting.submit(lab.tiny(), guest("bob"))  # now it is his
    assert waiting.submit(lab.tiny(seed=1), guest("ada"))


@pytest.mark.parametrize("waiting", [HostLimits(bytes_per_person=MB)], indirect=True)
def test_a_new_cookie_does_not_pass_the_bytes_of_a_network(
    waiting: RunService, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a folder of 20 MB one network has 12 (11.4 MiB), whatever its people call themselves."""
    monkeypatch.setattr(retention, "LOOK_SECONDS", 0.0)
    monkeypatch.setenv(retention.LIMIT_VARIABLE, str(20 * MB))
    for seed in range(2):
        run = waiting.submit(lab.tiny(seed), guest(f"cookie {seed}"))
        waiting.cancel(run, f"cookie {seed}")  # its files stay, and so does where it came from
        folder = waiting.get(run).folder
        folder.mkdir(parents=True)
        (folder / "weights.safetensors").write_bytes(bytes((11 + seed) * MB // 2))
    assert waiting.submit(lab.tiny(2), guest("cookie 2"))  # 11.5 MB
    (folder / "predictions.npz").write_bytes(bytes(MB))
    with pytest.raises(NoRoom, match=r"network take 11\.9"):
        waiting.submit(lab.tiny(3), guest("cookie 3"))
    with pytest.raises(NoRoom, match="network"):
        waiting.set_learning_rate(run, guest("cookie 4"), 0.1)  # would be another run, with files of its own
    assert waiting.submit(lab.tiny(4), guest("bob", "192.0.2.2"))
    assert waiting.submit(lab.tiny(5), Person("ada", "Ada", "student", "openid"))


def test_a_run_that_another_one_becomes_comes_from_the_same_network(waiting: RunService, lab: Any) -> None:
    run, other = waiting.submit(lab.tiny(), guest("ada")), waiting.submit(lab.tiny(1), guest("bob", "192.0.2.2"))
    with waiting.database.writing() as connection:
        run_addresses.inherit(connection, run, other)
    stored = StoredRuns(waiting.database)
    assert sorted(stored.used_from("192.0.2.1", 60.0)) == sorted([run, other])
    with waiting.database.writing() as connection:
        connection.execute(sa.update(runs).values(queued=runs.c.queued - 100.0))
    stored.watch([other])
    assert stored.used_from("192.0.2.1", 60.0) == [other], "the other one goes if its room is needed"
    assert stored.used_from("", 60.0) == []
