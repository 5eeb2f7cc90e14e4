"""The store's file is looked at again: moved away, deleted with its home, damaged, or on a full disk."""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import torch
from safetensors.torch import load_file, safe_open, save_file
from torch import Tensor

from core.runs.database import Database
from core.runs.engines import Engine
from core.runs.run import LOST_REASON, StoreUnavailable
from core.runs.service import RunService
from core.runs.store import Store
from core.runs.tables import runs
from core.training import checkpoints
from core.training.checkpoints import CheckpointError
from core.training.events import Checkpoint
from core.training.loop import train
from tests.runs.test_board import put


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def service(home: Path) -> Iterator[RunService]:
    service = RunService(home, slots=0)
    yield service
    service.stop()


def ids(service: RunService) -> list[str]:
    return [run.id for run in service.recent()]


def test_a_store_moved_away_while_it_is_used_is_replaced_by_a_new_one(service: RunService, lab: Any) -> None:
    old = service.submit(lab.tiny(), "me")
    (service.home / "runs.sqlite").rename(service.home / "old.sqlite")
    new = service.submit(lab.tiny(seed=1), "me")
    assert ids(service) == [new]
    (service.home / "runs.sqlite").unlink()
    (service.home / "old.sqlite").rename(service.home / "runs.sqlite")
    assert ids(service) == [old]


def test_a_home_deleted_while_it_is_used_is_made_anew_and_led(service: RunService, lab: Any) -> None:
    service.submit(lab.tiny(), "me")
    lab.until(lambda: service.leads)
    shutil.rmtree(service.home)
    assert ids(service) == []
    new = service.submit(lab.tiny(seed=1), "me")
    lab.until(lambda: service.leads and (service.home / "leader.lock").exists())
    assert ids(service) == [new]
    other = RunService(service.home, slots=0)
    try:
        time.sleep(1)
        assert service.leads != other.leads
    finally:
        other.stop()


def test_a_finished_run_whose_weights_are_lost_is_trained_again(service: RunService, lab: Any) -> None:
    """PostgreSQL is on another disk than the app's folder, which may be lost alone, or only not be mounted."""
    run = put(service.database, lab.tiny())[0]
    weights = service.get(run).folder / "weights.safetensors"
    assert (service.get(run).state, service.get(run).reason, service.get(run).lost) == ("stopped", LOST_REASON, True)
    weights.parent.mkdir(parents=True)
    weights.touch()
    assert (service.get(run).state, service.submit(lab.tiny(), "me")) == ("finished", run)
    assert service.get(run).state == "finished", "nobody trains it again while it is there"
    with service.database.writing() as connection:
        connection.execute(sa.update(runs).values(finished=time.time()))
    weights.unlink()
    assert service.get(run).state == "finished", "another machine's files are seen a little later than its store"
    with service.database.writing() as connection:
        connection.execute(sa.update(runs).values(finished=2.0))
    assert (service.submit(lab.tiny(), "me"), service.get(run).state) == (run, "queued")


@pytest.mark.parametrize("noise", [b"no database" * 1000, b"SQLite format 3\x00" + b"\xff" * 9000])
def test_a_damaged_store_is_named_and_moving_it_away_helps_at_once(service: RunService, lab: Any, noise: bytes) -> None:
    service.submit(lab.tiny(), "me")
    lab.until(lambda: service.leads)
    (service.home / "noise").write_bytes(noise)
    (service.home / "noise").replace(service.home / "runs.sqlite")

    def said() -> str:
        try:
            service.submit(lab.tiny(seed=1), "me")
        except StoreUnavailable as error:
            return str(error)
        return ""

    assert "is damaged" in lab.until(said, 10)
    (service.home / "runs.sqlite").rename(service.home / "damaged")
    new = service.submit(lab.tiny(seed=2), "me")
    assert ids(service) == [new]
    lab.until(lambda: service.trouble is None and service.leads)


@pytest.mark.clock
def test_a_full_disk_is_named_within_a_second(service: RunService, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.until(lambda: service.leads)
    assert service.trouble is None
    usage = shutil.disk_usage(service.home)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    began = time.monotonic()
    assert "is full" in lab.until(lambda: service.trouble)
    assert time.monotonic() - began < 1.5
    monkeypatch.undo()
    lab.until(lambda: service.trouble is None)


def test_a_run_whose_store_failed_loses_no_life(tmp_path: Path, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("core.runs.engines.LOCAL", Engine("failing_worker"))
    (tmp_path / "failing_worker.py").write_text(
        "import os\nfrom pathlib import Path\nfrom core.runs import worker\nfrom core.runs.recorder import ClaimLost\n"
        f"real, once = worker.execute, Path({str(tmp_path / 'once')!r})\n"
        "def execute(*a):\n    if once.exists():\n        return real(*a)\n    once.touch()\n"
        "    raise ClaimLost('The disk of the app is full.')\n"
        "worker.execute = execute\ntry:\n    worker.main()\nexcept BaseException:\n    os._exit(1)\n"
    )
    service = RunService(tmp_path / "home", slots=1)
    try:
        ended = lab.ended(service, service.submit(lab.tiny(), "me"))
        assert (ended.state, ended.attempts) == ("finished", 1)
        assert (tmp_path / "once").exists()
    finally:
        service.stop()


def test_an_emptied_file_is_used_anew(home: Path, lab: Any) -> None:
    store = Store(Database(home))
    store.enqueue(lab.tiny(), "me", "auto", 9, 9)
    with closing(sqlite3.connect(home / "runs.sqlite")) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (home / "runs.sqlite").write_bytes(b"")
    with pytest.raises(StoreUnavailable, match="is damaged: move it away"):
        store.counts()
    store.enqueue(lab.tiny(), "me", "auto", 9, 9)
    assert store.counts()["queued"] == 1
    store.database.close()


def test_another_programs_file_is_to_be_moved_away(home: Path) -> None:
    home.mkdir()
    with closing(sqlite3.connect(home / "runs.sqlite")) as other:
        other.execute("CREATE TABLE runs (one INTEGER)")
    with pytest.raises(StoreUnavailable, match="is damaged: move it away"):
        Store(Database(home)).counts()


def test_the_store_can_be_tried_without_a_trace(home: Path) -> None:
    store = Store(Database(home))
    store.check_writable()
    assert store.registered_workers() == {}


@pytest.fixture(scope="module")
def taken(lab: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of the tiny run after its first epoch."""
    path = tmp_path_factory.mktemp("checkpoints") / "checkpoint.safetensors"
    checkpoints.save(path, next(event for event in train(lab.tiny(), threads=1) if isinstance(event, Checkpoint)))
    return path


BROKEN: dict[str, Any] = {
    "a text as the step": {"step": "ten"},
    "a step below 0": {"step": -1},
    "no epoch": {"epoch": None},
    "a list as the state": {"state": [1, 2]},
    "a text as seconds": {"state": {"train_seconds": "long"}},
    "seconds without end": {"state": {"evaluate_seconds": float("inf")}},
    "more seconds than a number can hold": {"state": {"save_seconds": 10**400}},
    "a step past the end": {"step": 10**9},
    "a number as the experiment": {"state": {"experiment": 3}},
    "a list as the scaler": {"state": {"scaler": [1]}},
    "a scaler of something else": {"state": {"scaler": {"scale": "much"}}},
}

ODD: dict[str, Callable[[dict[str, Tensor]], Any]] = {
    "a tensor nobody knows": lambda held: held.update({"nobody.knows": torch.ones(3)}),
    "a state of no parameter": lambda held: held.update({"optimizer.many.exp_avg": torch.ones(3)}),
    "an odd shape": lambda held: held.update({"optimizer.0.exp_avg": held["optimizer.0.exp_avg"][:3].clone()}),
    "one number for many": lambda held: held.update({"optimizer.1.exp_avg": torch.ones(())}),
    "many numbers for one": lambda held: held.update({"optimizer.1.step": torch.ones(3)}),
    "whole numbers as weights": lambda held: held.update({"model.1.weight": held["model.1.weight"].long()}),
    "flags in the optimizer": lambda held: held.update({"optimizer.2.step": torch.ones((), dtype=torch.bool)}),
    "a part of the optimizer": lambda held: held.pop("optimizer.3.exp_avg_sq"),
    "one more part of the optimizer": lambda held: held.update({"optimizer.0.more": torch.ones(())}),
    "no state of one parameter": lambda held: [held.pop(name) for name in [*held] if name.startswith("optimizer.1.")],
    "no state at all": lambda held: [held.pop(name) for name in [*held] if name.startswith("optimizer.")],
}


@pytest.mark.parametrize("name", [*BROKEN, *ODD])
def test_a_checkpoint_with_a_wrong_type_is_a_broken_file(taken: Path, tmp_path: Path, lab: Any, name: str) -> None:
    tensors = load_file(taken)
    with safe_open(taken, framework="pt") as file:
        about = json.loads(file.metadata()["checkpoint"])
    changes = BROKEN.get(name, {})
    state = changes.get("state", {})
    about |= changes | {"state": about["state"] | state if isinstance(state, dict) else state}
    if name in ODD:
        ODD[name](tensors)
    path = tmp_path / "checkpoint.safetensors"
    save_file(tensors, path, {"checkpoint": json.dumps(about)})
    if name == "a scaler of something else":
        return  # a scaler that is switched off, as here, takes nothing from it
    with pytest.raises(CheckpointError):
        next(train(lab.tiny(), resume=path, threads=1))
