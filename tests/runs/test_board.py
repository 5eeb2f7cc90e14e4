"""The board of all runs: what it reads, that it reads only what changed, and who may label a run."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from core.layers import builders
from core.runs.board import BoardReader
from core.runs.database import Database
from core.runs.person import Person
from core.runs.run import FINISHED, QUEUED, NotAllowed, NotNow, StoreUnavailable, UnknownRun
from core.runs.run_labels import MAX_NAME, MAX_NOTE, MAX_PINNED, Label, RunLabels
from core.runs.stored_runs import StoredRuns
from core.runs.tables import run_labels, run_owners, runs
from core.training.experiment import Experiment

ME = Person("me", "You", "student", "browser")
SOMEONE = Person("someone", "Guest", "student", "browser")
INSTRUCTOR = Person("teacher", "Teacher", "instructor", "openid")
BASE = Experiment(layers=builders.mlp((8,)), data="mnist-5k", train_images=500)


def put(database: Database, *experiments: Experiment, owner: str = "me", **changes: Any) -> list[str]:
    """Store finished runs, each submitted a second after the one before."""
    row = {"device": "auto", "state": FINISHED, "seq": 1, "created": 0.0, "started": 1.0, "finished": 2.0}
    row |= {"summary": {"test_accuracy": 0.9, "parameters": 100, "whole_seconds": 2.5, "live": {"x": [1.0]}}, **changes}
    stored = [
        {"id": one.key, "experiment": one.to_json(), "queued": float(number), **row}
        for number, one in enumerate(experiments)
    ]
    owned = [{"run": one["id"], "owner": owner, "asked": one["queued"]} for one in stored]
    with database.writing() as connection:
        connection.execute(sa.insert(runs), stored)
        connection.execute(sa.insert(run_owners), owned)
    return [one.key for one in experiments]


def test_the_board_has_settings_figures_and_people_newest_first(database: Database) -> None:
    first, second = replace(BASE, seed=1), replace(BASE, learning_rate=0.5)
    put(database, first, second)
    board = BoardReader(database).read()
    assert [run.experiment for run in board.runs] == [second, first]
    assert (board.total, board.active) == (2, False)
    found = board.runs[0]
    assert (found.owners, found.state, found.label) == (("me",), FINISHED, Label())
    assert dict(found.figures) == {"test_accuracy": 0.9, "parameters": 100, "whole_seconds": 2.5}


def test_only_the_seed_makes_no_other_recipe(database: Database) -> None:
    put(database, BASE, replace(BASE, seed=1), replace(BASE, epochs=4))
    by_experiment = {run.experiment: run.recipe for run in BoardReader(database).read().runs}
    assert by_experiment[BASE] == by_experiment[replace(BASE, seed=1)] != by_experiment[replace(BASE, epochs=4)]


def test_what_did_not_change_is_not_read_again(database: Database) -> None:
    changing, still = put(database, BASE, replace(BASE, seed=1))
    reader = BoardReader(database, min_age=0)
    before = reader.read()
    assert reader.read().version == before.version
    with database.writing() as connection:
        connection.execute(
            sa.update(runs).where(runs.c.id == changing).values(state=QUEUED, seq=2, summary={"test_accuracy": 0.95})
        )
    after = reader.read()
    assert after.version != before.version
    assert after.active
    old, new = ({run.id: run for run in board.runs} for board in (before, after))
    assert new[still] is old[still]
    assert new[changing].figures["test_accuracy"] == 0.95


def test_range_tests_and_what_cannot_be_read_are_no_results(database: Database) -> None:
    put(database, replace(BASE, schedule="range"))
    put(database, replace(BASE, seed=9), experiment='{"schema": 99, "layers": []}')
    board = BoardReader(database).read()
    assert (board.runs, board.total) == ((), 2)


def test_a_board_holds_the_latest_and_counts_the_rest(database: Database) -> None:
    ids = put(database, *(replace(BASE, seed=seed) for seed in range(7)))
    board = BoardReader(database, most=3).read()
    assert [run.id for run in board.runs] == ids[:-4:-1]
    assert board.total == 7


def test_a_store_that_cannot_be_read_shows_what_was_read_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, BASE)
    reader = BoardReader(database, min_age=0)
    before = reader.read()

    def broken() -> Any:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(database, "reading", broken)
    assert reader.read() is before
    with pytest.raises(StoreUnavailable):
        BoardReader(database).read()


def test_the_owner_and_the_instructor_name_a_run_and_nobody_else(database: Database) -> None:
    (run,) = put(database, BASE)
    labels, reader = RunLabels(database), BoardReader(database, min_age=0)
    with pytest.raises(NotAllowed):
        labels.name(run, "mine", "", SOMEONE)
    labels.name(run, " Wide\u202e\n and \x00 short ", "n" * 999, ME)
    label = reader.read().runs[0].label
    assert label.name == "Wide and short"
    assert len(label.note) == MAX_NOTE
    labels.name(run, "x" * 999, "", INSTRUCTOR)
    assert reader.read().runs[0].label == Label("x" * MAX_NAME)
    with pytest.raises(UnknownRun):
        labels.name("0" * 16, "x", "", INSTRUCTOR)


def test_only_the_instructor_pins_and_hides(database: Database) -> None:
    ids = put(database, *(replace(BASE, seed=seed) for seed in range(MAX_PINNED + 1)))
    labels = RunLabels(database)
    for change in (labels.pin, labels.hide):
        with pytest.raises(NotAllowed):
            change(ids[0], True, ME)
    for run in ids[:-1]:
        labels.pin(run, True, INSTRUCTOR)
    with pytest.raises(NotNow):
        labels.pin(ids[-1], True, INSTRUCTOR)
    labels.pin(ids[0], False, INSTRUCTOR)
    labels.pin(ids[-1], True, INSTRUCTOR)
    labels.hide(ids[1], True, INSTRUCTOR)
    found = {run.id: run.label for run in BoardReader(database).read().runs}
    assert sum(label.pinned for label in found.values()) == MAX_PINNED
    assert found[ids[1]] == Label(pinned=True, hidden=True)


def test_a_hidden_run_is_on_the_instructor_s_board_alone(database: Database) -> None:
    first, second = put(database, BASE, replace(BASE, seed=1))
    RunLabels(database).hide(first, True, INSTRUCTOR)
    board = BoardReader(database).read()
    assert [run.id for run in board.seen_by(ME).runs] == [second]
    assert board.seen_by(ME).total == 1
    assert len(board.seen_by(INSTRUCTOR).runs) == 2


def test_a_label_goes_with_its_run(database: Database) -> None:
    (run,) = put(database, BASE)
    RunLabels(database).name(run, "mine", "", ME)
    assert StoredRuns(database).delete(run)
    with database.reading() as connection:
        assert not connection.execute(sa.select(run_labels)).all()
