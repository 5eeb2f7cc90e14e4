"""Real processes and real kills: what must survive does."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.layers.specs import Flatten, Linear
from core.runs.database import Database
from core.runs.engines import Engine
from core.runs.run import StoreUnavailable
from core.runs.service import RunService
from core.runs.store import Store
from core.runs.worker import NICENESS
from core.training.experiment import Experiment
from core.training.loop import train

ROOT = Path(__file__).parents[2]

# An app process: it owns the service of the home in argv[1], and trains nothing that is not in the store.
APP = "import sys, time; from pathlib import Path; from core.runs.service import RunService; " + (
    "service = RunService(Path(sys.argv[1]), slots=1); exec('while not service.leads: time.sleep(0.01)'); "
    "print('up', flush=True); time.sleep(600)"
)


def trainers(home: Path) -> list[psutil.Process]:
    """The worker processes of this home that are alive."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = process.info["cmdline"] or []
        if "core.runs.worker" in line and str(home) in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


@contextmanager
def served(home: Path, **settings: Any) -> Iterator[RunService]:
    service = RunService(home, **{"slots": 1} | settings)
    try:
        yield service
    finally:
        service.stop()
        assert not trainers(home)


@contextmanager
def app(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-c", APP, str(home)], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        yield process
    finally:
        process.kill()
        process.wait()


class Watcher:
    """Asks and looks as a service does, and never leads."""

    def __init__(self, home: Path) -> None:
        self._store = Store(Database(home))
        self.get = self._store.run

    def submit(self, experiment: Experiment, owner: str) -> str:
        return self._store.enqueue(experiment, owner, "auto", per_person=20, in_all=200)

    def history(self, run: str) -> list[dict[str, Any]]:
        return self._store.history(run, 0)


def grows(steps: list[int]) -> bool:
    return all(a < b for a, b in pairwise(steps))


def gives_way(worker: psutil.Process) -> bool:
    """Whether it is nice, and its group of processes too where Linux shares the cores out among groups."""
    group = Path(f"/proc/{worker.pid}/autogroup")
    return worker.nice() >= NICENESS and (not group.exists() or int(group.read_text().split()[-1]) > 0)


def test_a_worker_gives_way_to_the_page_and_its_browser(service: RunService, lab: Any) -> None:
    assert lab.ended(service, service.submit(lab.tiny(), "me")).state == "finished"  # so one of them at least is up
    workers = trainers(service.home)
    assert workers
    lab.until(lambda: all(gives_way(worker) for worker in workers))


def test_a_worker_that_hangs_or_is_killed_is_survived_twice_and_the_third_time_the_run_fails(
    tmp_path: Path, lab: Any
) -> None:
    with served(tmp_path, patience=3.0) as service:
        run = service.submit(lab.lasting(), "me")
        ends = [(signal.SIGSTOP, "for 3 seconds"), (signal.SIGKILL, "was killed (signal 9)")]
        for deaths, (end, words) in enumerate(ends, 1):
            lab.in_epoch(service, run, deaths)
            (worker,) = trainers(tmp_path)
            worker.send_signal(end)
            lab.until(lambda deaths=deaths: service.get(run).attempts == deaths + 1)
            assert words in str(service.get(run).reason)
            lab.until(lambda deaths=deaths: len(lab.steps(service, run, "started")) == deaths + 1)
            assert worker not in trainers(tmp_path)
            resumed = lab.steps(service, run, "started")[-1]
            assert resumed > 0
            assert resumed % 250 == 0  # the end of an epoch
            lab.until(lambda resumed=resumed: lab.steps(service, run)[-1] > resumed)
            assert grows(lab.steps(service, run))
        trainers(tmp_path)[0].kill()
        ended = lab.ended(service, run)
        assert ended.state == "failed"
        assert "was killed (signal 9)" in str(ended.reason)
        assert "3 times" in str(ended.reason)
        assert lab.ended(service, service.submit(lab.tiny(), "me")).state == "finished"


def test_a_run_longer_than_every_time_out_is_left_in_peace(
    tmp_path: Path, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of silence, of beginning, of a lost dispatcher, of a waiting writer: none counts from the start of the run."""
    for name in ("worker_pool.BEGIN_SECONDS", "dispatcher.LOST_SECONDS", "database.BUSY_SECONDS"):
        monkeypatch.setattr(f"core.runs.{name}", 2.0)
    with served(tmp_path, patience=2.0) as service:
        run = service.submit(lab.lasting(), "me")
        lab.until(lambda: (service.get(run).summary.get("whole_seconds") or 0.0) > 6)
        found = service.get(run)
        assert (found.state, found.attempts, found.reason) == ("running", 1, None)
        assert lab.steps(service, run, "started") == [0]


def test_a_killed_app_leaves_no_orphan_and_its_runs_go_on_at_the_next_start(tmp_path: Path, lab: Any) -> None:
    watcher = Watcher(tmp_path)
    with app(tmp_path) as process:
        run, waiting = watcher.submit(lab.lasting(), "me"), watcher.submit(lab.lasting(seed=1), "me")
        lab.in_epoch(watcher, run, 1)
        assert watcher.get(waiting).state == "queued"
        assert len(trainers(tmp_path)) == 1
        process.kill()
        lab.until(lambda: not trainers(tmp_path))
        assert watcher.get(run).state == "running"  # as the app left it
    with served(tmp_path) as service:
        lab.until(lambda: len(lab.steps(service, run, "started")) == 2)
        assert lab.steps(service, run, "started")[-1] > 0
        assert service.get(run).attempts == 1
        assert service.get(waiting).state == "queued"
        lab.until(lambda: service.get(run).state == "running")
        assert grows(lab.steps(service, run))
        service.cancel(run, "me")
        lab.until(lambda: service.get(waiting).state == "running")


def test_a_worker_that_was_left_behind_is_ended_by_the_next_leader(tmp_path: Path, lab: Any) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(600)", "core.runs.worker"]
    with subprocess.Popen(sleep) as left, subprocess.Popen(sleep) as later:
        try:
            store = Store(Database(tmp_path))
            store.register_worker(left.pid, psutil.Process(left.pid).create_time())
            store.register_worker(later.pid, psutil.Process(later.pid).create_time() - 3600)  # the same id, given anew
            with served(tmp_path, slots=0) as service:
                lab.until(lambda: service.leads and left.poll() is not None)
                assert store.registered_workers() == {}
            assert later.poll() is None
        finally:
            left.kill()
            later.kill()


def test_of_two_apps_on_one_home_one_leads_and_the_other_takes_over(tmp_path: Path, lab: Any) -> None:
    experiment = lab.lasting(epochs=4)
    with app(tmp_path) as leader, served(tmp_path) as follower:
        run = follower.submit(experiment, "me")
        lab.in_epoch(follower, run, 1)
        assert not follower.leads
        (worker,) = trainers(tmp_path)
        assert worker.ppid() == leader.pid
        leader.kill()
        lab.until(lambda: follower.leads)
        ended = lab.ended(follower, run)
        assert [process.ppid() for process in trainers(tmp_path)] == [os.getpid()]
        assert (ended.state, ended.attempts) == ("finished", 1)
        assert lab.steps(follower, run, "started")[-1] > 0
        assert grows(lab.steps(follower, run, "evaluated"))
    *_, alone = train(experiment, threads=1)
    assert ended.summary["test_loss"] == pytest.approx(alone.to_dict()["test_loss"], rel=1e-4)  # as if left in peace


def test_an_app_that_ends_in_order_lets_its_runs_go_on_where_they_were(tmp_path: Path, lab: Any) -> None:
    watcher = Watcher(tmp_path)
    run = watcher.submit(lab.lasting(), "me")
    code = APP.replace("time.sleep(600)", "sys.stdin.readline()")  # and it stops the service as it exits
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        lab.until(lambda: lab.steps(watcher, run))
        process.communicate(b"\n", timeout=30)
    assert process.returncode == 0
    assert not trainers(tmp_path)
    assert (watcher.get(run).state, watcher.get(run).attempts) == ("queued", 1)
    assert lab.steps(watcher, run, "checkpoint")[-1] >= lab.steps(watcher, run)[-1]


# ---------------------------------------------------------------------- disks that are full or may not be written


@contextmanager
def disk(folder: Path, megabytes: float) -> Iterator[Path]:
    """A small disk mounted at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={int(megabytes * 1024)}k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount the small disk that this test fills")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(path: Path) -> None:
    """Let `path` grow until its disk is full."""
    with suppress(OSError), path.open("ab", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


def test_a_run_goes_on_without_checkpoints_where_there_is_no_room_for_them(service: RunService, lab: Any) -> None:
    wide = lab.tiny(layers=(Flatten(), Linear(100), Linear(10)))  # 0.3 MB of weights, three times that to go on from
    with disk(service.home / "runs" / wide.key, 0.1):
        run = service.submit(wide, "me")
        ended = lab.ended(service, run)
        notes = [event["text"] for event in service.history(run) if event["event"] == "note"]
        assert len(notes) == 1
        assert "is full" in notes[0]
        assert lab.steps(service, run)[-1] == 20  # trained to the end
        assert ended.state == "failed"  # but the network could not be kept
        assert "is full" in str(ended.reason)
        assert not list(ended.folder.iterdir())


def test_a_full_disk_is_said_and_the_service_goes_on_when_there_is_room(tmp_path: Path, lab: Any) -> None:
    with disk(tmp_path / "home", 3) as home, served(home) as service:
        run = service.submit(lab.lasting(), "me")
        lab.in_epoch(service, run, 1)
        filler = home / "filler"

        def submit_many() -> None:
            for seed in range(300):  # there may be some room left within the store's own files
                fill(filler)
                service.submit(lab.tiny(seed, epochs=200), f"person {seed}")

        with pytest.raises(StoreUnavailable, match="is full"):
            submit_many()
        assert service.get(run).experiment == lab.lasting()  # what can be read still is
        filler.unlink()
        for waiting in service.recent(300):
            for owner in waiting.owners:
                service.cancel(waiting.id, owner)
        last = service.submit(lab.tiny(1000), "me")
        assert lab.ended(service, last).state == "finished"
        lab.until(lambda: service.trouble is None)


def test_a_home_that_may_not_be_written_is_said_and_used_once_it_may(tmp_path: Path, lab: Any) -> None:
    with disk(tmp_path / "home", 20) as home:
        subprocess.run(["mount", "-o", "remount,ro", home], check=True)
        with served(home, slots=0) as service:
            for ask in (lambda: service.submit(lab.tiny(), "me"), lambda: service.get("0" * 16), service.counts):
                with pytest.raises(StoreUnavailable, match=r"cannot write to its folder .*CNNLAB_HOME"):
                    ask()
            assert "cannot write to its folder" in lab.until(lambda: service.trouble)
            assert not service.leads
            subprocess.run(["mount", "-o", "remount,rw", home], check=True)
            lab.until(lambda: service.leads and service.trouble is None)
            assert service.get(service.submit(lab.tiny(), "me")).place == 1


def test_a_home_inside_of_a_file_is_said(tmp_path: Path, lab: Any) -> None:
    (tmp_path / "file").write_text("not a folder")
    with served(tmp_path / "file" / "home") as service:
        with pytest.raises(StoreUnavailable, match="cannot write to its folder"):
            service.submit(lab.tiny(), "me")
        assert service.machine() is None


def test_a_worker_that_cannot_start_is_said(tmp_path: Path, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.runs.engines.LOCAL", Engine("core.runs.no_such_module"))
    with served(tmp_path) as service:
        service.submit(lab.tiny(), "me")
        assert "worker-0.log" in lab.until(lambda: service.trouble)
        assert "no_such_module" in (tmp_path / "logs" / "worker-0.log").read_text()
