"""A home written by commit 4334778 opens whole, also while that version still holds its file."""

import contextlib
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.runs.database import Database
from core.runs.run import FINISHED, QUEUED, STOPPED
from core.runs.run_files import WEIGHTS, load_predictions, rows_of
from core.runs.store import Store
from core.runs.tables import FORMER_TABLES, control_requests
from core.training.experiment import Experiment

FIRST, CONTINUED = "cd3119b36be2211c", "4fe5c7dd2c7e26a9"
STEERED, SUCCESSOR, ENDED, WAITING = "05fb5872601b5a9a", "d94907d40f18aa9c", "f71456d7f9afe245", "ad205a2daf2d9f2f"
OWNERS = {FIRST: ("ada", "bob"), CONTINUED: ("ada",), STEERED: (), SUCCESSOR: (), ENDED: ("ada",), WAITING: ("ada",)}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return Path(shutil.copytree(Path(__file__).parent / "data" / "home_4334778", tmp_path / "home"))


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    store = Store(Database(home))
    yield store
    store.database.close()


@contextlib.contextmanager
def connected(home: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(home / "runs.sqlite", isolation_level=None)) as connection:
        yield connection


def tables(home: Path) -> set[str]:
    with connected(home) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_its_runs_stand_as_they_did(store: Store, home: Path) -> None:
    found = {run.id: run for run in store.recent(20)}
    assert {id: run.owners for id, run in found.items()} == OWNERS
    assert {id: run.state for id, run in found.items()} == {
        **dict.fromkeys((FIRST, CONTINUED, ENDED), FINISHED),
        **dict.fromkeys((STEERED, SUCCESSOR), STOPPED),
        WAITING: QUEUED,
    }
    first = found[FIRST]
    assert (
        first.experiment.head_lr_factor,
        first.experiment.non_matrix_lr_factor,
        first.experiment.low_res_fraction,
    ) == (2.0, 0.25, 0.5)
    assert found[CONTINUED].experiment.parent_run == FIRST
    assert found[SUCCESSOR].experiment.lr_changes[0][1] == 0.001
    assert found[ENDED].experiment.stop_step == found[ENDED].summary["step"]
    assert found[STEERED].summary["successor"] == SUCCESSOR
    probabilities, labels = load_predictions(first.folder)
    accuracy = (probabilities.argmax(axis=1) == labels).mean()
    assert accuracy == pytest.approx(first.summary["test_accuracy"], abs=0.01)
    assert [row.parameters for row in rows_of(first.folder / WEIGHTS)] == [0, 7850]


def test_a_run_keeps_its_key_over_reading_and_writing_its_experiment(home: Path) -> None:
    with connected(home) as connection:
        kept = dict(connection.execute("SELECT id, experiment FROM runs"))
    assert kept.keys() == OWNERS.keys()
    for id, text in kept.items():
        # its pictures are of an earlier edition, which a text without one stands for
        again = Experiment.from_json(text).to_json().replace('"data_edition":2,', "")
        assert again == text, id


def test_its_histories_are_read_under_the_names_of_today(store: Store, home: Path) -> None:
    with connected(home) as connection:
        looked = """SELECT seq FROM events WHERE run = ? AND json_extract(payload, '$.event') = 'looked'"""
        stored = [seq for (seq,) in connection.execute(looked, (FIRST,))]
    history = store.history(FIRST, 0)
    assert [event["seq"] for event in history if event["event"] == "snapshot"] == stored != []
    assert {event["event"] for event in history} == {
        *("started", "progress", "evaluated", "snapshot", "checkpoint", "finished")
    }
    (forked,) = [event for event in store.history(STEERED, 0) if event["event"] == "forked"]
    assert forked["run"] == SUCCESSOR


def test_what_was_requested_is_still_requested(store: Store, home: Path) -> None:
    with store.database.reading() as connection:
        assert connection.execute(control_requests.select()).all() == [(WAITING, "ada", 0.002)]
    assert tables(home).isdisjoint(FORMER_TABLES)


def test_opened_again_nothing_is_doubled(store: Store, home: Path) -> None:
    for _ in range(3):
        store.database.close()
        assert {run.id: run.owners for run in store.recent(20)} == OWNERS


def test_rows_that_the_former_version_adds_afterwards_are_taken_over(store: Store, home: Path) -> None:
    store.recent(1)
    with connected(home) as connection:  # it opens the file once more, finds no tables of its own, and makes them
        connection.execute("CREATE TABLE askers (run VARCHAR, owner VARCHAR, asked FLOAT, PRIMARY KEY (run, owner))")
        rows = [(FIRST, "ada", 1.0), (FIRST, "eve", 2e9)]  # the first is there already
        connection.executemany("INSERT INTO askers VALUES (?, ?, ?)", rows)
    store.database.close()
    assert store.run(FIRST).owners == ("ada", "bob", "eve")
    assert "askers" not in tables(home)


def test_it_waits_for_a_worker_of_the_former_version_that_is_writing(store: Store, home: Path) -> None:
    with connected(home) as worker:
        worker.execute("PRAGMA journal_mode = WAL")  # as that version opens it
        worker.execute("BEGIN IMMEDIATE")
        worker.execute("INSERT INTO askers VALUES (?, 'eve', 2e9)", (FIRST,))
        found: list[tuple[str, ...]] = []
        reader = threading.Thread(target=lambda: found.append(store.run(FIRST).owners))
        reader.start()
        reader.join(0.3)
        assert not found
        worker.execute("COMMIT")
        reader.join(10)
    assert found == [("ada", "bob", "eve")]


def test_two_processes_may_open_it_at_once(home: Path) -> None:
    found: list[dict[str, tuple[str, ...]]] = []
    stores = [Store(Database(home)) for _ in range(4)]
    openers = [
        threading.Thread(target=lambda store=store: found.append({run.id: run.owners for run in store.recent(20)}))
        for store in stores
    ]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join(30)
    assert found == [OWNERS] * len(stores)
    for store in stores:
        store.database.close()
