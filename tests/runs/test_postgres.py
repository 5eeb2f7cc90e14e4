"""A store on PostgreSQL that machines share: what it says of its faults, restarts, notices, and kills in mid-run."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT, SIGKILL
from typing import Any

import pytest
from typer.testing import CliRunner

from core.__main__ import app as command_line
from core.runs.change_listener import Notices
from core.runs.database import Database
from core.runs.recorder import ClaimLost, Recorder
from core.runs.run import StoreUnavailable
from core.runs.service import RunService
from core.runs.store import Store
from tests.runs.postgres import Cluster
from tests.runs.test_faults import APP, ROOT, grows, trainers
from tests.runs.test_store import checkpoint, enqueue, progress, started

# ---------------------------------------------------------------------- what it says


def said(home: Path, url: str) -> str:
    with pytest.raises(StoreUnavailable) as error:
        Store(Database(home, url)).counts()
    return str(error.value)


def test_each_fault_is_a_sentence_without_the_password(
    cluster: Cluster, url: str, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cluster.ask("CREATE ROLE few LOGIN PASSWORD 'secret of few' CONNECTION LIMIT 0")
    cluster.ask("CREATE ROLE reader LOGIN PASSWORD 'secret'")
    here, name = f"127.0.0.1:{cluster.port}", url.rpartition("/")[2]
    try:
        for wrong, words in {
            cluster.url(name, "secret"): "refuses the name or the password in CNNLAB_DB",
            cluster.url("nothing"): "has no database of the name",
            f"postgresql://few:secret%20of%20few@{here}/{name}": "has no connection left",
            f"postgresql://reader:secret@{here}/{name}": "may not write to its database",
            f"postgresql://lab:secret@127.0.0.1:1/{name}": "cannot be reached",
            "lab:secret at localhost": "cannot be read: it is written postgresql://NAME",
            "mysql://lab:secret@localhost/lab": "cannot be read: it is written postgresql://NAME",
        }.items():
            sentence = said(home, wrong)
            assert words in sentence, wrong
            assert "secret" not in sentence
            assert wrong not in sentence
            assert "127.0.0.1" not in sentence
    finally:
        cluster.ask("DROP ROLE few")
        cluster.ask("DROP ROLE reader")
    assert "secret" not in caplog.text


def test_a_folder_that_cannot_be_made_is_said_as_ever(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert "cannot write to its folder" in said(tmp_path / "file" / "home", url)


def test_the_variable_alone_moves_the_store(url: str, home: Path, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNLAB_DB", url)
    service = RunService(home, slots=0)
    try:
        run = service.submit(lab.tiny(), "me")
        lab.until(lambda: service.leads)
        assert run in CliRunner().invoke(command_line, ["runs"]).output
        assert not list(home.glob("*.sqlite"))
        assert service.usage().total < 10_000
    finally:
        service.stop()
    monkeypatch.delenv("CNNLAB_DB")
    assert Store(Database(home)).counts()["queued"] == 0


# ---------------------------------------------------------------------- restarts and notices


def test_a_restart_in_mid_run_loses_no_event_and_doubles_none(cluster: Cluster, url: str, home: Path, lab: Any) -> None:
    store = Store(Database(home, url))
    run = enqueue(store, lab.tiny())
    store.claim([run], "x")
    recorder = Recorder(store.database, run, "x")
    recorder.add(started())
    for how in (SIGINT, SIGKILL):
        cluster.end(how)
        recorder.add(progress(2))
        recorder.flush()
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            store.counts()
        cluster.start()
        recorder.flush()
        recorder.add(checkpoint(3))
        assert store.counts()["running"] == 1
    kinds = ["started", *["progress", "checkpoint"] * 2]
    assert [event["event"] for event in store.history(run, 0)] == kinds
    impatient = Recorder(store.database, run, "x", patience=0.2)
    cluster.end()
    try:
        time.sleep(0.3)
        with pytest.raises(ClaimLost, match="cannot be reached"):
            impatient.flush()
    finally:
        cluster.start()
    store.database.close()


def test_changes_are_heard_also_after_a_restart(cluster: Cluster, url: str, home: Path, lab: Any) -> None:
    database, woken = Database(home, url), threading.Event()
    store = Store(database)
    notices = Notices(database, woken.set)
    lab.until(lambda: notices.listening)
    woken.clear()
    run = enqueue(store, lab.tiny())
    assert woken.wait(5)

    def heard(what: Any) -> None:
        before = notices.version(run)
        what()
        lab.until(lambda: notices.version(run) != before, 5)

    woken.clear()
    heard(lambda: store.claim([run], "x"))
    heard(lambda: enqueue(store, lab.tiny(), "another"))
    heard(lambda: store.withdraw(run, "another"))
    recorder = Recorder(database, run, "x")
    heard(lambda: recorder.add(started()))
    assert not woken.is_set()  # nothing was queued
    before = notices.version(run)
    cluster.end()
    lab.until(lambda: not notices.listening)
    assert notices.version(run) is None
    cluster.start()
    lab.until(lambda: notices.listening)
    assert notices.version(run) != before  # something may have been missed
    assert woken.is_set()
    heard(recorder.flush)
    notices.close()
    database.close()


# ---------------------------------------------------------------------- app processes


@contextmanager
def machine(name: str, home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """An app with one worker that leads on a machine of this name."""
    command = [sys.executable, "-c", APP, str(home)]
    variables = os.environ | {"CNNLAB_MACHINE": name}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env=variables) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def board(url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunService]:
    """A web server that trains nothing itself."""
    monkeypatch.setenv("CNNLAB_DB", url)
    monkeypatch.setenv("CNNLAB_MACHINE", "web")
    monkeypatch.setattr("core.runs.dispatcher.LOST_SECONDS", 5.0)
    service = RunService(home, slots=0)
    yield service
    service.stop()


def test_what_was_accepted_ends_whoever_is_killed(board: RunService, cluster: Cluster, lab: Any) -> None:
    with machine("gpu", board.home) as leader:
        # So long that it is still training when its leader is killed, however fast the machine; it is ended by hand.
        long = lab.tiny(epochs=200, batch_size=1, learning_rate=0.0003)
        run, other = board.submit(long, "a"), board.submit(lab.tiny(), "b")
        lab.in_epoch(board, run, 1)
        trainers(board.home)[0].kill()
        lab.until(lambda: board.get(run).attempts == 2)
        lab.until(lambda: len(lab.steps(board, run, "started")) == 2)
        lab.in_epoch(board, run, 3)
        cluster.end(SIGKILL)
        time.sleep(2)
        cluster.start()
        epoch = board.get(run).summary["epoch"]
        lab.until(lambda: board.get(run).summary["epoch"] > epoch + 1)
        assert len(lab.steps(board, run, "started")) == 2  # the same attempt went on
        leader.kill()
        leader.wait()
        lab.until(lambda: not trainers(board.home))
    with machine("gpu", board.home):
        lab.until(lambda: len(lab.steps(board, run, "started")) == 3)
        assert lab.steps(board, run, "started")[-1] > 0
        steps = len(lab.steps(board, run))
        lab.until(lambda: len(lab.steps(board, run)) > steps)
        assert grows(lab.steps(board, run))
        board.stop_early(run, "a")
        ended = lab.ended(board, run)
        assert ended.attempts == 2
        assert lab.ended(board, ended.summary["successor"]).state == "finished"
        assert lab.ended(board, other).state == "finished"


@pytest.mark.clock
def test_machines_share_a_queue_and_one_takes_over_the_runs_of_another(board: RunService, lab: Any) -> None:
    with machine("alpha", board.home) as alpha, machine("beta", board.home):
        first, second = (board.submit(lab.lasting(seed), f"p{seed}") for seed in range(2))
        for run in (first, second):
            lab.in_epoch(board, run, 1)
        third = board.submit(lab.tiny(), "c")
        alpha.kill()
        lab.until(lambda: "queued" in {board.get(first).state, board.get(second).state})
        lost, kept = (first, second) if board.get(first).state == "queued" else (second, first)
        assert board.get(third).state == "queued"
        asked = time.monotonic()
        board.cancel(kept, f"p{[first, second].index(kept)}")
        assert lab.ended(board, kept).state == "stopped"
        assert time.monotonic() - asked < 5  # 2 on an idle machine
        lab.until(lambda: len(lab.steps(board, lost, "started")) == 2)
        assert lab.steps(board, lost, "started")[-1] > 0
        assert board.get(lost).attempts == 1
        assert len(lab.steps(board, kept, "started")) == 1
        board.cancel(lost, f"p{[first, second].index(lost)}")
        assert lab.ended(board, third).state == "finished"
