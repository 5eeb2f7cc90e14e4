"""Under which class and in which lesson a run was asked for, as the board tells it."""

from typing import Any

import pytest
import sqlalchemy as sa
from filelock import FileLock

from core.runs.board import BoardReader
from core.runs.database import Database
from core.runs.person import Person
from core.runs.run_lessons import MAX_NAME, NOWHERE, Asked, RunClasses, inherit
from core.runs.service import RunService
from core.runs.stored_runs import StoredRuns
from core.runs.tables import run_classes
from tests.runs.test_board import BASE, put


def test_a_run_is_of_every_class_and_lesson_that_asked_for_it(database: Database) -> None:
    run, other = put(database, BASE, BASE.__class__(layers=BASE.layers, data=BASE.data, seed=7))
    classes, reader = RunClasses(database), BoardReader(database, min_age=0)
    found = reader.read()
    for class_name, lesson in (("8b", "kernels"), ("8a", ""), ("8b", "kernels"), ("", "layers"), ("", "")):
        classes.note(run, class_name, lesson)
    asked = {one.id: one.asked for one in reader.read().runs}
    assert {name: set(getattr(asked[run], name)) for name in ("classes", "lessons")} == {
        "classes": {"8a", "8b"},
        "lessons": {"kernels", "layers"},
    }
    assert asked[other] == NOWHERE
    assert next(one for one in found.runs if one.id == other) in reader.read().runs, "it was not read again"
    classes.note("0" * 16, "8a", "")  # deleted since: nothing is left of it
    classes.note(other, "x" * 99, "y" * 99)
    assert {one.id: one.asked for one in reader.read().runs}[other] == Asked(("x" * MAX_NAME,), ("y" * MAX_NAME,))


def test_what_a_run_becomes_is_of_its_classes_and_a_deleted_one_leaves_nothing(database: Database) -> None:
    run, successor = put(database, BASE, BASE.__class__(layers=BASE.layers, data=BASE.data, seed=7))
    RunClasses(database).note(run, "8b", "kernels")
    with database.writing() as connection:
        inherit(connection, run, successor)
        inherit(connection, run, successor)
    board = BoardReader(database).read()
    assert [one.asked for one in board.runs] == [Asked(("8b",), ("kernels",))] * 2
    for one in (run, successor):
        assert StoredRuns(database).delete(one)
    with database.reading() as connection:
        assert not connection.execute(sa.select(run_classes)).all()


@pytest.mark.parametrize("class_name", ["8b", ""])
def test_who_submits_says_where(database: Database, lab: Any, class_name: str) -> None:
    ada = Person("ada", "Ada", "student", "class code", "", class_name)
    with FileLock(database.home / "leader.lock"):  # nothing is trained
        service = RunService(database.home)
        run = service.submit(lab.tiny(), ada, lesson="kernels")
        service.submit(lab.tiny(), "somebody by id")
        (found,) = service.board(ada).runs
        service.stop()
    assert (found.id, found.owners) == (run, ("ada", "somebody by id"))
    assert found.asked == Asked(tuple(filter(None, [class_name])), ("kernels",))
