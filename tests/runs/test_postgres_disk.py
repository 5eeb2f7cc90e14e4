"""Full disks where the store is on PostgreSQL: the home's while the database lives, and PostgreSQL's own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.runs.run import StoreUnavailable
from tests.runs.postgres import Cluster
from tests.runs.test_faults import disk, fill, grows, served

pytestmark = pytest.mark.slow
EVERY = 125  # steps between two events of `lab.lasting`, which on a slow machine has more


def test_a_full_home_costs_checkpoints_but_no_run(
    url: str, tmp_path: Path, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNNLAB_DB", url)
    with disk(tmp_path / "home", 3) as home, served(home) as service:
        run = service.submit(lab.lasting(), "me")
        lab.in_epoch(service, run, 1)
        filler = home / "filler"
        fill(filler)
        assert "is full" in lab.until(lambda: service.trouble)
        (note,) = lab.until(lambda: [event["text"] for event in service.history(run) if event["event"] == "note"])
        assert "goes on without checkpoints" in note
        waiting = service.submit(lab.tiny(), "you")  # the queue is not in the folder
        epoch = service.get(run).summary["epoch"]
        lab.until(lambda: service.get(run).summary["epoch"] > epoch + 1)
        filler.unlink()
        service.cancel(run, "me")
        stopped = lab.ended(service, run)
        assert (stopped.state, stopped.attempts) == ("stopped", 1)
        assert lab.steps(service, run, "checkpoint")[-1] >= lab.steps(service, run)[-1]
        assert (stopped.folder / "checkpoint.safetensors").exists()
        assert lab.ended(service, waiting).state == "finished"
        lab.until(lambda: service.trouble is None)


@pytest.fixture
def small(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small disk that holds the store's database and nothing else of PostgreSQL's."""
    folder = Path(tempfile.mkdtemp(prefix="cnnlab-small-"))
    try:
        with disk(folder, 24):
            if cluster._as:
                os.chown(folder, cluster._as["user"], cluster._as["group"])
            cluster.ask(f"CREATE TABLESPACE small LOCATION '{folder}'")
            cluster.ask("CREATE DATABASE small TABLESPACE small")
            monkeypatch.setenv("CNNLAB_DB", cluster.url("small"))
            yield folder
            cluster.ask("DROP DATABASE small WITH (FORCE)")
            cluster.ask("DROP TABLESPACE small")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_full_disk_of_postgresql_is_said_and_loses_no_run_and_no_event(small: Path, tmp_path: Path, lab: Any) -> None:
    with served(tmp_path) as service:
        run = service.submit(lab.lasting(), "me")
        lab.in_epoch(service, run, 1)
        filler = small / "filler"
        fill(filler)
        assert "disk of PostgreSQL" in lab.until(lambda: service.trouble)

        def submit_many() -> None:
            for seed in range(200):  # there may be some room left within the tables' own files
                fill(filler)
                service.submit(lab.tiny(seed), f"person {seed}")

        with pytest.raises(StoreUnavailable, match="disk of PostgreSQL"):
            submit_many()
        before = lab.steps(service, run)[-1]
        filler.unlink()
        lab.until(lambda: service.trouble is None and lab.steps(service, run)[-1] > before + 250)
        steps = lab.steps(service, run)
        assert grows(steps)
        assert set(range(EVERY, steps[-1], EVERY)) <= set(steps)  # none is missing
        assert service.get(run).attempts == len(lab.steps(service, run, "started")) == 1
        service.cancel(run, "me")
        assert lab.ended(service, run).state == "stopped"
