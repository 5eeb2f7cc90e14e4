"""The app's folder stays within its limit: what nobody looked at for the longest goes first, what is needed stays."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from core.__main__ import app
from core.runs import retention
from core.runs.database import Database
from core.runs.person import Person
from core.runs.retention import DEFAULT_BYTES, tidy, usage
from core.runs.run import UnknownRun
from core.runs.run_labels import RunLabels
from core.runs.run_rows import append, folder
from core.runs.service import RunService
from core.runs.store import Store
from core.runs.stored_runs import StoredRuns
from core.runs.tables import runs, watched

MB = 1_000_000
DAY = 86_400.0


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    store = Store(Database(home))
    yield store
    store.database.close()


def put(store: Store, experiment: Any, *, state: str = "finished", days: float = 30.0, size: int = 4 * MB) -> str:
    """A run in a state, last changed some days ago, with files of `size` bytes."""
    run = store.enqueue(experiment, "me", "auto", 99, 99)
    then = time.time() - days * DAY
    with store.database.writing() as connection:
        connection.execute(sa.update(runs).where(runs.c.id == run).values(state=state, queued=then, finished=then))
    files = folder(store.database.home, run)
    files.mkdir(parents=True)
    (files / "weights.safetensors").write_bytes(bytes(size))
    return run


def files(store: Store, run: str) -> bool:
    return (folder(store.database.home, run) / "weights.safetensors").exists()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNLAB_HOME_BYTES", str(12 * MB))


@pytest.mark.parametrize(
    ("text", "found"),
    [(None, DEFAULT_BYTES), ("2e10", 20_000_000_000), ("many", DEFAULT_BYTES), ("inf", DEFAULT_BYTES), ("1", 10 * MB)],
)
def test_the_limit_is_5_gb_or_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, text: str | None, found: int
) -> None:
    if text is not None:
        monkeypatch.setenv("CNNLAB_HOME_BYTES", text)
    assert retention.limit() == found


def test_within_the_limit_nothing_goes(store: Store, home: Path, lab: Any) -> None:
    run = put(store, lab.tiny())
    assert tidy(StoredRuns(store.database)) == []
    assert files(store, run)


@pytest.mark.usefixtures("small")
def test_the_files_looked_at_longest_ago_go_first_and_no_more_than_must(store: Store, home: Path, lab: Any) -> None:
    old, older, young = (put(store, lab.tiny(seed), days=days) for seed, days in enumerate((20, 30, 10)))
    assert tidy(StoredRuns(store.database)) == [older]
    assert [files(store, run) for run in (old, older, young)] == [True, False, True]
    stripped = store.run(older)
    assert stripped.state == "stopped"  # submitted again it is trained again
    assert "removed to make room" in str(stripped.reason)
    assert store.history(older, 0)[-1]["text"] == stripped.reason
    assert usage(home).total < 12 * MB
    assert store.enqueue(lab.tiny(1), "me", "auto", 99, 99) == older
    assert store.run(older).state == "queued"


@pytest.mark.usefixtures("small")
def test_room_is_made_for_the_next_run_too(store: Store, home: Path, lab: Any) -> None:
    sizes = ((0, 30, 2), (1, 20, 6), (2, 10, 5))  # 11 of 12 MB without the oldest
    oldest, older, young = (put(store, lab.tiny(seed), days=days, size=size * MB) for seed, days, size in sizes)
    assert tidy(StoredRuns(store.database)) == [oldest, older]
    assert usage(home).total < retention.TARGET_SHARE * 12 * MB
    assert files(store, young)


@pytest.mark.usefixtures("small")
def test_what_is_watched_trains_or_is_a_waiting_runs_parent_stays(store: Store, home: Path, lab: Any) -> None:
    parent = put(store, lab.tiny(0))
    put(store, lab.tiny(1, parent_run=parent), state="queued")
    running = put(store, lab.tiny(2), state="running")
    seen = put(store, lab.tiny(3))
    StoredRuns(store.database).watch([seen, "f" * 16])
    stopped = put(store, lab.tiny(4), state="stopped", days=2)
    assert tidy(StoredRuns(store.database)) == [stopped] * 2  # its checkpoint, and as that is not enough, its history
    assert all(files(store, run) for run in (parent, running, seen))
    with pytest.raises(UnknownRun):
        store.run(stopped)


@pytest.mark.usefixtures("small")
def test_what_is_pinned_on_the_board_stays(store: Store, home: Path, lab: Any) -> None:
    pinned, other = (put(store, lab.tiny(seed), days=days, size=8 * MB) for seed, days in enumerate((60, 20)))
    RunLabels(store.database).pin(pinned, True, Person("teacher", "Teacher", "instructor", "browser"))
    assert tidy(StoredRuns(store.database)) == [other]
    assert files(store, pinned)


@pytest.mark.usefixtures("small")
def test_histories_go_when_there_are_no_files_left_to_remove(store: Store, home: Path, lab: Any) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "cifar10.npy").write_bytes(bytes(11 * MB))
    runs_ = [put(store, lab.tiny(seed), days=30 - seed, size=0) for seed in range(3)]
    for run in runs_:
        with store.database.writing() as connection:
            append(connection, run, [{"event": "note", "text": "x" * 700_000}])
    gone = tidy(StoredRuns(store.database))
    assert 0 < len(gone) < 3 or gone == runs_
    assert gone == runs_[: len(gone)]
    assert [run.id for run in reversed(store.recent(9))] == runs_[len(gone) :]
    assert tidy(StoredRuns(store.database)) == []  # the room within the store's file counts


@pytest.mark.usefixtures("small")
def test_a_folder_that_no_run_knows_goes_before_any_run_unless_it_is_young(store: Store, home: Path, lab: Any) -> None:
    known = put(store, lab.tiny())
    for name, age in (("1" * 16, 2 * DAY), ("2" * 16, 0.0)):
        left = folder(home, name)
        left.mkdir(parents=True)
        (left / "weights.safetensors").write_bytes(bytes(5 * MB))
        os.utime(left, (time.time() - age,) * 2)
    assert tidy(StoredRuns(store.database)) == ["1" * 16]
    assert files(store, known)


def test_a_home_of_before_is_opened_and_gets_what_is_new(home: Path, lab: Any) -> None:
    store = Store(Database(home))
    run = put(store, lab.tiny())
    with store.database.writing() as connection:
        watched.drop(connection)
    store.database.close()
    again = Store(Database(home))
    StoredRuns(again.database).watch([run])
    assert StoredRuns(again.database).all()[0].seen > time.time() - 60


def test_the_leader_tidies_and_who_watches_keeps(home: Path, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNLAB_HOME_BYTES", str(12 * MB))
    store = Store(Database(home))
    old, seen = put(store, lab.tiny(0), size=7 * MB), put(store, lab.tiny(1), days=60, size=7 * MB)
    StoredRuns(store.database).watch([seen])
    service = RunService(home, slots=0)
    try:
        lab.until(lambda: not files(store, old))
        service.watch([seen])
        assert files(store, seen)
        assert service.usage().limit == 12 * MB
    finally:
        service.stop()


def test_the_command_line_lists_and_removes(store: Store, home: Path, lab: Any) -> None:
    done, waits = put(store, lab.tiny(0), days=3), put(store, lab.tiny(1), state="queued")
    result = CliRunner().invoke(app, ["runs"])
    assert result.exit_code == 0
    assert f"{done}  finished" in result.output
    assert "4.0 MB + " in result.output
    assert "of 5,000.0 MB (CNNLAB_HOME_BYTES), 8.0 MB of them the files of 2 runs" in result.output
    assert "is removed" in CliRunner().invoke(app, ["runs", "--remove", done]).output
    assert not folder(home, done).exists()
    for wrong, words in ((waits, "stop it first"), ("nobody", "There is no run")):
        refused = CliRunner().invoke(app, ["runs", "--remove", wrong])
        assert refused.exit_code == 1
        assert words in refused.output
    assert files(store, waits)
