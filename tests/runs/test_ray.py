"""Workers that a real Ray cluster places: the same runs, and a cluster that goes down in the middle of one."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.runs import engines, hardware
from core.runs.service import RunService
from core.runs.worker_death import PLACE_LOST
from tests.deploy.conftest import free_port
from tests.runs.test_faults import trainers

ADDRESS = "127.0.0.1"
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}


class Cluster:
    """A head node of its own, on loopback, that can be killed and started again."""

    def __init__(self, folder: str, port: int) -> None:
        self.address, self._folder, self._port = f"{ADDRESS}:{port}", folder, port
        self.client = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", f"--port={self._port}"]
        command += [f"--node-ip-address={ADDRESS}", "--num-cpus=1", "--include-dashboard=false", "--num-gpus=0"]
        command += ["--disable-usage-stats", f"--temp-dir={self._folder}", "--object-store-memory=80000000"]
        command += [f"--ray-client-server-port={self.client}"]
        with Path(self._folder, "start.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def processes(self) -> list[psutil.Process]:
        if self._process is None:
            return []
        with suppress(psutil.Error):
            me = psutil.Process(self._process.pid)
            return [me, *me.children(recursive=True)]
        return []

    def kill_raylet(self) -> None:
        """End the process that owns the node, as a machine's end does."""
        (raylet,) = [one for one in self.processes() if one.name() == "raylet"]
        raylet.kill()

    def kill(self) -> None:
        found = self.processes()
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(found, 10)
        if self._process:
            self._process.wait()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A Ray cluster; without Ray a skip, and a failure where CI=true."""
    if importlib.util.find_spec("ray") is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" and sys.platform == "linux" else pytest.skip
        refuse("needs Ray: pip install .[host]")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in TOKEN.items():
            patch.setenv(name, value)
        folder = tempfile.mkdtemp(prefix="ray")  # the path of a socket is short
        cluster = Cluster(folder, free_port())
        patch.setenv("RAY_ADDRESS", cluster.address)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.kill()
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def served(home: Path) -> Iterator[RunService]:
    service = RunService(home, patience=30.0)
    try:
        yield service
    finally:
        service.stop()


@pytest.mark.slow
def test_a_run_is_placed_and_outlives_the_cluster(cluster: Cluster, tmp_path: Path, lab: Any) -> None:
    with served(tmp_path) as service:
        assert lab.ended(service, service.submit(lab.tiny(), "me")).state == "finished"
        (worker,) = trainers(tmp_path)
        assert worker.ppid() in {process.pid for process in cluster.processes()}  # not this process's own
        machine = service.machine()
        assert machine is not None
        assert machine["slots"] == 1
        run = service.submit(lab.lasting(), "me")
        lab.in_epoch(service, run, 1)
        cluster.kill_raylet()
        lab.until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
        lab.until(lambda: service.get(run).state == "queued")
        assert str(service.get(run).reason).startswith(PLACE_LOST)
        cluster.kill()
        cluster.start()
        lab.until(lambda: len(lab.steps(service, run, "started")) == 2)
        assert lab.steps(service, run, "started")[-1] > 0  # from its checkpoint
        service.cancel(run, "me")
        assert lab.ended(service, run).state == "stopped"
    lab.until(lambda: not trainers(tmp_path))


def test_the_engine_is_named_or_follows_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CNNLAB_ENGINE", "RAY_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    assert engines.chosen() is engines.LOCAL
    monkeypatch.setenv("RAY_ADDRESS", "ray://ray:10001")
    assert engines.chosen() is engines.RAY
    monkeypatch.setenv("CNNLAB_ENGINE", "local")
    assert engines.chosen() is engines.LOCAL
    monkeypatch.setenv("CNNLAB_ENGINE", "slurm")
    assert engines.chosen() is engines.SLURM
    monkeypatch.setenv("CNNLAB_ENGINE", "celery")
    with pytest.raises(ValueError, match="local, ray or slurm"):
        engines.chosen()


@pytest.mark.parametrize(
    ("text", "runs"), [("", 1), ("0.25", 4), ("0.3", 3), ("0.1", 10), ("0", 1), ("2", 1), ("x", 1)]
)
def test_runs_share_a_gpu(monkeypatch: pytest.MonkeyPatch, text: str, runs: int) -> None:
    monkeypatch.setenv(hardware.PART_VARIABLE, text)
    assert hardware.runs_per_gpu() == runs
    assert hardware.slots(["cuda", "cpu"], 2) == 2 * runs
    assert hardware.slots(["mps", "cpu"], 0) == 1


def test_ray_is_asked_for_a_part_of_a_gpu_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray", reason="needs Ray: pip install .[host]")
    from core.runs import ray_worker

    monkeypatch.setenv(hardware.PART_VARIABLE, "0.25")
    nodes = {"CPU": 64.0, "GPU": 2.0}
    assert ray_worker.needed(nodes, 4) == {"num_gpus": 0.25}
    assert ray_worker.slots(nodes, 4) == 8
    assert ray_worker.needed({"CPU": 64.0}, 4) == {"num_cpus": 4}
    assert ray_worker.slots({"CPU": 64.0}, 4) == 16
