"""Who gets which GPU of a machine that has several, and who says so."""

from pathlib import Path
from typing import Any

import pytest

from core.runs import hardware
from core.runs.database import Database
from core.runs.recorder import Recorder
from core.runs.service import RunService
from core.runs.store import Store
from tests.runs.fake_gpus import GPUS, RUNS_EACH, served
from tests.runs.test_store import enqueue, started


def test_each_gpu_gets_its_runs_and_only_who_sees_all_counts_them(tmp_path: Path, lab: Any) -> None:
    with served(tmp_path, lab) as service:
        machine = service.machine()
        assert machine is not None
        assert machine["gpus"] == GPUS
        runs = [service.home / service.submit(lab.tiny(seed), "me") for seed in range(GPUS * RUNS_EACH)]
        given = [lab.until(lambda run=run: run.exists() and run.read_text()) for run in runs]
        assert sorted(given) == ["0", "1", "1", "2", "2", "all"]  # who sees all uses the first
        follower = RunService(service.home)
        assert follower.slots() == GPUS * RUNS_EACH  # as the leader found it
        follower.stop()


@pytest.mark.parametrize(("device", "gpu"), [("cuda", "2"), ("cpu", "")])
def test_a_run_says_which_gpu_it_is_on(
    database: Database, lab: Any, monkeypatch: pytest.MonkeyPatch, device: str, gpu: str
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2")
    monkeypatch.setenv(hardware.NODE_VARIABLE, "")
    store = Store(database)
    run = enqueue(store, lab.tiny())
    store.claim([run], "x")
    Recorder(database, run, "x").add(started(device=device))
    assert store.run(run).summary["gpu"] == gpu
